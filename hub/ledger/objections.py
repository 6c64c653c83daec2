"""Objections in the ledger: where they stand, and what was done about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.errors import NotFound
from hub.ledger.numbers import next_number
from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import objection, objection_event
from hub.records import Objection


def as_objection(row: Row[Any]) -> Objection:
    """One row as its record."""
    return Objection(**{name: getattr(row, name) for name in Objection.__dataclass_fields__})


def new_id(connection: Connection, at: datetime) -> str:
    """The id of the next objection."""
    return next_number(connection, objection, "O", at)


def add_objection(connection: Connection, new: Objection) -> None:
    """Record a new objection."""
    values = {name: getattr(new, name) for name in Objection.__dataclass_fields__}
    connection.execute(insert(objection).values(**values))


def change(connection: Connection, objection_id: str, **values: Any) -> None:
    """Change columns of one objection."""
    connection.execute(update(objection).where(objection.c.id == objection_id).values(**values))


def add_event(
    connection: Connection,
    objection_id: str,
    kind: str,
    state: str,
    by: str,
    department: str,
    reason: str | None,
    at: datetime,
) -> None:
    """Add a line to an objection's history."""
    of = objection_event.c.objection_id == objection_id
    place = connection.execute(select(func.count()).where(of)).scalar_one() + 1
    values = {"objection_id": objection_id, "place": place, "kind": kind, "state": state}
    connection.execute(
        insert(objection_event).values(
            **values, by=by, department=department, reason=reason or None, at=at
        )
    )


def objection_in(connection: Connection, objection_id: str, held: bool = False) -> Objection:
    """One objection as a transaction sees it; raises `NotFound`.

    `held`: nobody else changes it until the transaction ends.
    """
    query = select(objection).where(objection.c.id == objection_id)
    row = connection.execute(query.with_for_update() if held else query).one_or_none()
    if row is None:
        raise NotFound(f"没有校核异议 / there is no objection {objection_id[:64]}")
    return as_objection(row)


def objection_of(ledger: Ledger, objection_id: str) -> Objection:
    """One objection; raises `NotFound`."""
    with ledger.reading() as connection:
        return objection_in(connection, objection_id)


def events_in(connection: Connection, objection_id: str) -> list[Row[Any]]:
    """The history of one objection, oldest first."""
    query = select(objection_event).where(objection_event.c.objection_id == objection_id)
    return list(connection.execute(query.order_by(objection_event.c.place)))


def standing_in(
    connection: Connection, grant_id: str, record_id: str, field: str, states: Collection[str]
) -> str | None:
    """The objection to one value of a grant that is in one of these states."""
    query = select(objection.c.id).where(
        objection.c.grant_id == grant_id,
        objection.c.record_id == record_id,
        objection.c.field == field,
        objection.c.state.in_(list(states)),
    )
    found: str | None = connection.execute(query).scalar()
    return found


def objections(
    ledger: Ledger,
    dataset: str | None = None,
    grant_id: str | None = None,
    department: str | None = None,
    subscriber: str | None = None,
    states: Collection[str] | None = None,
) -> list[Objection]:
    """Objections, oldest first."""
    query = select(objection).order_by(objection.c.filed_at, objection.c.id)
    wanted = {
        "dataset": dataset,
        "grant_id": grant_id,
        "department": department,
        "subscriber": subscriber,
    }
    for name, value in wanted.items():
        if value is not None:
            query = query.where(objection.c[name] == value)
    if states is not None:
        query = query.where(objection.c.state.in_(list(states)))
    with ledger.reading() as connection:
        return [as_objection(row) for row in connection.execute(query)]
