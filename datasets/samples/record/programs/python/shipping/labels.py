"""shipping.labels: prints labels from addresses."""

import logging

from record.cases import Cases

log = logging.getLogger("shipping.labels")
CASES = Cases()


class Customer:
    def __init__(self, name, address):
        self.name, self.address = name, address


def city_line(customer):
    return f"{customer.address.postcode} {customer.address.city}"


def label(order, customer):
    try:
        return city_line(customer)
    except AttributeError:
        log.exception("order %s: no label for %s", order, customer.name)


def print_line(order, text):
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        log.exception("order %s: no label", order)


@CASES.add("labels-customer-without-address", 52, "'NoneType' object has no attribute 'postcode'")
def without_address(v):
    label(v.order(), Customer(v.customer(), None))


@CASES.add("labels-name-not-printable", 22, "codec can't encode")
def not_printable(v):
    """The printer knows Latin-1 only."""
    name = v.pick(["Łukasz Wójcik", "Dvořák", "Ştefan", "Γιώργος", "Nguyễn An", "Žižka", "Ољга"])
    print_line(v.order(), f"{v.number(1, 900)} {v.word()} / {name}")
