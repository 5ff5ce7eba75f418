"""bash: operations scripts that meet a machine other than the one they were written on."""

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "bash", ["bash"], ["bash", "--version"]
CASES = Cases()


def script(v, line):
    """A script in which `line` stands somewhere below a few harmless ones."""
    head = "".join(f"{v.word()}={v.number(1, 99)}\n" for _ in range(v.number(1, 20)))
    name = f"{v.pick(['deploy', 'backup', 'rotate', 'sync'])}-{v.word()}.sh"
    path = write(sandbox.ROOT / "ops" / name, f"#!/bin/bash\nset -eu\n{head}{line}\n")
    return failure("bash", path, cwd=sandbox.ROOT / "ops")


@CASES.add("bash-command-not-found", 40, "command not found")
def command_not_found(v):
    tool = v.pick(["aws", "rclone", "mailx", "promtool", "pg_repack", "sops", "s3cmd", "certbot"])
    return script(v, f"{tool} --config /srv/app/ops/{v.word()}.conf")


@CASES.add("bash-variable-not-set", 32, "unbound variable")
def unbound_variable(v):
    return script(v, f'echo "${{{v.team().upper()}_{v.word().upper()}}}"')


@CASES.add("bash-folder-missing", 28, "cd: ")
def folder_missing(v):
    return script(v, f"cd '/srv/app/ops/{v.team()}/{v.warehouse()}'")


@CASES.add("bash-number-with-leading-zero", 22, "value too great")
def leading_zero(v):
    """Months and hours such as 08 are read as octal numbers."""
    number = v.pick(["08", "09", "018", "019", "028", "029", "0890"])
    return script(v, f"echo $(( {number} * {v.number(2, 60)} ))")


def record(log, seed):
    sandbox.fresh("ops")
    command_line.record(log, CASES, seed, SOURCE)
