"""The processes of the demo: started together, watched, and all gone at the end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hub.errors import HubError

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
GRACE_S = 10.0


class DemoError(HubError):
    """The demo cannot go on. Raised while it plays; the message says which log to read."""


@dataclass
class Company:
    """The processes of one demo, each in a session of its own."""

    env: Mapping[str, str]
    logs: Path
    strangers: frozenset[int]  # process ids: children that were there before
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process whose output goes to `<logs>/demo-<name>.log`."""
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                command,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        return self.running[name]

    def finish(self, name: str) -> None:
        """Wait for a process that is to end by itself; raises `DemoError` when it failed."""
        if self.running[name].wait() != 0:
            raise self._failed(name)
        del self.running[name]

    def check(self) -> None:
        """Raise `DemoError` when a process that should run has ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise self._failed(name)

    def log(self, name: str) -> Path:
        """Where the output of a process goes."""
        return self.logs / f"demo-{name}.log"

    def _failed(self, name: str) -> DemoError:
        log = self.log(name)
        tail = log.read_text(errors="replace").splitlines()[-12:]
        code = self.running[name].returncode
        return DemoError("\n".join([f"{name} ended with status {code}; see {log}", *tail]))


@contextlib.contextmanager
def company(env: Mapping[str, str], logs: Path) -> Iterator[Company]:
    """Processes that are gone when the block ends, however it ends.

    Orphans of the processes are adopted by this one, so that they are found and ended as well.
    """
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    troupe = Company(env, logs, frozenset(p.pid for p in psutil.Process().children()))
    try:
        yield troupe
    finally:
        before = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            _end_all(troupe)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_all(troupe: Company) -> None:
    for started in troupe.running.values():
        if started.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while left := _descendants(troupe.strangers):
        if time.monotonic() > deadline:
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        psutil.wait_procs(left, timeout=0.5)


def _descendants(strangers: frozenset[int]) -> list[psutil.Process]:
    """Everything below this process that lives and is not a stranger's; the dead are reaped."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        if child.pid in strangers:
            continue
        if _status(child) == psutil.STATUS_ZOMBIE:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)
            continue
        found.append(child)
        with contextlib.suppress(psutil.NoSuchProcess):
            found += child.children(recursive=True)
    return [process for process in found if _status(process) != psutil.STATUS_ZOMBIE]


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE


def _end_with_parent() -> None:
    """Even a demo that is killed outright takes its processes with it."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
