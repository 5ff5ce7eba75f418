"""mail.templates: texts of mails, rendered with Jinja."""

import logging

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from record.cases import Cases

log = logging.getLogger("mail.templates")
CASES = Cases()
environment = Environment(loader=FileSystemLoader("/srv/app/mail/texts"), undefined=StrictUndefined)


def write(order, text):
    try:
        return environment.from_string(text).render()
    except TemplateError as error:
        log.error("mail about %s not written: %s", order, error)


def load(order, name):
    try:
        return environment.get_template(name)
    except TemplateError:
        log.exception("mail about %s not written", order)


@CASES.add("templates-variable-missing", 36, "is undefined")
def variable_missing(v):
    name = v.pick(["customer", "order", "total", "tracking_url", "shop", v.snake(), v.snake()])
    write(v.order(), "Dear {{ %s }}" % name)


@CASES.add("templates-file-missing", 24, "jinja2.exceptions.TemplateNotFound")
def file_missing(v):
    load(v.order(), f"{v.country()}/{v.word()}_{v.number(1, 3)}.txt")


@CASES.add("templates-tag-not-closed", 13, "Unexpected end of template")
def tag_not_closed(v):
    write(v.order(), "Hello\n" * v.number(0, 20) + "{% if " + v.word() + " %}thanks")
