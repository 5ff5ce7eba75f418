"""A PostgreSQL server of our own, and applications that misuse it; its server log."""

import threading
import time
from pathlib import Path

import sandbox
from cases import Cases
from rawlog import Growth
from sandbox import succeed
from values import Values

SOURCE, COMMANDS = "postgres", ["initdb", "pg_ctl", "psql"]
VERSION = ["postgres", "--version"]
CASES = Cases()
HOME = sandbox.ROOT / "postgres"
SCHEMA = Path(__file__).parent.parent / "programs/shop.sql"
PORT = 0
SETTINGS = ["-c listen_addresses=127.0.0.1", f"-c unix_socket_directories={HOME}",
            "-c log_line_prefix='%m [%p] %q%u@%d '", "-c log_timezone=UTC", "-c fsync=off",
            "-c deadlock_timeout=30ms", "-c shared_buffers=16MB", "-c max_connections=20"]


def psql(*statements, user="app", database="shop", host=HOME, extra=None):
    """Runs statements in one session; whether they fail is for the server log to say."""
    commands = [part for statement in statements for part in ("-c", statement)]
    process = sandbox.popen(["psql", "-X", "-q", "-h", host, "-p", PORT, "-U", user, "-d", database,
                             *commands], extra=extra, stdin=-3, stdout=-3, stderr=-3)
    process.wait()


@CASES.add("pg-order-number-taken", 196, '"orders_pkey"')
def order_taken(v):
    number = v.number(1, 500)
    psql(f"INSERT INTO orders VALUES ('SO{10000 + number}', {number}, '{v.day()}', "
         f"{v.amount(200)})")


@CASES.add("pg-customer-email-taken", 64, '"customers_email_key"')
def email_taken(v):
    psql(f"INSERT INTO customers (id, name, email) VALUES ({v.number(1000, 99999)}, "
         f"$${v.customer()}$$, 'c{v.number(1, 500)}@example.com')")


@CASES.add("pg-line-of-deleted-product", 72, '"lines_product_id_fkey"')
def deleted_product(v):
    psql(f"INSERT INTO lines VALUES ('{v.order()}', {v.number(501, 9999)})")


@CASES.add("pg-customer-without-name", 40, 'null value in column "name"')
def without_name(v):
    psql(f"INSERT INTO customers (id, name, email) VALUES ({v.number(1000, 99999)}, NULL, "
         f"'{v.email()}')")


@CASES.add("pg-stock-below-zero", 60, '"products_stock_check"')
def stock_below_zero(v):
    psql(f"UPDATE products SET stock = stock - {v.number(10, 60)} WHERE id = {v.number(1, 500)}")


@CASES.add("pg-column-renamed", 36, 'column "delivery_day" does not exist')
def column_renamed(v):
    psql(v.pick([f"SELECT number, delivery_day FROM orders WHERE customer_id = {v.number(1, 500)}",
                 f"UPDATE orders SET total = 0 WHERE delivery_day < '{v.day()}'",
                 f"SELECT count(*) FROM orders WHERE delivery_day = '{v.day()}'"]))


@CASES.add("pg-partition-missing", 48, "does not exist")
def partition_missing(v):
    table = f"{v.pick(['orders', 'lines'])}_{v.month()}"
    psql(f"SELECT * FROM {table} WHERE total > {v.number(1, 900)}")


@CASES.add("pg-name-not-escaped", 44, "syntax error at or near")
def name_not_escaped(v):
    """Names with an apostrophe are put into the statement as they are."""
    name = v.pick(["Liam O'Brien", "Rosa D'Angelo", "Sean O'Hara Smith", "Nuala O'Dowd",
                   "Chloe D'Arcy", "Pat O'Neil", "Luca Dell'Acqua", "Ana L'Hermite"])
    psql(f"SELECT id FROM customers WHERE name = '{name}' AND credit > {v.number(1, 900)}")


@CASES.add("pg-empty-list", 26, 'syntax error at or near ")"')
def empty_list(v):
    psql(f"SELECT sku FROM products WHERE stock < {v.number(1, 99)} AND id IN ()")


@CASES.add("pg-id-not-a-number", 54, "invalid input syntax for type integer")
def not_a_number(v):
    text = v.pick([v.word(), f"{v.number(1, 99)}a", f"{v.number(1, 9)}.5", "undefined", "", "NaN",
                   v.product()])
    psql(f"SELECT * FROM orders WHERE customer_id = '{text}'")


@CASES.add("pg-session-token-not-a-uuid", 34, "invalid input syntax for type uuid")
def not_a_uuid(v):
    text = v.pick([v.hex(12), v.uuid()[:-3], f"sess-{v.number(1, 9999)}", v.word()])
    psql(f"SELECT customer_id FROM sessions WHERE token = '{text}'")


@CASES.add("pg-attributes-not-json", 28, "invalid input syntax for type json")
def not_json(v):
    text = f"{{colour: {v.word()}, size: {v.number(1, 60)}}}"
    psql(f"UPDATE products SET attributes = '{text}' WHERE id = {v.number(1, 500)}")


@CASES.add("pg-sku-too-long", 32, "value too long")
def sku_too_long(v):
    psql(f"INSERT INTO products (id, sku) VALUES ({v.number(1000, 99999)}, "
         f"'{v.sku()}-{v.word().upper()}-{v.hex(4)}')")


@CASES.add("pg-day-not-in-calendar", 28, "out of range")
def day_not_in_calendar(v):
    psql(f"UPDATE orders SET placed_on = '{v.number(2024, 2026)}-02-{v.number(30, 31)}' "
         f"WHERE number = '{v.order()}'")


@CASES.add("pg-total-too-large", 22, "numeric field overflow")
def total_too_large(v):
    psql(f"UPDATE orders SET total = {v.number(100000, 9999999)}.50 "
         f"WHERE number = 'SO{10000 + v.number(1, 500)}'")


@CASES.add("pg-division-by-zero", 24, "division by zero")
def division_by_zero(v):
    """Every ninth product has no stock."""
    psql(f"SELECT sum(total / stock) FROM orders JOIN products ON customer_id = id "
         f"WHERE id BETWEEN {v.number(1, 200)} AND {v.number(220, 500)}")


@CASES.add("pg-credit-limit", 58, "credit limit of customer")
def credit_limit(v):
    psql(f"UPDATE orders SET total = {v.amount(9000)} + 700 "
         f"WHERE number = 'SO{10000 + v.number(1, 500)}'")


@CASES.add("pg-statement-timeout", 26, "due to statement timeout")
def statement_timeout(v):
    psql(f"SET statement_timeout = '{v.number(15, 40)}ms'",
         f"SELECT sum(a.total * b.total) FROM orders a, orders b, orders c "
         f"WHERE a.customer_id > {v.number(1, 99)}")


@CASES.add("pg-lock-timeout", 22, "due to lock timeout")
def lock_timeout(v):
    """Some other session of ours keeps products 1 to 40 locked all the time."""
    psql("SET lock_timeout = '10ms'",
         f"UPDATE products SET stock = {v.number(1, 99)} WHERE id = {v.number(1, 40)}")


@CASES.add("pg-deadlock", 14, "deadlock detected")
def deadlock(v):
    first, second = v.some(range(100, 500), 2, 2)

    def both(left, right):
        psql("BEGIN", f"UPDATE customers SET credit = 1 WHERE id = {left}", "SELECT pg_sleep(0.1)",
             f"UPDATE customers SET credit = 2 WHERE id = {right}", "ROLLBACK")

    other = threading.Thread(target=both, args=(second, first))
    other.start()
    both(first, second)
    other.join()


@CASES.add("pg-no-right-to-read", 24, "permission denied for table payroll")
def no_right(v):
    psql(f"SELECT salary FROM payroll WHERE employee = $${v.customer()}$$",
         user=v.pick(["app", "reporting"]))


@CASES.add("pg-password-wrong", 36, "password authentication failed")
def password_wrong(v):
    psql("SELECT 1", host="127.0.0.1", user=v.pick(["billing", "shipping", "search", "loyalty",
                                                      "returns", "stock"]),
         extra={"PGPASSWORD": "used-until-last-week"})


@CASES.add("pg-database-missing", 24, "does not exist")
def database_missing(v):
    psql("SELECT 1", database=f"{v.team()}_{v.pick(['test', 'staging', 'eu', 'old'])}")


@CASES.add("pg-role-missing", 22, "does not exist")
def role_missing(v):
    psql("SELECT 1", user=f"{v.team()}_{v.pick(['ro', 'rw', 'job'])}")


@CASES.add("pg-too-many-connections-of-role", 18, "too many connections for role")
def too_many_connections(v):
    psql("SELECT 1", user=f"reports_{v.pick(['de', 'fr', 'pl', 'se', 'us', 'jp'])}")


@CASES.add("pg-text-not-utf8", 18, "invalid byte sequence")
def not_utf8(v):
    """A file in Latin-1 is sent as if it were UTF-8."""
    name = v.pick(["Andr\\351", "Ren\\351e", "Bj\\366rn", "Z\\374rich", "Fran\\347ois", "Mu\\361oz"])
    psql(f"SELECT convert_from('{name} {v.word()}'::bytea, 'UTF8') "
         f"FROM orders LIMIT {v.number(1, 9)}")


@CASES.add("pg-view-in-use", 13, "because other objects depend on it")
def view_in_use(v):
    """Every view has another number of views that depend on it."""
    country = v.pick(["de", "fr", "pl", "pt", "us", "gb", "jp", "br", "se"])
    psql(f"DROP VIEW sales_{country}", user="postgres")


def start():
    """Starts a server, fills its database, and locks some rows for good."""
    global PORT
    PORT = sandbox.free_port()
    sandbox.fresh("postgres", "postgres").chmod(0o755)
    succeed("initdb", "-D", HOME / "data", "--auth-local=trust", "--auth-host=scram-sha-256",
            "--no-locale", "-E", "UTF8", user="postgres", cwd=HOME)
    succeed("pg_ctl", "-D", HOME / "data", "-w", "-l", HOME / "server.log", "-o",
            " ".join([f"-p {PORT}", *SETTINGS]), "start", user="postgres", cwd=HOME)
    connect = ["psql", "-X", "-q", "-h", HOME, "-p", str(PORT), "-U", "postgres"]
    succeed(*connect, "-d", "postgres", "-c", "create database shop")
    succeed(*connect, "-d", "shop", "-v", "ON_ERROR_STOP=1",
            "-c", SCHEMA.read_text())
    lock = ["BEGIN", "SELECT 1 FROM products WHERE id <= 40 FOR UPDATE", "SELECT pg_sleep(3600)"]
    threading.Thread(target=psql, daemon=True, args=lock).start()
    time.sleep(0.5)


def stop():
    succeed("pg_ctl", "-D", HOME / "data", "-m", "fast", "-w", "stop", user="postgres", cwd=HOME)


def add_record(log, case, text):
    """One record: from ERROR or FATAL to the last of its DETAIL, HINT, CONTEXT and STATEMENT."""
    lines = text.splitlines(keepends=True)
    errors = [line for line in lines if b" ERROR:  " in line or b" FATAL:  " in line]
    if len(errors) != 1 or lines[0] != errors[0]:
        raise sandbox.DidNotFail(f"{case.cause}: {text!r}")
    log.add(text, case.cause, SOURCE)


def wait_for_record(growth):
    for _ in range(50):
        if text := growth.read():
            return text
        time.sleep(0.01)
    return b"nothing\n"


def record(log, seed):
    start()
    try:
        growth, values = Growth(HOME / "server.log"), Values(f"postgres {seed}")
        for case in CASES.shuffled(seed):
            case.fail(values)
            text = wait_for_record(growth)
            case.confirm(text)
            add_record(log, case, text)
    finally:
        stop()
