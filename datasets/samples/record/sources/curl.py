"""curl: health checks and downloads in scripts."""

import socket
import threading

import sandbox
from cases import Cases
from sandbox import failure
from sources import command_line

SOURCE, COMMANDS, VERSION = "curl", ["curl"], ["curl", "--version"]
CASES = Cases()


@CASES.add("curl-server-down", 40, "Couldn't connect")
def connection_refused(v):
    url = f"http://{v.loopback()}:{sandbox.free_port()}/health"
    return failure("curl", "-sS", url)


@CASES.add("curl-timeout", 26, "timed out")
def timeout(v):
    """A server that accepts and then says nothing, as a hung process does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/{v.word()}"
        return failure("curl", "-sS", "--max-time", f"0.{v.number(50, 200):03d}", url)


@CASES.add("curl-download-cut-short", 22, "bytes remaining")
def cut_short(v):
    """The server promises more bytes than it sends, as when it is restarted in between."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        promised, sent = v.number(5000, 90000), v.number(100, 4000)
        thread = threading.Thread(target=serve_part, args=(server, promised, sent))
        thread.start()
        text = failure("curl", "-sS", f"http://127.0.0.1:{server.getsockname()[1]}/export.csv")
        thread.join()
        return text


def serve_part(server, promised, sent):
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {promised}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * sent)


@CASES.add("curl-file-missing", 20, "Couldn't open file")
def file_missing(v):
    return failure("curl", "-sS", f"file:///srv/app/exports/{v.day()}/{v.team()}.csv")


def record(log, seed):
    command_line.record(log, CASES, seed, SOURCE)
