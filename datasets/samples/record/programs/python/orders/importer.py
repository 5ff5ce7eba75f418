"""orders.importer: reads the files that suppliers and marketplaces send."""

import csv
import io
import logging
import xml.etree.ElementTree as ElementTree
from datetime import datetime

from record.cases import Cases

log = logging.getLogger("orders.importer")
CASES = Cases()
WAREHOUSE_CODES = {"central": 1, "south": 2}


def parse_day(text):
    return datetime.strptime(text, "%Y-%m-%d").date()


def read_rows(file, columns):
    return [[row[column] for column in columns] for row in csv.DictReader(file)]


def import_line(name, number, day):
    try:
        return parse_day(day)
    except ValueError:
        log.exception("%s line %d: no delivery day", name, number)


def import_file(name, text, columns):
    try:
        return read_rows(io.StringIO(text), columns)
    except KeyError:
        log.exception("%s: cannot import %d bytes", name, len(text))


def route(order, warehouse):
    try:
        return WAREHOUSE_CODES[warehouse]
    except KeyError:
        log.exception("order %s: cannot route", order)


def import_marketplace_order(number, text):
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError:
        log.exception("marketplace order %s rejected", number)


def xml_lines(v):
    return "".join(f"<sku>{v.sku()}</sku>\n" for _ in range(v.number(0, 30)))


@CASES.add("import-day-in-other-notation", 120, "does not match format")
def day_in_other_notation(v):
    day = v.pick([f"{v.number(1, 28):02d}.{v.number(1, 12):02d}.2026",
                  f"{v.number(1, 12)}/{v.number(1, 28)}/26", f"{v.number(1, 28)} March", "soon"])
    import_line(f"{v.word()}.csv", v.number(2, 900), day)


@CASES.add("import-column-missing", 44, "KeyError: ")
def column_missing(v):
    """The supplier renamed a column; which one differs from supplier to supplier."""
    column = v.pick(["sku", "unit price", "quantity", "ship to", "EAN", "net weight"])
    rows = "".join(f"{v.product()},{v.number(1, 99)}\n" for _ in range(v.number(1, 20)))
    import_file(f"{v.word()}.csv", f"name,{v.snake()}\n{rows}", ["name", column])


@CASES.add("import-warehouse-unknown", 40, "KeyError: ")
def warehouse_unknown(v):
    """A warehouse was opened and nobody gave it a code."""
    route(v.order(), v.warehouse())


@CASES.add("import-xml-tag-not-closed", 26, "mismatched tag")
def tag_not_closed(v):
    import_marketplace_order(v.hex(8), f"<order>\n{xml_lines(v)}<{v.word()}>1</order>")


@CASES.add("import-xml-ampersand", 22, "not well-formed (invalid token)")
def ampersand(v):
    text = f"<order>\n{xml_lines(v)}<to>{v.word()} & {v.word()}</to></order>"
    import_marketplace_order(v.hex(8), text)
