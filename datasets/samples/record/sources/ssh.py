"""The ssh client against an sshd of our own on a loopback port."""

import subprocess
import time
from pathlib import Path

import sandbox
from cases import Cases
from sandbox import failure, succeed, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "ssh", ["ssh", "sshd", "ssh-keygen"], ["ssh", "-V"]
CASES = Cases()
HOME = sandbox.ROOT / "ssh"
PORTS = []


def ssh(*options, to="deploy@127.0.0.1", command="uptime"):
    return failure("ssh", "-F", HOME / "client_config", *options, to, command, cwd=HOME)


def start_server():
    """One sshd that listens on several ports and knows only the key of `app`."""
    PORTS[:] = [sandbox.free_port() for _ in range(12)]
    succeed("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", HOME / "host_key")
    succeed("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "app", "-f", HOME / "id_deploy")
    succeed("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "app", "-f", HOME / "id_laptop")
    ports = "".join(f"Port {port}\n" for port in PORTS)
    config = write(HOME / "sshd_config", f"{ports}ListenAddress 127.0.0.1\nUsePAM yes\n"
                   f"HostKey {HOME}/host_key\nPidFile none\nPasswordAuthentication no\n"
                   f"KbdInteractiveAuthentication no\nMaxStartups 100\n"
                   f"StrictModes no\nAuthorizedKeysFile {HOME}/id_deploy.pub\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", config], cwd="/",
                              stderr=subprocess.DEVNULL)
    time.sleep(1)
    return server


def prepare():
    sandbox.fresh("ssh")
    write(HOME / "client_config", f"BatchMode yes\nConnectTimeout 5\nLogLevel ERROR\n"
          f"IdentityFile {HOME}/id_laptop\nIdentitiesOnly yes\n"
          f"StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n")
    return start_server()


@CASES.add("ssh-server-down", 44, "Connection refused")
def connection_refused(v):
    return ssh("-p", sandbox.free_port(), to=f"deploy@{v.loopback()}")


@CASES.add("ssh-key-not-authorized", 34, "Permission denied (publickey)")
def permission_denied(v):
    return ssh("-p", v.pick(PORTS), to=f"{v.team()}@127.0.0.1")


@CASES.add("ssh-host-key-unknown", 22, "host key is known")
def host_key_unknown(v):
    return ssh("-p", v.pick(PORTS), "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=INFO")


@CASES.add("ssh-host-key-changed", 14, "IDENTIFICATION HAS CHANGED")
def host_key_changed(v):
    """The known key is another one: as after a server was set up anew."""
    port, line = v.pick(PORTS), v.number(1, 9)
    other = (HOME / "id_deploy.pub").read_text().split()[1]
    known = write(HOME / f"known_hosts_{v.word()}",
                  "# hosts\n" * (line - 1) + f"[127.0.0.1]:{port} ssh-ed25519 {other}\n")
    return ssh("-p", port, "-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={known}")


@CASES.add("ssh-bad-configuration-option", 26, "Bad configuration option")
def bad_option(v):
    config = write(HOME / f"config.{v.team()}", "# defaults\n" * v.number(0, 9)
                   + f"{v.identifier()} {v.pick(['yes', 'no'])}\n")
    return failure("ssh", "-F", config, "deploy@127.0.0.1", cwd=HOME)


@CASES.add("ssh-key-file-readable-by-others", 16, "UNPROTECTED PRIVATE KEY")
def key_file_mode(v):
    mode = v.pick([0o644, 0o640, 0o664, 0o666, 0o755])
    key = write(HOME / f"id_{v.word()}", (HOME / "id_deploy").read_bytes())
    key.chmod(mode)
    config = write(HOME / "bare_config", "BatchMode yes\nIdentitiesOnly yes\nLogLevel ERROR\n"
                   "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n")
    return failure("ssh", "-F", config, "-i", key, "-p", v.pick(PORTS),
                   "app@127.0.0.1", "uptime", cwd=HOME)


def record(log, seed):
    server = prepare()
    try:
        command_line.record(log, CASES, seed, SOURCE)
    finally:
        server.terminate()
        server.wait()
