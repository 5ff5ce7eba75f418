"""Git servers for tests, on the loopback interface: sshd behind a relay, or git http-backend with TLS.

    git_server.py ssh FOLDER        FOLDER/sshd_config says the rest
    git_server.py https FOLDER      FOLDER/cert.pem, FOLDER/key.pem; repositories lie in FOLDER/repos

Prints its port and its process id, then goes on in the background until it is killed. What it is to do
wrong stands in FOLDER/faults.json, read anew for each connection or request:

    in, out     cut the connection after so many bytes from, or to, the client
    stop        a file with the id of a process that is sent SIGTERM there, in place of the cut: the
                server goes silent and waits until the client is gone
    rate        how many KiB a second it sends at most
    token       the password that Basic authentication must bring (https)
    redirect    where every request is sent instead (https)

FOLDER/requests.log gets a line for each request (https): its path and its Authorization header.
"""

import base64
import http.server
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time


def faults(folder):
    try:
        with open(os.path.join(folder, "faults.json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def cut(connection):
    """Ends a connection as a host that goes away does."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def end(client, wrong):
    """What is done where the fault allows no more: nothing more comes from this server."""
    if "stop" in wrong:
        with open(wrong["stop"]) as file:
            os.kill(int(file.read()), signal.SIGTERM)
        gone = select.poll()
        gone.register(client, select.POLLRDHUP)
        gone.poll()
    cut(client)


def send(target, data, wrong):
    """Sends no faster than the fault says."""
    if "rate" not in wrong:
        return target.sendall(data)
    for start in range(0, len(data), 1024 * wrong["rate"]):
        target.sendall(data[start:start + 1024 * wrong["rate"]])
        time.sleep(1)


def relay(source, target, client, limit, wrong):
    seen = 0
    try:
        while data := source.recv(65536):
            seen += len(data)
            if limit is not None and seen > limit:
                end(client, wrong)
                break
            send(target, data, wrong if target is client else {})
    except OSError:
        pass
    cut(target)


def serve_ssh(listener, folder):
    config = os.path.join(folder, "sshd_config")
    while True:
        client, _ = listener.accept()
        ours, theirs = socket.socketpair()
        subprocess.Popen(
            ["/usr/sbin/sshd", "-i", "-f", config, "-E", os.path.join(folder, "sshd.log")],
            stdin=theirs, stdout=theirs)
        theirs.close()
        wrong = faults(folder)
        for source, target, limit in [
                (client, ours, wrong.get("in")), (ours, client, wrong.get("out"))]:
            threading.Thread(
                target=relay, args=(source, target, client, limit, wrong), daemon=True).start()


class Cut(Exception):
    """The client was sent, or has sent, as much as the fault allows."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = ""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        wrong = faults(self.folder)
        with open(os.path.join(self.folder, "requests.log"), "a") as log:
            log.write("%s %s\n" % (self.path, self.headers.get("Authorization", "-")))
        self.close_connection = True
        try:
            if "redirect" in wrong:
                return self.say(302, [("Location", wrong["redirect"] + self.path)])
            if "token" in wrong and not self.is_let_in(wrong["token"]):
                self.body(wrong.get("in"))
                return self.say(401, [("WWW-Authenticate", 'Basic realm="git"')])
            self.git(self.body(wrong.get("in")), wrong)
        except Cut:
            end(self.connection, wrong)

    def is_let_in(self, token):
        given = self.headers.get("Authorization", "").split()
        if len(given) != 2 or given[0].lower() != "basic":
            return False
        return base64.b64decode(given[1]).decode().partition(":")[2] == token

    def body(self, limit):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline() or b"0", 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if limit is not None and sum(map(len, parts)) > limit:
                    raise Cut
            self.rfile.readline()
            return b"".join(parts)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if limit is not None and len(body) > limit:
            raise Cut
        return body

    def git(self, body, wrong):
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": os.path.join(self.folder, "repos"),
            "GIT_HTTP_EXPORT_ALL": "1", "GIT_CONFIG_NOSYSTEM": "1", "HOME": self.folder,
            "REQUEST_METHOD": self.command, "PATH_INFO": path, "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": "test", "REMOTE_ADDR": "127.0.0.1",
        }
        output = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE,
            check=True).stdout
        head, _, content = output.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self.say(status, headers, content, wrong)

    def say(self, status, headers, content=b"", wrong={}):
        limit = wrong.get("out")
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        if limit is not None and len(content) > limit:
            self.wfile.write(content[:limit])
            self.wfile.flush()
            raise Cut
        send(self.connection, content, wrong)


class Server(http.server.ThreadingHTTPServer):
    # A client that leaves early is what many tests are about.
    def handle_error(self, *_):
        pass


def serve_https(listener, folder):
    Handler.folder = folder
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    server = Server(listener.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = context.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


def main():
    kind, folder = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0))
    child = os.fork()
    if child:
        print(listener.getsockname()[1], child)
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for place in range(3):
        os.dup2(nothing, place)
    {"ssh": serve_ssh, "https": serve_https}[kind](listener, folder)


main()
