"""nginx in front of services that are down, slow or rude; its own error log."""

import http.client
import socket
import threading
import time

import sandbox
from cases import Cases
from rawlog import Growth
from sandbox import write
from values import TEAMS, Values

SOURCE, COMMANDS, VERSION = "nginx", ["nginx"], ["nginx", "-v"]
CASES = Cases()
HOME = sandbox.ROOT / "nginx"
CONFIG = """
user app;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log error;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    proxy_read_timeout 50ms;
    limit_req_zone $binary_remote_addr zone=login:1m rate=1r/s;
    server {{
        listen 127.0.0.1:{port};
        server_name shop.internal;
        root {home}/www;
        client_max_body_size 1k;
        location ~ \\.(ini|bak)$ {{ deny all; }}
        location = /login {{ limit_req zone=login; }}
{locations}
    }}
}}
"""


class Upstreams:
    """Services that fail in one way each, on loopback ports."""

    def __init__(self):
        self.silent = self.listen(lambda connection: time.sleep(0.2))
        self.closing = self.listen(lambda connection: connection.recv(4096))
        self.garbled = self.listen(self.send_garbled)
        self.ports = [listener.getsockname()[1]
                      for listener in (self.silent, self.closing, self.garbled)]

    def listen(self, answer):
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, args=(listener, answer), daemon=True).start()
        return listener

    def serve(self, listener, answer):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self.reply, args=(connection, answer), daemon=True).start()

    def reply(self, connection, answer):
        with connection:
            answer(connection)

    def send_garbled(self, connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX Session state\r\n\r\n")


def location(prefix, port):
    return f"        location {prefix}/ {{ proxy_pass http://127.0.0.1:{port}; }}\n"


class Client:
    """Sends requests to the nginx of this run."""
    port = 0

    @classmethod
    def send(cls, path, method="GET", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", cls.port, timeout=5)
        connection.request(method, path, body, {"Host": "shop.internal"})
        connection.getresponse().read()
        connection.close()


@CASES.add("nginx-upstream-down", 150, "(111: Connection refused)")
def upstream_down(v):
    Client.send(f"/{v.team()}/{v.word()}/{v.number(1, 9999)}", v.pick(["GET", "POST", "PUT"]))


@CASES.add("nginx-upstream-timeout", 60, "(110: Connection timed out)")
def upstream_timeout(v):
    Client.send(f"/slow/{v.word()}?page={v.number(1, 400)}&q={v.word()}")


@CASES.add("nginx-upstream-closed-connection", 40, "upstream prematurely closed")
def upstream_closed(v):
    Client.send(f"/closing/{v.uuid()}", v.pick(["GET", "DELETE"]))


@CASES.add("nginx-upstream-header-invalid", 18, "upstream sent invalid header")
def upstream_garbled(v):
    Client.send(f"/garbled/{v.word()}/{v.hex(8)}")


@CASES.add("nginx-file-missing", 80, "(2: No such file or directory)")
def file_missing(v):
    folder, suffix = v.pick(["img", "css", "js"]), v.pick(["png", "css", "js"])
    Client.send(f"/{folder}/{v.word()}-{v.hex(6)}.{suffix}")


@CASES.add("nginx-file-not-readable", 18, "(13: Permission denied)")
def file_not_readable(v):
    name = f"{v.word()}-{v.number(1, 99)}.html"
    write(HOME / "www/private" / name, "x").chmod(0o000)
    Client.send(f"/private/{name}")


@CASES.add("nginx-body-too-large", 44, "client intended to send too large body")
def body_too_large(v):
    Client.send(f"/upload/{v.word()}", "POST", b"x" * v.number(1025, 9000))


@CASES.add("nginx-folder-without-index", 24, "directory index of")
def folder_without_index(v):
    name = f"{v.team()}/{v.word()}"
    write(HOME / "www/img" / name / "a.txt", "x")
    Client.send(f"/img/{name}/")


@CASES.add("nginx-forbidden-by-rule", 28, "access forbidden by rule")
def forbidden(v):
    Client.send(f"/{v.word()}/{v.word()}.{v.pick(['ini', 'bak'])}")


@CASES.add("nginx-login-rate-limited", 32, "limiting requests")
def rate_limited(v):
    """The first of two requests at once may pass and is not an error."""
    Client.send(f"/login?user={v.word()}")
    Client.send(f"/login?user={v.word()}")


def start():
    upstreams, Client.port = Upstreams(), sandbox.free_port()
    names = [f"/{team}" for team in TEAMS] + ["/slow", "/closing", "/garbled"]
    ports = [sandbox.free_port() for _ in TEAMS] + upstreams.ports
    text = CONFIG.format(home=HOME, port=Client.port,
                         locations="".join(map(location, names, ports)))
    config = write(HOME / "nginx.conf", text)
    write(HOME / "www/index.html", "shop")
    write(HOME / "www/login", "welcome")
    write(HOME / "error.log", "")
    server = sandbox.popen(["nginx", "-c", config, "-p", HOME, "-g", "daemon off;"], user="root")
    time.sleep(1)
    return server


def wait_for_lines(growth):
    for _ in range(100):
        if text := growth.read():
            return text
        time.sleep(0.01)
    raise sandbox.DidNotFail("nginx wrote nothing")


def record(log, seed):
    sandbox.fresh("nginx")
    server = start()
    try:
        growth, values = Growth(HOME / "error.log"), Values(f"nginx {seed}")
        for case in CASES.shuffled(seed):
            case.fail(values)
            line = wait_for_lines(growth).splitlines(keepends=True)[-1]
            case.confirm(line)
            log.add(line, case.cause, SOURCE)
    finally:
        server.terminate()
        server.wait()
