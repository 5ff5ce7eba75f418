"""reports.export: files in and out."""

import logging
import zipfile
from pathlib import Path

from record.cases import Cases

log = logging.getLogger("reports.export")
CASES = Cases()
HOME = Path("/srv/app/reports/files")


def read(name):
    with open(HOME / name, encoding="utf-8") as file:
        return file.read()


def export(city, name):
    try:
        return read(name)
    except (OSError, UnicodeDecodeError):
        log.exception("sales of %s not exported", city)


def unpack(path):
    try:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(HOME)
    except zipfile.BadZipFile:
        log.exception("%s not imported", path)


def save(name, content):
    path = HOME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@CASES.add("export-file-missing", 82, "FileNotFoundError")
def file_missing(v):
    city = v.city()
    export(city, f"{v.day()}/{city}.csv")


@CASES.add("export-file-not-readable", 26, "PermissionError")
def not_readable(v):
    path = save(f"{v.team()}-{v.number(1, 30)}.csv", b"x")
    path.chmod(0)
    export(v.city(), path.name)
    path.unlink()


@CASES.add("export-file-not-utf8", 30, "codec can't decode")
def not_utf8(v):
    text = f"{v.product()};{v.amount()};{v.pick(['Malmö', 'Orléans', 'Köln', 'A Coruña'])};x"
    name = f"latin/{v.word()}.csv"
    save(name, text.encode("latin-1"))
    export(v.city(), name)


@CASES.add("export-archive-damaged", 18, "File is not a zip file")
def archive_damaged(v):
    unpack(save(f"{v.word()}-{v.day()}.zip", v.word().encode()))
