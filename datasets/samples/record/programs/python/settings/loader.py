"""settings.loader: settings files that people edit."""

import configparser
import logging

import yaml

from record.cases import Cases

log = logging.getLogger("settings.loader")
CASES = Cases()


def value(text, section, name):
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return parser.get(section, name)


def start(shop, text, section, name):
    try:
        return value(text, section, name)
    except configparser.Error:
        log.exception("shop %s does not start", shop)


def load(name, text):
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        log.error("%s: %s", name, error)


@CASES.add("settings-option-missing", 26, "NoOptionError")
def option_missing(v):
    shop, name = v.country(), v.pick(["timeout", "retries", "api_key_file", "sender"])
    section = f"{v.team()} {shop}"
    start(shop, f"[{section}]\n", section, name)


@CASES.add("settings-section-missing", 20, "NoSectionError")
def section_missing(v):
    shop = v.country()
    start(shop, "[defaults]\n", f"{v.team()} {shop}", "timeout")


@CASES.add("settings-yaml-tab", 18, "found character '\\t'")
def yaml_tab(v):
    lines = "".join(f"{v.word()}{line}: {v.number(1, 9)}\n" for line in range(v.number(0, 30)))
    load(f"{v.team()}.yaml", f"{lines}{v.word()}:\n\t{v.word()}: 1\n")
