"""What a clock tells: it comes near its last day, it has passed it; each is said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from hub.clocks.counting import is_near, is_overdue, recounted
from hub.clocks.rules import calendar_of
from hub.ledger import clocks as ledger
from hub.ledger.audit import Event, note
from hub.ledger.numbers import one_at_a_time
from hub.ledger.orders import HUB
from hub.officers import sharing_of
from hub.opened import Hub
from hub.records import Clock
from schemas.workdays import working_days_between


def warn_and_breach(hub: Hub) -> tuple[list[Clock], list[Clock]]:
    """Note the clocks that come near their last day, and those that passed it, each once.

    Returns (warned now, breached now); `watch` calls it. Each is an event of the audit log, and so
    is a last day that moved because the calendar has become another one.
    """
    on = sharing_of(hub.catalog).day(hub.now())
    calendar = calendar_of(hub)
    news: list[tuple[str, Clock]] = []
    with hub.ledger.writing() as connection:
        one_at_a_time(connection)
        for known in ledger.unstopped_in(connection):
            clock = recounted(known, calendar)
            if clock != known:
                news.append(("recounted", clock))
            if is_overdue(clock, on) and clock.breached_on is None:
                news.append(("breached", replace(clock, breached_on=on)))
            elif clock.warned_on is None and is_near(clock, on, calendar):
                news.append(("warned", replace(clock, warned_on=on)))
        for _, clock in news:
            ledger.save_clock(connection, clock)
        for how, clock in news:
            tell(hub, connection, clock, how)
    warned, breached = (
        [clock for how, clock in news if how == what] for what in ("warned", "breached")
    )
    return warned, breached


def tell(hub: Hub, connection: Connection, clock: Clock, how: str) -> None:
    """Append to the audit log what happened to a clock."""
    note(
        connection,
        Event.CLOCK_MOVED,
        subject=clock.subject_id,
        by=HUB,
        at=hub.now(),
        department=clock.department,
        clock=clock.id,
        duty=clock.duty,
        how=how,
        rules=clock.rules,
        due_on=clock.due_on.isoformat() if clock.due_on else None,
    )


def days_left(hub: Hub, clock: Clock, on: date) -> int | None:
    """Working days until the last one; negative when it is over, None while it stands still."""
    if clock.due_on is None:
        return None
    return working_days_between(on, clock.due_on, calendar_of(hub))
