"""auth.session: who is signed in."""

import base64
import binascii
import logging
from datetime import datetime, timedelta, timezone

from record.cases import Cases

log = logging.getLogger("auth.session")
CASES = Cases()


def user_of(sessions, token):
    return sessions.get(token).user_id


def show(route, sessions, token):
    try:
        return user_of(sessions, token)
    except AttributeError:
        log.exception("%s: session %s", route, token)


def read_cookie(route, cookie):
    try:
        return base64.b64decode(cookie)
    except binascii.Error:
        log.exception("%s: cookie %s", route, cookie)


def age(token, started):
    try:
        return datetime.now(timezone.utc) - started
    except TypeError:
        log.exception("session %s of %s", token, started)


def route_of(v):
    return v.pick([f"GET /account/{v.number(1, 9999)}", f"POST /basket/{v.number(1, 9999)}/lines",
                   f"GET /orders?page={v.number(1, 40)}"])


@CASES.add("session-expired", 104, "'NoneType' object has no attribute 'user_id'")
def expired(v):
    show(route_of(v), {}, v.hex(16))


@CASES.add("session-cookie-cut", 30, "Incorrect padding")
def cookie_cut(v):
    read_cookie(route_of(v), base64.b64encode(v.uuid().encode()).decode().rstrip("=")[:-1])


@CASES.add("session-time-without-zone", 18, "offset-naive and offset-aware")
def without_zone(v):
    age(v.hex(8), datetime(2026, 1, 1) + timedelta(minutes=v.number(1, 99999)))
