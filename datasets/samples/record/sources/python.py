"""A Python application of several packages that logs its failures with `logging`."""

from pathlib import Path

import sandbox

from sandbox import ROOT, VENV, succeed, write

SOURCE, COMMANDS = "python", [str(VENV / "bin/python"), "openssl"]
VERSION = [str(VENV / "bin/python"), "--version"]
HERE = Path(__file__).parent.parent
PROGRAM = HERE / "programs/python"


def lay_out():
    """Puts the packages below /srv/app, and what they share with the recorder in `record`."""
    for package in [path for path in PROGRAM.iterdir() if path.is_dir()]:
        folder = sandbox.fresh(package.name)
        for file in package.glob("*.py"):
            write(folder / file.name, file.read_bytes())
    folder = sandbox.fresh("record")
    for name in ["cases.py", "values.py", "rawlog.py"]:
        write(folder / name, (HERE / name).read_bytes())
    write(ROOT / "run.py", (PROGRAM / "run.py").read_bytes())


def certificate(name, *issuer):
    folder = ROOT / "auth/tls"
    sandbox.make_folders(folder)
    succeed("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
            "-subj", f"/CN={name}.partner.internal", "-addext",
            f"subjectAltName=DNS:{name}.partner.internal", *issuer,
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", cwd=folder)


def record(log, seed):
    lay_out()
    certificate("self")
    certificate("issued", "-CA", ROOT / "auth/tls/self.pem", "-CAkey", ROOT / "auth/tls/self.key")
    path, index = write(ROOT / "app.log", ""), ROOT / "tmp/app.index"
    succeed(VENV / "bin/python", "run.py", seed, path, index, cwd=ROOT)
    lines = path.read_bytes().splitlines(keepends=True)
    for row in index.read_text().splitlines():
        cause, component, count = row.split("\t")
        log.add(b"".join(lines[:int(count)]), cause, component)
        del lines[:int(count)]
