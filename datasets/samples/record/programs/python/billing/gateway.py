"""billing.gateway: calls the payment provider with requests."""

import logging
import socket

import requests

from record.cases import Cases

log = logging.getLogger("billing.gateway")
CASES = Cases()


def charge(order, url, timeout):
    try:
        return requests.post(url, timeout=timeout)
    except (requests.ConnectionError, requests.ReadTimeout) as error:
        log.error("charge for %s failed: %s", order, error)


def check_shop(country, address):
    try:
        return requests.get(address, timeout=1)
    except requests.exceptions.MissingSchema:
        log.exception("shop %s is not set up", country)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@CASES.add("gateway-down", 210, "Connection refused")
def down(v):
    url = f"http://{v.loopback()}:{free_port()}/v1/charges/ch_{v.hex(10)}"
    charge(v.order(), url, 2)


@CASES.add("gateway-slow", 54, "Read timed out")
def slow(v):
    """Something accepts the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1/charges"
        charge(v.order(), url, (1, v.number(10, 60) / 1000))


@CASES.add("gateway-address-without-scheme", 14, "No scheme supplied")
def without_scheme(v):
    check_shop(v.country(), f"{v.word()}.internal/{v.team()}/{v.number(1, 99)}")
