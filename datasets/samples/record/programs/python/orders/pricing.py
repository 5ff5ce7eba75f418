"""orders.pricing: totals and freight."""

import logging
from decimal import Decimal, InvalidOperation

from record.cases import Cases

log = logging.getLogger("orders.pricing")
CASES = Cases()


def price_line(sku, price, quantity):
    try:
        return Decimal(price) * quantity
    except InvalidOperation:
        log.exception("cannot price %d of %s at %r", quantity, sku, price)


def add_freight(order, freight):
    try:
        return order["total"] + freight
    except TypeError:
        log.exception("order %s of %s has no freight", order["number"], order["day"])


@CASES.add("pricing-decimal-comma", 82, "decimal.ConversionSyntax")
def decimal_comma(v):
    price = v.pick([f"{v.number(1, 99)},{v.number(10, 99)}", f"{v.number(1, 99)} EUR", "free"])
    price_line(v.sku(), price, v.number(1, 9))


@CASES.add("pricing-total-missing", 28, "unsupported operand type(s) for +")
def total_missing(v):
    """Orders of the old shop have no total."""
    add_freight({"number": v.order(), "day": v.day(), "total": None}, Decimal(v.amount(50)))
