"""tar: backups and releases that cannot be packed or unpacked."""

import gzip
import io
import random
import tarfile

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "tar", ["tar", "gzip"], ["tar", "--version"]
CASES = Cases()
HOME = sandbox.ROOT / "backup"


def archive(v, members=3):
    """A gzipped archive in which some of the bytes cannot be compressed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for _ in range(members):
            member = tarfile.TarInfo(f"{v.word()}/{v.snake()}.csv")
            member.size = 4000
            file.addfile(member, io.BytesIO(random.Random(v.number(1, 9999)).randbytes(4000)))
    return gzip.compress(buffer.getvalue())


@CASES.add("tar-archive-missing", 28, "Cannot open")
def archive_missing(v):
    return failure("tar", "-xzf", f"/srv/app/backup/{v.team()}-{v.day()}.tar.gz", cwd=HOME)


@CASES.add("tar-member-missing", 26, "Not found in archive")
def member_missing(v):
    path = write(HOME / f"{v.team()}.tar.gz", archive(v))
    names = [f"{v.word()}/{v.warehouse()}.{v.pick(['json', 'sql'])}" for _ in range(v.number(1, 4))]
    return failure("tar", "-xzf", path, *names, cwd=sandbox.fresh("backup/out"))


@CASES.add("tar-source-folder-missing", 22, "Cannot stat")
def source_missing(v):
    return failure("tar", "-czf", "nightly.tar.gz", f"{v.team()}/{v.word()}", cwd=HOME)


def record(log, seed):
    sandbox.fresh("backup")
    command_line.record(log, CASES, seed, SOURCE)
