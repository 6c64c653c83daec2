"""Clocks in the ledger: moved inside of the transaction of the act that moves them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import clock
from hub.records import Clock


def as_clock(row: Row[Any]) -> Clock:
    """One row as its record."""
    values = {name: getattr(row, name) for name in Clock.__dataclass_fields__}
    pauses = tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in row.pauses)
    return Clock(**{**values, "pauses": pauses})


def add_clock(connection: Connection, new: Clock) -> Clock:
    """Record a clock; its own `id` is not looked at."""
    key = connection.execute(insert(clock).values(**_values(new))).inserted_primary_key
    assert key is not None
    return as_clock(connection.execute(select(clock).where(clock.c.id == key[0])).one())


def save_clock(connection: Connection, changed: Clock) -> None:
    """Keep what became of a clock."""
    query = update(clock).where(clock.c.id == changed.id)
    connection.execute(query.values(**_values(changed)))


def running(
    connection: Connection, subject: str, subject_id: str, duty: str | None = None
) -> list[Clock]:
    """The clocks of one case that are not stopped, standing still or not."""
    query = _of(subject, subject_id).where(clock.c.stopped_on.is_(None))
    if duty is not None:
        query = query.where(clock.c.duty == duty)
    return [as_clock(row) for row in connection.execute(query)]


def stop(
    connection: Connection, subject: str, subject_id: str, on: date, duty: str | None = None
) -> list[Clock]:
    """Stop a case's clocks (of one duty, None: all); returns those that it stopped."""
    stopped = running(connection, subject, subject_id, duty)
    if stopped:
        ids = [one.id for one in stopped]
        connection.execute(update(clock).where(clock.c.id.in_(ids)).values(stopped_on=on))
    return stopped


def clocks_of(ledger: Ledger, subject: str, subject_id: str) -> list[Clock]:
    """All clocks of one case in the order of their start."""
    with ledger.reading() as connection:
        return [as_clock(row) for row in connection.execute(_of(subject, subject_id))]


def unstopped(ledger: Ledger, department: str | None = None) -> list[Clock]:
    """All clocks that are not stopped, the first due first; those that stand still come last."""
    with ledger.reading() as connection:
        return unstopped_in(connection, department)


def unstopped_in(connection: Connection, department: str | None = None) -> list[Clock]:
    """The same as a transaction sees them."""
    query = select(clock).where(clock.c.stopped_on.is_(None))
    if department is not None:
        query = query.where(clock.c.department == department)
    order = (clock.c.due_on.is_(None), clock.c.due_on, clock.c.id)
    return [as_clock(row) for row in connection.execute(query.order_by(*order))]


def _of(subject: str, subject_id: str) -> Select[Any]:
    query = select(clock).where(clock.c.subject == subject, clock.c.subject_id == subject_id)
    return query.order_by(clock.c.id)


def _values(one: Clock) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Clock.__dataclass_fields__ if name != "id"}
    values["pauses"] = [[a.isoformat(), b.isoformat()] for a, b in one.pauses]
    return values
