#!/usr/bin/env python3
"""Checks the recorded samples against their rules, and keeps the table of the README.

    check.py [DIR] [--write-table]
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

MINIMUM_RECORDS, MINIMUM_CAUSES, MINIMUM_SOURCES, MINIMUM_TEXTS = 5000, 80, 8, 5
MAXIMUM_SHARE, MAXIMUM_BYTES = 0.05, 4_000_000
STAMP = re.compile(rb"^\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d([.,]\d+)?( UTC)?( \[\d+\])?", re.M)
FORBIDDEN = re.compile(rb"(?<![\w.])/(work|root|tmp|home)\b|pypi|npmjs|crates\.io|password="
                       rb"|BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_\w{20}")
PATHS = re.compile(rb"(?<![\w.:/*\]>@-])/(?:srv|opt|usr|var|etc|run|mnt|data|proc|dev)/[\w./-]*")
ALLOWED = (b"/srv/app", b"/usr/", b"/opt/swift")
LINE_OF_TABLE = re.compile(r"(<!-- table -->\n).*(<!-- end of table -->)", re.S)


def read_records(folder, source):
    """The records of one source as (cause, component, text); fails where lines do not add up."""
    lines = (folder / f"{source}.log").read_bytes().splitlines(keepends=True)
    records, following = [], 1
    for row in (folder / "causes" / f"{source}.tsv").read_text().splitlines():
        first, count, cause, component = row.split("\t")
        assert int(first) == following, f"{source}: line {following} is in no record or in two"
        following += int(count)
        records.append((cause, component, b"".join(lines[int(first) - 1:following - 1])))
    assert following == len(lines) + 1, f"{source}: lines from {following} on are in no record"
    return records


def complaints(folder, sources):
    """Every rule that the samples break, in sentences."""
    records = [record for source in sources.values() for record in source]
    counts = Counter(cause for cause, _, _ in records)
    homes, texts = defaultdict(set), defaultdict(set)
    for source, members in sources.items():
        for cause, _, text in members:
            homes[cause].add(source)
            texts[cause].add(STAMP.sub(b"", text))
    if len(records) < MINIMUM_RECORDS:
        yield f"{len(records)} records are fewer than {MINIMUM_RECORDS}"
    if len(counts) < MINIMUM_CAUSES:
        yield f"{len(counts)} causes are fewer than {MINIMUM_CAUSES}"
    if len(sources) < MINIMUM_SOURCES:
        yield f"{len(sources)} sources are fewer than {MINIMUM_SOURCES}"
    for cause, count in counts.items():
        if len(texts[cause]) < MINIMUM_TEXTS:
            yield f"{cause} has {len(texts[cause])} distinct texts only"
        if count > MAXIMUM_SHARE * len(records):
            yield f"{cause} has {count} of {len(records)} records"
        if len(homes[cause]) > 1:
            yield f"{cause} is in several sources: {sorted(homes[cause])}"
    for source, members in sources.items():
        yield from complaints_about_text(source, members)
    size = sum((folder / f"{source}.log").stat().st_size for source in sources)
    if size > MAXIMUM_BYTES:
        yield f"{size} bytes are more than {MAXIMUM_BYTES}"


def complaints_about_text(source, members):
    for cause, _, text in members:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            yield f"{source}: {cause}: not UTF-8"
        if found := FORBIDDEN.search(text):
            yield f"{source}: {cause}: {found[0]!r} must not be here"
        for path in PATHS.findall(text):
            if not path.startswith(ALLOWED):
                yield f"{source}: {cause}: {path!r} is neither the project's nor the system's"


def row(*cells):
    return f"| {' | '.join(map(str, cells))} |"


def table(folder, sources):
    """Figures for the README."""
    lines = (folder / "causes/versions.txt").read_text().splitlines()
    versions = dict(line.split("\t") for line in lines)
    rows = ["| file | version | records | causes | lines | most frequent | rarest |",
            "|---|---|---:|---:|---:|---|---|"]
    for source, members in sources.items():
        counts = Counter(cause for cause, _, _ in members).most_common()
        lines = sum(text.count(b"\n") for _, _, text in members)
        extremes = [f"{cause} ({count})" for cause, count in (counts[0], counts[-1])]
        rows.append(row(f"`{source}.log`", versions[source], len(members), len(counts), lines,
                        *extremes))
    records = [record for members in sources.values() for record in members]
    lines = sum(text.count(b"\n") for _, _, text in records)
    causes = {cause for cause, _, _ in records}
    rows.append(row("all", "", len(records), len(causes), lines, "", ""))
    return "\n".join(rows) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--write-table", action="store_true", help="put the figures into README.md")
    options = parser.parse_args()
    names = sorted(path.stem for path in options.folder.glob("*.log"))
    assert names == sorted(path.stem for path in (options.folder / "causes").glob("*.tsv"))
    sources = {name: read_records(options.folder, name) for name in names}
    figures, readme = table(options.folder, sources), options.folder / "README.md"
    text = readme.read_text()
    if options.write_table:
        text = LINE_OF_TABLE.sub(lambda match: match[1] + figures + match[2], text)
        readme.write_text(text)
    print(figures, end="")
    found = list(complaints(options.folder, sources))
    if figures not in text:
        found.append("the table of README.md is not the one above: run with --write-table")
    sys.exit("\n".join(found[:50]) if found else None)


if __name__ == "__main__":
    main()
