"""shipping.carrier: asks carriers over plain sockets and HTTP."""

import http.client
import logging
import socket
import threading

from record.cases import Cases

log = logging.getLogger("shipping.carrier")
CASES = Cases()


def ask(port, parcel):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    connection.request("GET", f"/parcels/{parcel}")
    return connection.getresponse()


def track(port, parcel):
    try:
        return ask(port, parcel)
    except http.client.HTTPException:
        log.exception("parcel %s: no state", parcel)


def connect(host, port):
    try:
        return socket.create_connection((host, port), timeout=1)
    except OSError as error:
        log.error("cannot reach %s:%d: %s", host, port, error)


def parcel_of(v):
    return f"{v.country().upper()}{v.number(10**8, 10**9)}"


def answer_once(server, answer):
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)


def track_at_server_that_says(answer, parcel):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=(server, answer))
        thread.start()
        track(server.getsockname()[1], parcel)
        thread.join()


@CASES.add("carrier-hangs-up", 30, "RemoteDisconnected")
def hangs_up(v):
    track_at_server_that_says(b"", parcel_of(v))


@CASES.add("carrier-speaks-other-protocol", 18, "BadStatusLine")
def other_protocol(v):
    """Behind the carrier's new address there is a mail server."""
    greeting = f"220 mx{v.number(1, 30)}.{v.word()}.internal ESMTP\r\n"
    track_at_server_that_says(greeting.encode(), parcel_of(v))


@CASES.add("carrier-connection-refused", 48, "cannot reach")
def refused(v):
    """The message is the same as that of the mail relay; the machine is another."""
    connect(v.loopback(), v.number(2, 60))
