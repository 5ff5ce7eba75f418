"""Runs programs below /srv/app as the user `app`, with a fixed and small environment."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

ROOT = Path("/srv/app")
VENV = ROOT / "venv"
PATH = "/usr/bin:/bin:/usr/sbin:/opt/swift/usr/bin:/usr/lib/postgresql/15/bin"
ENVIRONMENT = {"PATH": PATH, "HOME": "/srv/app/home", "TMPDIR": "/srv/app/tmp", "USER": "app",
               "LOGNAME": "app", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class DidNotFail(Exception):
    """A program that was meant to fail ended well, or failed without a word."""


def fresh(name, owner="app"):
    """An empty folder /srv/app/<name> that belongs to `owner`."""
    folder = ROOT / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    shutil.chown(folder, owner, owner)
    return folder


def write(path, text):
    """Writes a file that belongs to `app`, with its folders."""
    path = Path(path)
    make_folders(path.parent)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    shutil.chown(path, "app", "app")
    return path


def make_folders(folder):
    if not folder.exists():
        make_folders(folder.parent)
        folder.mkdir()
        shutil.chown(folder, "app", "app")


def popen(command, cwd=ROOT, user="app", extra=None, **options):
    environment = {**ENVIRONMENT, **(extra or {})}
    return subprocess.Popen([str(part) for part in command], cwd=cwd, env=environment, user=user,
                            group=user, extra_groups=[], **options)


def succeed(*command, cwd=ROOT, user="app", extra=None):
    """Runs a command that prepares something; returns what it printed."""
    process = popen(command, cwd, user, extra, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command}: exit {process.returncode}: {output.decode()}")
    return output


def failure(*command, cwd=ROOT, user="app", extra=None, input=None, stdout=False):
    """Runs a command that is meant to fail; returns its stderr (with its stdout if asked)."""
    process = popen(command, cwd, user, extra, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE if stdout else subprocess.DEVNULL,
                    stderr=subprocess.STDOUT if stdout else subprocess.PIPE)
    output, errors = process.communicate(input)
    text = output if stdout else errors
    if process.returncode == 0 or not text.strip():
        raise DidNotFail(f"{command}: exit {process.returncode}: {text!r}")
    return text


def free_port():
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def missing(commands):
    """Those of `commands` that the sandbox cannot find."""
    return [name for name in commands if not shutil.which(name, path=PATH)]
