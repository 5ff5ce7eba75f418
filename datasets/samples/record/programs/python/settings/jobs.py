"""settings.jobs: command lines of nightly jobs, read with click."""

import logging

import click

from record.cases import Cases

log = logging.getLogger("settings.jobs")
CASES = Cases()


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--since")
def close_books(day, since):
    """Closes the books of a day."""


def run(*arguments):
    try:
        close_books.main(list(arguments), prog_name="close-books", standalone_mode=False)
    except click.UsageError as error:
        log.error("close-books %s: %s", " ".join(arguments), error.format_message())


@CASES.add("jobs-option-unknown", 22, "No such option")
def option_unknown(v):
    run(f"--{v.pick([v.word(), 'sinse', 'days', 'dry-run', 'quiet'])}", v.day())


@CASES.add("jobs-day-invalid", 18, "Invalid value for '--day'")
def day_invalid(v):
    run("--day", v.pick(["yesterday", "last monday", f"{v.number(1, 28)}.{v.number(1, 12)}.",
                         f"{v.number(2024, 2026)}-{v.number(13, 31)}-01"]))
