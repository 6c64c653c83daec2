"""Work orders in the ledger: their items, the states of these, and what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from hub.errors import NotFound
from hub.ledger.opening import Ledger
from hub.ledger.tables import work_event, work_item, work_order

HUB = "hub"  # who acts where no person does
STEP = 500  # items changed by one statement


class ItemState(StrEnum):
    OPEN = "open"
    RETURNED = "returned"  # handed out to the department
    DISPUTED = "disputed"  # the department blames the other side; the bureau decides
    CORRECTED = "corrected"  # no longer shown by a later batch or release
    CONFIRMED = "confirmed"  # the department says that the value is right
    WAIVED = "waived"  # by the bureau


class OrderState(StrEnum):
    OPEN = "open"
    RETURNED = "returned"
    CLOSED = "closed"


UNRESOLVED = (ItemState.OPEN, ItemState.RETURNED, ItemState.DISPUTED)
SETTLED = (ItemState.CONFIRMED, ItemState.WAIVED)
"""Ended by a person's word: such an item stays away while its content is the same."""


def change_items(
    connection: Connection,
    rows: Sequence[Row[Any]],
    state: ItemState,
    at: datetime,
    closed_by: str | None = None,
    reason: str | None = None,
) -> None:
    """Give items a new state."""
    values = {"state": state, "changed_at": at, "closed_by": closed_by, "reason": reason}
    digests: dict[str, list[str]] = {}
    for row in rows:
        digests.setdefault(row.order_id, []).append(row.digest)
    for order_id, named in digests.items():
        for start in range(0, len(named), STEP):
            some = work_item.c.digest.in_(named[start : start + STEP])
            query = update(work_item).where(work_item.c.order_id == order_id, some)
            connection.execute(query.values(**values))


def set_items(connection: Connection, changes: Sequence[tuple[Row[Any], dict[str, Any]]]) -> None:
    """Change the same columns of many items."""
    if not changes:
        return
    query = update(work_item).where(
        work_item.c.order_id == bindparam("of_order"), work_item.c.digest == bindparam("of_item")
    )
    connection.execute(
        query.values({name: bindparam(f"new_{name}") for name in changes[0][1]}),
        [
            {"of_order": row.order_id, "of_item": row.digest}
            | {f"new_{name}": value for name, value in values.items()}
            for row, values in changes
        ],
    )


def settle(connection: Connection, order_id: str, at: datetime) -> None:
    """Let the order's state follow from its items'; what closed it first stays so."""
    query = select(work_item.c.state).where(work_item.c.order_id == order_id).distinct()
    states = set(connection.execute(query).scalars())
    values: dict[str, Any] = {"state": OrderState.RETURNED}
    if ItemState.OPEN in states:
        values = {"state": OrderState.OPEN}
    elif not states & set(UNRESOLVED):
        closed_at = func.coalesce(work_order.c.closed_at, at)
        values = {"state": OrderState.CLOSED, "closed_at": closed_at}
    connection.execute(update(work_order).where(work_order.c.id == order_id).values(**values))


def add_event(
    connection: Connection,
    order_id: str,
    at: datetime,
    by: str,
    action: str,
    items: int,
    detail: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Add a line to an order's history."""
    values = {"order_id": order_id, "at": at, "by": by, "action": action, "items": items}
    connection.execute(insert(work_event).values(**values, detail=detail or None, reason=reason))


def items_in(
    connection: Connection, supply: str, dataset: str | None, states: Collection[str]
) -> list[Row[Any]]:
    """A supply's items in these states; of discrepancies, those of one dataset."""
    return list(connection.execute(_items(supply, dataset, states)))


def items_named(
    connection: Connection,
    supply: str,
    dataset: str | None,
    states: Collection[str],
    digests: Sequence[str],
) -> Iterator[Row[Any]]:
    """The same of these digests alone; of one digest the latest comes last."""
    for start in range(0, len(digests), STEP):
        some = work_item.c.digest.in_(digests[start : start + STEP])
        yield from connection.execute(_items(supply, dataset, states).where(some))


def _items(supply: str, dataset: str | None, states: Collection[str]) -> Select[Any]:
    same = work_item.c.dataset.is_(None) if dataset is None else work_item.c.dataset == dataset
    # A quarantine may hold many: only what a round compares is read.
    item = work_item.c
    columns = (item.order_id, item.digest, item.kind, item.rules, item.content, item.state)
    return (
        select(*columns)
        .join(work_order, work_order.c.id == work_item.c.order_id)
        .where(work_order.c.supply == supply, same, work_item.c.state.in_(list(states)))
        .order_by(work_order.c.opened_at, work_item.c.changed_at, work_item.c.digest)
    )


def add_items(connection: Connection, items: Iterable[dict[str, Any]]) -> None:
    """Add items in steps, so that a large quarantine is not held twice."""
    rest = iter(items)
    while some := list(islice(rest, STEP)):
        connection.execute(insert(work_item), some)


def unresolved(ledger: Ledger, supply: str, dataset: str | None = None) -> list[Row[Any]]:
    """digest, kind, shown_in of a supply's items that still have to be answered."""
    same = work_item.c.dataset.is_(None) if dataset is None else work_item.c.dataset == dataset
    query = (
        select(work_item.c.digest, work_item.c.kind, work_item.c.shown_in)
        .join(work_order, work_order.c.id == work_item.c.order_id)
        .where(work_order.c.supply == supply, same, work_item.c.state.in_(UNRESOLVED))
    )
    with ledger.reading() as connection:
        found: list[Row[Any]] = list(connection.execute(query))
    return found


def order_of(ledger: Ledger, order_id: str) -> Row[Any]:
    """One order; raises `NotFound`."""
    with ledger.reading() as connection:
        query = select(work_order).where(work_order.c.id == order_id)
        found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no work order {order_id}")
    return found


def items_of(
    ledger: Ledger, order_id: str, states: Collection[str] | None = None
) -> list[Row[Any]]:
    """The items of one order, of these states (None: all)."""
    query = select(work_item).where(work_item.c.order_id == order_id).order_by(work_item.c.digest)
    if states is not None:
        query = query.where(work_item.c.state.in_(list(states)))
    with ledger.reading() as connection:
        return list(connection.execute(query))


def events_of(ledger: Ledger, order_id: str) -> list[Row[Any]]:
    """The history of one order, oldest first."""
    query = select(work_event).where(work_event.c.order_id == order_id).order_by(work_event.c.id)
    with ledger.reading() as connection:
        return list(connection.execute(query))
