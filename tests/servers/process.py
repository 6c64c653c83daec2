"""Throwaway servers: a free port, a folder of their own, an end with the test session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def own_folder(account: str) -> Iterator[Path]:
    """A temporary folder that `account` owns, if we are root; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"hub-{account}-"))
    try:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(account)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_account(account: str, *options: str) -> list[str]:
    """The words before a command that drop root's rights; servers refuse to run as root."""
    if os.geteuid() != 0:
        return ["setpriv", *options] if options else []
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups", *options]


@contextmanager
def running(
    command: Sequence[str | Path],
    account: str,
    log: Path,
    ready: Callable[[], bool],
    stop: signal.Signals = signal.SIGTERM,
    timeout_s: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server, once `ready`; it ends with this block, or with a killed test process."""
    prefix = as_account(account, f"--pdeathsig={stop.name.removeprefix('SIG')}")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*prefix, *command], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        deadline = time.monotonic() + timeout_s
        while not ready():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"{command[0]} did not start:\n{log.read_text('utf-8', 'replace')}"
                )
            time.sleep(0.05)
        yield server
    finally:
        server.send_signal(stop)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
