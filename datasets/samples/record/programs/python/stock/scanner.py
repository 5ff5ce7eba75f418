"""stock.scanner: records of hand scanners, in a fixed binary form."""

import logging
import struct

from record.cases import Cases

log = logging.getLogger("stock.scanner")
CASES = Cases()


def receive(scanner, frame):
    try:
        return struct.unpack(">HIIQ", frame)
    except struct.error:
        log.exception("scanner %d: frame of %d bytes dropped", scanner, len(frame))


def locate(scanner, shelves, code):
    try:
        return shelves.index(code)
    except ValueError:
        log.exception("scanner %d knows %d shelves", scanner, len(shelves))


@CASES.add("scanner-frame-incomplete", 20, "unpack requires a buffer")
def frame_incomplete(v):
    receive(v.number(1, 60), bytes.fromhex(v.hex(2 * v.number(1, 17))))


@CASES.add("scanner-shelf-unknown", 30, "is not in list")
def shelf_unknown(v):
    shelves = [f"{v.pick('ABCDEF')}-{number}" for number in range(10, 10 + v.number(1, 30))]
    locate(v.number(1, 60), shelves, f"{v.pick('ABCDEF')}-{v.number(50, 99)}")
