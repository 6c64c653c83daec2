"""One OpenSSH server of the Debian package, without rights, that offers nothing but SFTP."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, own_folder, running

ACCOUNT = "daemon"  # has a group of its own name, and nothing to lose


@dataclass(frozen=True)
class SshServer:
    """A running server; `root` is a folder that the account may read and write."""

    port: int
    user: str
    root: Path
    host_key: str  # "ssh-ed25519 AAAA…"
    private_key: Path

    def url(self, folder: Path) -> str:
        """The address of a folder."""
        return f"sftp://{self.user}@127.0.0.1:{self.port}{folder}"


@contextmanager
def sshd(denied: str = "") -> Iterator[SshServer]:
    """A server with a fresh host key and one account that logs in with a fresh key.

    `denied`: a request that its SFTP refuses, such as posix-rename.
    """
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise RuntimeError("the SSH server is not installed: apt-get install openssh-server")
    user = ACCOUNT if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with own_folder(ACCOUNT) as folder:
        folder.chmod(0o755)
        host, login = _key(folder / "host", "ed25519"), _key(folder / "login", "ed25519")
        _give(folder / "host", ACCOUNT)
        (folder / "known").write_text(login)
        port, root = free_port(), folder / "drops"
        root.mkdir()
        root.chmod(0o777)
        settings = {
            "Port": port, "ListenAddress": "127.0.0.1", "HostKey": folder / "host",
            "AuthorizedKeysFile": folder / "known", "PidFile": "none", "UsePAM": "no",
            "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no",
            "StrictModes": "no", "MaxStartups": "100",
            "Subsystem": f"sftp internal-sftp{f' -P {denied}' if denied else ''}",
        }  # fmt: skip
        config = folder / "config"
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        command = [program, "-D", "-e", "-f", config]
        with running(command, ACCOUNT, folder / "log", lambda: _answers(port)):
            yield SshServer(port, user, root, host, folder / "login")


def _key(path: Path, kind: str) -> str:
    """A new key pair; the public half as `type base64`."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", path], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def _give(path: Path, account: str) -> None:
    if os.geteuid() == 0:
        entry = pwd.getpwnam(account)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        try:
            probe.connect(("127.0.0.1", port))
            return probe.recv(4) == b"SSH-"
        except OSError:
            return False
