"""Working-day clocks: who has to act until when. Counted by `hub.clocks.counting`, pure.

What moves a clock happens inside of the `ledger.writing()` block of the act that moves it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import Connection

from hub.clocks.counting import extended, is_overdue, may_extend, paused, resumed
from hub.clocks.rules import calendar_of, rules_in_force
from hub.clocks.telling import days_left, tell, warn_and_breach
from hub.errors import DecisionError
from hub.ledger import clocks as ledger
from hub.officers import sharing_of
from hub.opened import Hub
from hub.records import Clock
from schemas.clocks import Duty
from schemas.workdays import add_working_days

Subject = Literal["request", "delivery", "objection"]

__all__ = [
    "Subject",
    "check_extension",
    "clocks_of",
    "days_left",
    "extend",
    "overdue",
    "pause",
    "resume",
    "running",
    "start",
    "stop",
    "today",
    "warn_and_breach",
]


def today(hub: Hub) -> date:
    """The day that it is now in the zone of `sharing.yaml`."""
    return sharing_of(hub.catalog).day(hub.now())


def start(
    hub: Hub,
    connection: Connection,
    subject: Subject,
    subject_id: str,
    duty: Duty,
    department: str,
) -> Clock:
    """Start a clock today, by the rule set in force today."""
    on = today(hub)
    rules = rules_in_force(hub, on)
    rule = rules.duties[duty]
    new = Clock(
        id=0,
        subject=subject,
        subject_id=subject_id,
        duty=duty.value,
        department=department,
        rules=rules.key,
        started_on=on,
        working_days=rule.working_days,
        extension=rule.extension,
        warn_before=rule.warn_before,
        due_on=add_working_days(on, rule.working_days, calendar_of(hub)),
    )
    return ledger.add_clock(connection, new)


def stop(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty | None = None
) -> list[Clock]:
    """Stop a case's clocks (of one duty, None: all); returns those that it stopped."""
    return ledger.stop(connection, subject, subject_id, today(hub), duty)


def pause(hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty) -> Clock:
    """Let a clock stand still from today on: somebody else owes something first."""
    clock = _running(connection, subject, subject_id, duty)
    changed = paused(clock, today(hub), calendar_of(hub))
    return _moved(hub, connection, changed, "paused")


def resume(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty
) -> Clock:
    """Let it run again: working days after the pause began, up to today, do not count."""
    clock = _running(connection, subject, subject_id, duty)
    changed = resumed(clock, today(hub), calendar_of(hub))
    return _moved(hub, connection, changed, "resumed")


def extend(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty, days: int
) -> Clock:
    """Working days more, once, and no more than its rule set allows; raises `DecisionError`."""
    clock = _running(connection, subject, subject_id, duty)
    changed = extended(clock, days, today(hub), calendar_of(hub))
    return _moved(hub, connection, changed, "extended")


def check_extension(
    hub: Hub, connection: Connection, subject: Subject, subject_id: str, duty: Duty, days: int
) -> None:
    """Raises `DecisionError` when `extend` would."""
    clock = _running(connection, subject, subject_id, duty)
    may_extend(clock, days, today(hub))


def clocks_of(hub: Hub, subject: Subject, subject_id: str) -> list[Clock]:
    """All clocks of one case, stopped ones too, in the order of their start."""
    return ledger.clocks_of(hub.ledger, subject, subject_id)


def running(hub: Hub, department: str | None = None) -> list[Clock]:
    """Clocks that nobody has stopped, the first due first; those that stand still come last."""
    return ledger.unstopped(hub.ledger, department)


def overdue(hub: Hub, department: str | None = None) -> list[Clock]:
    """Clocks of duties whose last day is over, the oldest first."""
    day = today(hub)
    return [clock for clock in running(hub, department) if is_overdue(clock, day)]


def _running(connection: Connection, subject: str, subject_id: str, duty: Duty) -> Clock:
    found = ledger.running(connection, subject, subject_id, duty)
    if not found:
        raise DecisionError(f"{subject_id}: 没有运行中的时限 / no clock runs for {duty}")
    return found[-1]


def _moved(hub: Hub, connection: Connection, changed: Clock, how: str) -> Clock:
    ledger.save_clock(connection, changed)
    tell(hub, connection, changed, how)
    return changed
