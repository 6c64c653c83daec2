"""Working-day clocks: who has to act until when. Counted by `hub.clocks.counting`, pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import Connection

from hub.opened import Hub
from hub.records import Clock
from schemas.clocks import Duty

Subject = Literal["request", "delivery", "objection"]


def today(hub: Hub) -> date:
    """The day that it is now in the zone of `sharing.yaml`."""
    raise NotImplementedError


def start(
    hub: Hub,
    connection: Connection,
    subject: Subject,
    subject_id: str,
    duty: Duty,
    department: str,
) -> Clock:
    """Start a clock today, by the rule set in force today. Inside of `ledger.writing()`."""
    raise NotImplementedError


def stop(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty | None = None
) -> list[Clock]:
    """Stop a case's clocks (of one duty, None: all). Inside of `ledger.writing()`."""
    raise NotImplementedError


def pause(hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty) -> Clock:
    """Let a clock stand still from today on: somebody else owes something first."""
    raise NotImplementedError


def resume(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty
) -> Clock:
    """Let it run again: working days after the pause began, up to today, do not count."""
    raise NotImplementedError


def extend(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty, days: int
) -> Clock:
    """Working days more, once, and no more than the rule set allows; raises `DecisionError`."""
    raise NotImplementedError


def clocks_of(hub: Hub, subject: Subject, subject_id: str) -> list[Clock]:
    """All clocks of one case, stopped ones too, in the order of their start."""
    raise NotImplementedError


def running(hub: Hub, department: str | None = None) -> list[Clock]:
    """Clocks that nobody has stopped, the first due first; those that stand still come last."""
    raise NotImplementedError


def overdue(hub: Hub, department: str | None = None) -> list[Clock]:
    """Running clocks whose last day is over, the oldest first."""
    raise NotImplementedError


def warn_and_breach(hub: Hub) -> tuple[list[Clock], list[Clock]]:
    """Note the clocks that come near their last day, and those that passed it, each once.

    Returns (warned now, breached now); `watch` calls it. Each is an event of the audit log.
    """
    raise NotImplementedError
