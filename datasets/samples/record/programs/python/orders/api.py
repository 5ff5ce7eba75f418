"""orders.api: orders that clients post, checked by pydantic."""

import logging

from pydantic import BaseModel, ValidationError

from record.cases import Cases

log = logging.getLogger("orders.api")
CASES = Cases()


class Line(BaseModel):
    sku: str
    quantity: int


class Order(BaseModel):
    customer: str
    city: str
    country: str
    currency: str
    lines: list[Line] = []


def post_order(identifier, body):
    try:
        return Order(**body)
    except ValidationError as error:
        log.error("order %s: %s", identifier, error)


def body_of(v):
    return {"customer": v.customer(), "city": v.city(), "country": v.country(), "currency": "EUR"}


@CASES.add("api-order-fields-missing", 68, "[type=missing")
def fields_missing(v):
    """Clients leave out one field or several."""
    body = body_of(v)
    for name in v.some(list(body), 1, 4):
        del body[name]
    post_order(v.uuid(), body)


@CASES.add("api-quantity-not-a-number", 38, "[type=int_parsing")
def quantity_not_a_number(v):
    words = ["two", "a dozen", "1 box", "n/a", "12 pcs", "ten"]
    lines = [{"sku": v.sku(), "quantity": v.pick(words)} for _ in range(v.number(1, 4))]
    post_order(v.uuid(), {**body_of(v), "lines": lines})
