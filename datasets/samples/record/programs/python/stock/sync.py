"""stock.sync: the counts of the warehouses, in SQLite files."""

import logging
import sqlite3

from record.cases import Cases

log = logging.getLogger("stock.sync")
CASES = Cases()
PATH = "/srv/app/stock/counts.db"


def connect():
    connection = sqlite3.connect(PATH, timeout=0, isolation_level=None)
    connection.execute("create table if not exists counts(sku text primary key, count integer)")
    return connection


def store(connection, sku, count, warehouse):
    try:
        connection.execute("insert into counts values (?, ?)", (sku, count))
    except sqlite3.Error:
        log.exception("count of %s in %s not stored", sku, warehouse)


def report(connection, month, warehouse):
    try:
        return connection.execute(f"select sku, count from counts_{month}").fetchall()
    except sqlite3.OperationalError:
        log.exception("no report for %s", warehouse)


@CASES.add("sync-database-locked", 68, "database is locked")
def locked(v):
    first, second = connect(), connect()
    first.execute("begin immediate")
    store(second, v.sku(), v.number(1, 99), v.warehouse())
    first.close()
    second.close()


@CASES.add("sync-product-counted-twice", 30, "UNIQUE constraint failed")
def counted_twice(v):
    connection, sku, warehouse = connect(), v.sku(), v.warehouse()
    connection.execute("begin")
    store(connection, sku, v.number(1, 99), warehouse)
    store(connection, sku, v.number(1, 99), warehouse)
    connection.close()


@CASES.add("sync-month-not-created", 26, "no such table")
def month_not_created(v):
    connection = connect()
    report(connection, v.month(), v.warehouse())
    connection.close()
