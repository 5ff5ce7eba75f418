"""billing.webhook: messages and answers of the payment provider."""

import json
import logging

from record.cases import Cases

log = logging.getLogger("billing.webhook")
CASES = Cases()


def read(body):
    return json.loads(body)


def receive(event, body):
    try:
        return read(body)
    except json.JSONDecodeError:
        log.exception("event %s lost", event)


def payment_state(payment, answer):
    try:
        return read(answer)
    except json.JSONDecodeError:
        log.exception("state of payment %s unknown", payment)


@CASES.add("webhook-body-cut-short", 68, "Unterminated string")
def body_cut_short(v):
    """The proxy cuts long bodies; the cut is within a text."""
    body = json.dumps({"id": v.hex(12), "lines": v.some(["a", "bb", "ccc", "dddd"], 1, 4),
                       "customer": v.customer(), "note": " ".join([v.product()] * v.number(1, 9))})
    receive(v.hex(12), body[:-v.number(3, 9)])


@CASES.add("webhook-answer-is-a-page", 34, "Expecting value: line")
def answer_is_a_page(v):
    """In a maintenance window the provider answers with a page, after some empty lines."""
    payment_state(v.hex(12), "\n" * v.number(0, 6) + "<html><body>Back soon</body></html>")
