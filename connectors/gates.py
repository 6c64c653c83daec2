"""When and by how many at once a node may be read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from connectors.protocol import SourceRefused, SourceUnreachable
from schemas.properties import Node

PAUSE_S = 0.1


def refuse_outside_hours(node: Node, department: str, now: datetime | None = None) -> None:
    """Raises `SourceRefused` unless `now` (aware; default: the present) is within allowed hours.

    Hours are of the node's time zone, end exclusive, and may run over midnight.
    """
    if node.allowed_hours is None:
        return
    start, end = node.allowed_hours.split("-")
    shown = (now or datetime.now().astimezone()).astimezone(ZoneInfo(node.timezone))
    clock = f"{shown:%H:%M}"
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    if not inside:
        hours = f"{node.allowed_hours} ({node.timezone})"
        raise SourceRefused(f"{department}: {clock} is outside the allowed hours {hours}")


@contextmanager
def one_of_its_connections(node: Node, department: str) -> Iterator[None]:
    """Holds one of the node's `connections` for this block, against all processes of the machine.

    Waits as long as one statement may take, then raises `SourceUnreachable`. The locks are files,
    freed by the system when a process dies.
    """
    folder = Path(tempfile.gettempdir()) / f"exchange-hub-gates-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256(node.url.encode()).hexdigest()[:24]
    deadline = time.monotonic() + node.statement_timeout_s
    while True:
        for number in range(node.connections):
            slot = _locked(folder / f"{digest}-{number}")
            if slot is not None:
                with slot:
                    yield
                return
        if time.monotonic() > deadline:
            raise SourceUnreachable(f"{department}: all {node.connections} connections are in use")
        time.sleep(PAUSE_S)


def _locked(path: Path) -> IO[bytes] | None:
    slot = path.open("ab")
    try:
        fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        slot.close()
        return None
    return slot
