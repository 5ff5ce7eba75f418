"""The sqlite3 shell: small databases of tills and scanners."""

import sqlite3

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "sqlite", ["sqlite3"], ["sqlite3", "--version"]
CASES = Cases()
HOME = sandbox.ROOT / "till"
SCHEMA = """
create table sales(id integer primary key, receipt text unique, sku text not null,
                   amount real check (amount > 0));
create table products(sku text primary key, name text);
insert into products values ('LAM-1', 'lamp');
create table days(day text primary key, total integer not null) strict;
insert into days values ('2025-01-01', 7);
"""


def shell(v, statement):
    """Runs a script that has a few good statements before the bad one."""
    good = "".join(f"select count(*) from sales where id > {v.number(1, 99)};\n"
                   for _ in range(v.number(0, 30)))
    return failure("sqlite3", "-bail", HOME / "till.db", input=f"{good}{statement};\n".encode(),
                   cwd=HOME)


def prepare():
    sandbox.fresh("till")
    with sqlite3.connect(HOME / "till.db") as database:
        database.executescript(SCHEMA)
    database.close()
    (HOME / "till.db").chmod(0o666)


@CASES.add("sqlite-shell-table-missing", 44, "no such table")
def no_such_table(v):
    return shell(v, f"select * from {v.team()}_{v.month()}")


@CASES.add("sqlite-shell-column-missing", 40, "no such column")
def no_such_column(v):
    return shell(v, f"select sku, {v.snake()}_total from sales")


@CASES.add("sqlite-shell-name-not-quoted", 34, "syntax error")
def not_quoted(v):
    """A product name with an apostrophe or a blank in it was put into the statement as it is."""
    return shell(v, f"update products set name = {v.product()} where sku = '{v.sku()}'")


@CASES.add("sqlite-shell-text-in-integer-column", 24, "cannot store TEXT")
def wrong_type(v):
    return shell(v, f"insert into days values ('{v.day()}', '{v.product()}')")


@CASES.add("sqlite-shell-folder-missing", 22, "unable to open database")
def folder_missing(v):
    return failure("sqlite3", f"/srv/app/till/{v.city()}/{v.team()}-{v.number(1, 40)}.db",
                   "select count(*) from sales", cwd=HOME)


@CASES.add("sqlite-shell-import-columns", 26, "expected 2 columns")
def import_columns(v):
    """An import of rows that have more fields than the table has columns."""
    name = f"{v.word()}.csv"
    rows = "".join(f"{v.sku()},{v.word()}\n" for _ in range(v.number(1, 30)))
    extra = ",".join(v.word() for _ in range(v.number(1, 6)))
    write(HOME / name, f"{rows}{v.sku()},{v.word()},{extra}\n")
    script = f".mode csv\n.import {name} products\n"
    process = sandbox.popen(["sqlite3", ":memory:"], HOME, stdin=-1, stderr=-1, stdout=-3)
    create = "create table products(sku text, name text);\n"
    return process.communicate((create + script).encode())[1]


def record(log, seed):
    prepare()
    command_line.record(log, CASES, seed, SOURCE)
