"""auth.tls: connects to partners over TLS; their certificates are not always right."""

import logging
import socket
import ssl
import threading

from record.cases import Cases

log = logging.getLogger("auth.tls")
CASES = Cases()
HOME = "/srv/app/auth/tls"


class Partner:
    """A TLS server on a loopback port that answers one connection."""

    def __init__(self, name):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{HOME}/{name}.pem", f"{HOME}/{name}.key")

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.answer)
        self.thread.start()
        return self.server.getsockname()[1]

    def __exit__(self, *_):
        self.thread.join()
        self.server.close()

    def answer(self):
        connection, _ = self.server.accept()
        try:
            self.context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()


def connect(port, host, trusted=None):
    context = ssl.create_default_context(cafile=trusted)
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as connection:
            return context.wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLError as error:
        log.error("partner %s: %s", host, error)


def host_of(v):
    return f"{v.word()}-{v.number(1, 9)}.partner.internal"


@CASES.add("tls-certificate-self-signed", 28, "self-signed certificate")
def self_signed(v):
    with Partner("self") as port:
        connect(port, host_of(v))


@CASES.add("tls-certificate-of-other-host", 24, "Hostname mismatch")
def other_host(v):
    with Partner("self") as port:
        connect(port, host_of(v), f"{HOME}/self.pem")


@CASES.add("tls-issuer-not-trusted", 18, "unable to get local issuer certificate")
def issuer_not_trusted(v):
    with Partner("issued") as port:
        connect(port, host_of(v))
