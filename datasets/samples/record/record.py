#!/usr/bin/env python3
"""Records real errors: makes real programs fail below /srv/app and keeps what they wrote.

    record.py --out DIR [--seed N] [--only SOURCE ...]

Run it as root in a container or a virtual machine that may be thrown away: it writes below
/srv/app, starts servers on loopback ports and runs everything as the user `app`. It installs
nothing and says what is missing. The same seed gives the same failures with the same values;
ports, process numbers and times differ.
"""

import argparse
import importlib
import os
import pwd
import re
import subprocess
import sys
import time
from pathlib import Path

import sandbox
from rawlog import RawLog

SOURCES = ["python", "postgres", "java", "nginx", "git", "node", "gcc", "swiftc", "sqlite", "ssh",
           "make", "bash", "pip", "curl", "tar"]


def user_exists(name):
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def problems(modules):
    """What this machine lacks, in sentences."""
    found = [] if os.geteuid() == 0 else ["run this as root, in a machine that may be thrown away"]
    found += [f"no user `{name}`: {how}" for name, how in [
        ("app", "useradd --system --home-dir /srv/app/home --shell /bin/bash app"),
        ("postgres", "install postgresql-15")] if not user_exists(name)]
    commands = sorted({command for module in modules for command in module.COMMANDS})
    found += [f"no program `{name}`" for name in sandbox.missing(commands)]
    if not (sandbox.VENV / "bin/python").exists():
        found.append(f"no Python packages: /usr/bin/python3 -m venv {sandbox.VENV} && "
                     f"{sandbox.VENV}/bin/pip install -r {Path(__file__).parent}/requirements.txt")
    return found


def version(module):
    """What the program says about itself, up to its first number."""
    process = subprocess.run(module.VERSION, env=sandbox.ENVIRONMENT, cwd="/", text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return re.search(r"^.*?\d[\w.+~-]*", process.stdout, re.M)[0].replace('"', "")


def record(module, out, seed):
    started, log = time.monotonic(), RawLog(module.SOURCE)
    module.record(log, seed)
    log.save(out)
    print(f"{module.SOURCE}: {len(log.rows)} records, {len({row[2] for row in log.rows})} causes, "
          f"{time.monotonic() - started:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", nargs="+", choices=SOURCES, default=SOURCES)
    options = parser.parse_args()
    modules = [importlib.import_module(f"sources.{name}") for name in options.only]
    if found := problems(modules):
        sys.exit("record.py: " + "\n           ".join(found))
    os.umask(0o022)
    sandbox.shutil.chown(sandbox.ROOT, "app", "app")
    for folder in ["home", "tmp"]:
        sandbox.fresh(folder)
    for module in modules:
        record(module, options.out, options.seed)
    versions = "".join(f"{name}\t{version(importlib.import_module(f'sources.{name}'))}\n"
                       for name in SOURCES)
    (options.out / "causes/versions.txt").write_text(versions)


if __name__ == "__main__":
    main()
