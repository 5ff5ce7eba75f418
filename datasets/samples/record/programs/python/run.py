"""Runs the failures of all modules in the order of a seed; each logs one record.

`run.py SEED LOG INDEX`: the log is written by `logging` alone; beside it, INDEX names the cause,
the logger and the number of lines of every record.
"""

import importlib
import logging
import sys
from pathlib import Path

from record.cases import Cases
from record.rawlog import Growth
from record.values import Values

MODULES = ["orders.importer", "orders.api", "orders.pricing", "billing.webhook", "billing.gateway",
           "billing.ledger", "stock.sync", "stock.scanner", "shipping.carrier", "shipping.labels",
           "reports.forecast", "reports.export", "mail.relay", "mail.templates", "auth.tls",
           "auth.session", "settings.loader", "settings.jobs"]


class Components(logging.Handler):
    """Remembers which logger wrote last."""
    last = ""

    def emit(self, record):
        self.last = record.name


def main(seed, log, index):
    logging.basicConfig(filename=log, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    components = Components()
    logging.getLogger().addHandler(components)
    cases = Cases()
    for name in MODULES:
        cases.extend(importlib.import_module(name).CASES)
    growth, values, rows = Growth(log), Values(f"python {seed}"), []
    for case in cases.shuffled(seed):
        case.fail(values)
        text = growth.read()
        case.confirm(text)
        lines = text.count(b"\n")
        rows.append(f"{case.cause}\t{components.last}\t{lines}\n")
    Path(index).write_text("".join(rows))


main(*sys.argv[1:])
