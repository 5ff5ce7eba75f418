"""mail.relay: hands mails to the relay."""

import logging
import smtplib
import socket
import threading

from record.cases import Cases

log = logging.getLogger("mail.relay")
CASES = Cases()


def connect(host, port):
    try:
        return socket.create_connection((host, port), timeout=1)
    except OSError as error:
        log.error("cannot reach %s:%d: %s", host, port, error)


def send(order, port, recipients):
    relay = smtplib.SMTP("127.0.0.1", port, "shop.internal", 2)
    try:
        relay.sendmail("shop@example.com", recipients, "x")
    except smtplib.SMTPRecipientsRefused as error:
        log.error("mail about %s not sent: %s", order, error)
    finally:
        relay.close()


def refuse(server):
    """A relay that knows none of our recipients."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 relay\r\n")
        for line in lines:
            unknown = line.upper().startswith(b"RCPT")
            connection.sendall(b"550 5.1.1 mailbox unavailable\r\n" if unknown else b"250 ok\r\n")


@CASES.add("relay-connection-refused", 38, "cannot reach")
def refused(v):
    """The message is the same as that of the carrier; the machine is another."""
    connect(v.loopback(), v.number(2, 60))


@CASES.add("relay-recipient-unknown", 28, "550, b'5.1.1 mailbox unavailable'")
def recipient_unknown(v):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refuse, args=(server,))
        thread.start()
        send(v.order(), server.getsockname()[1], [v.email() for _ in range(v.number(1, 3))])
        thread.join()
