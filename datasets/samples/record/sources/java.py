"""A Java service that logs its failures with java.util.logging, one line and a stack trace each."""

from pathlib import Path

import sandbox
from cases import Cases
from rawlog import Growth
from sandbox import write
from values import Values

SOURCE, COMMANDS, VERSION = "java", ["java", "javac"], ["java", "-version"]
CASES = Cases()
HOME = sandbox.ROOT / "shop"
PROGRAM = Path(__file__).parent.parent / "programs/Failures.java"
LINE = "%1$tF %1$tT.%1$tL %4$s [%3$s] %5$s%6$s%n"


@CASES.add("java-quantity-not-a-number", 74, "NumberFormatException")
def quantity(v):
    number = v.number(1, 9)
    texts = ["two", f"{number},5", f"{number} pcs", "a dozen", f"{number} 000", f"~{number}"]
    return "quantity", v.order(), v.pick(texts)


@CASES.add("java-customer-account-deleted", 54, '"shop.Customer.name()"')
def customer(v):
    return "customer", v.order(), v.customer()


@CASES.add("java-customer-without-address", 46, '"shop.Address.city()"')
def address(v):
    return "address", v.order(), v.customer()


@CASES.add("java-carrier-status-unknown", 52, "No enum constant")
def status(v):
    word = v.pick(["delayed", "in transit", "lost", "customs hold", "returned", "Shipped",
                   "out for delivery"])
    return "status", f"{v.country().upper()}{v.number(10**8, 10**9)}", word


@CASES.add("java-carrier-day-in-other-notation", 44, "DateTimeParseException")
def day(v):
    text = v.pick([f"{v.number(1, 28)}.{v.number(1, 12)}.2026", "tomorrow", "next week",
                   f"{v.number(1, 12)}/{v.number(13, 28)}/26"])
    return "day", f"{v.country().upper()}{v.number(10**8, 10**9)}", text


@CASES.add("java-price-row-too-short", 50, "ArrayIndexOutOfBoundsException")
def column(v):
    row = ";".join(v.word() for _ in range(v.number(1, 9)))
    return "column", f"{v.word()}-{v.day()}.csv", row


@CASES.add("java-price-not-divisible", 32, "Non-terminating decimal expansion")
def division(v):
    """One cent more than a multiple of 7, 11 and 13."""
    total = f"{(1001 * v.number(1, 400) + 1) / 100:.2f}"
    return "division", v.product(), total, v.pick(["7", "11", "13"])


@CASES.add("java-price-list-missing", 34, "NoSuchFileException")
def file(v):
    return "file", f"/srv/app/shop/import/{v.day()}/{v.product()}.csv"


@CASES.add("java-stock-service-down", 124, "ConnectException")
def stock(v):
    return "stock", v.order(), v.loopback(), str(sandbox.free_port())


@CASES.add("java-list-changed-while-read", 28, "ConcurrentModificationException")
def changed(v):
    return "list", v.order(), ",".join(v.sku() for _ in range(v.number(3, 8)))


@CASES.add("java-session-token-damaged", 40, "base64")
def token(v):
    text = v.hex(v.pick([16, 20, 24]))
    cut = v.number(2, len(text) - 2)
    return "token", text[:cut] + v.pick(["%", "*", "!", "$"]) + text[cut:]


@CASES.add("java-text-key-missing", 32, "MissingResourceException")
def text(v):
    return "text", f"{v.team()}.{v.word()}.{v.pick(['title', 'help', 'button'])}"


@CASES.add("java-export-pool-full", 24, "RejectedExecutionException")
def full(v):
    return "full", v.invoice(), str(v.number(1, 4)), str(v.number(1, 5))


@CASES.add("java-export-key-twice", 16, "duplicate key")
def twice(v):
    key = f"{v.team()}/{v.day()}"
    return "immutable", key, key


def component(text):
    """The logger's name stands in brackets on the first line."""
    return text.split(b"[", 1)[1].split(b"]", 1)[0].decode()


def split(text):
    """The records of a log file; a record begins with a date."""
    records = []
    for line in text.splitlines(keepends=True):
        if line[:4].isdigit() and line[4:5] == b"-":
            records.append(line)
        else:
            records[-1] += line
    return records


def record(log, seed):
    sandbox.fresh("shop")
    write(HOME / "src/shop/Failures.java", PROGRAM.read_bytes())
    sandbox.succeed("javac", "-d", HOME / "classes", HOME / "src/shop/Failures.java", cwd=HOME)
    values, plan = Values(f"java {seed}"), CASES.shuffled(seed)
    lines = "".join("\t".join(case.fail(values)) + "\n" for case in plan)
    raw = Growth(write(HOME / "shop.log", ""))
    sandbox.succeed("java", "-Xmx128m", "-XX:+UseSerialGC",
                    f"-Djava.util.logging.SimpleFormatter.format={LINE}",
                    "-cp", HOME / "classes", "shop.Failures", write(HOME / "plan.tsv", lines),
                    HOME / "shop.log", cwd=HOME)
    for case, text in zip(plan, split(raw.read()), strict=True):
        case.confirm(text)
        log.add(text, case.cause, component(text))
