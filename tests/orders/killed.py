"""A process that is killed right before one of its ledger's commits; no clock decides where."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from hub.opened import Hub, open_hub

Work = Callable[..., None]
WAY = multiprocessing.get_context("forkserver")
WAY.set_forkserver_preload(["hub.steps", "hub.answering", "hub.check", "hub.land", "hub.replay"])


def killed_at(commit: int, home: Path, catalog: Path, work: Work, *arguments: Any) -> bool:
    """Do the work in a process of its own; True when it was killed before it had ended."""
    process = WAY.Process(target=_work, args=(commit, home, catalog, work, arguments))
    process.start()
    process.join(300)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def _work(commit: int, home: Path, catalog: Path, work: Work, arguments: tuple[Any, ...]) -> None:
    with open_hub(home, catalog) as hub:
        left = [commit]

        @event.listens_for(hub.ledger.engine, "commit")
        def _commit(_connection: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        work(hub, *arguments)


def a_day(hub: Hub, moment: Any, supplies: list[str]) -> None:
    """Pull and check."""
    from hub.steps import run_all

    assert run_all(hub, moment, supplies, []).faults == []


def an_answer(hub: Hub, order: str, file: Path) -> None:
    """Take in mended rows."""
    from hub.answering import answer

    answer(hub, order, file, "clerk")
