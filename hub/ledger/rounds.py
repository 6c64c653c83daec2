"""Rounds: what a batch, a decision or a release changes in the work orders, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select

from hub.ledger.opening import Ledger
from hub.ledger.orders import (
    HUB,
    SETTLED,
    UNRESOLVED,
    ItemState,
    OrderState,
    add_event,
    add_items,
    change_items,
    items_in,
    items_named,
    set_items,
    settle,
)
from hub.ledger.tables import batch, work_order, work_round
from hub.records import BatchState


@dataclass(frozen=True, slots=True)
class Shown:
    """One fault as a batch or release shows it; digests are keyed and say nothing."""

    digest: str
    content: str
    kind: str
    rules: tuple[str, ...] = ()
    dataset: str | None = None
    field: str | None = None
    other: str | None = None


@dataclass(frozen=True)
class Part:
    """What one round says of one supply: all faults shown, and those gone."""

    supply: str
    department: str
    due_on: date
    shown: Mapping[str, Shown]
    gone: Collection[str] = ()
    waived: Collection[str] = ()
    reason: str | None = None
    by: str = HUB
    dataset: str | None = None  # discrepancies of this dataset; None: rows and tables


@dataclass(frozen=True)
class Event:
    """A line of an order's history that belongs to a round."""

    order_id: str
    by: str
    action: str
    items: int
    detail: dict[str, Any] = field(default_factory=dict)


def decision_id(batch_id: str, verdict: str) -> str:
    """The round of a person's decision on a batch."""
    return f"{batch_id}!{verdict}"


def batches_left(ledger: Ledger, supply: str) -> list[Row[Any]]:
    """Checked batches of a supply of which the orders have not taken in everything, oldest first.

    `taken`: what the batch itself says is known; `decided`: what a person decided on it is.
    """
    known = exists().where(work_round.c.id == batch.c.id)
    decided = exists().where(work_round.c.id == batch.c.id + "!" + batch.c.verdict)
    columns = (batch.c.id, batch.c.supply, batch.c.mode, batch.c.file, batch.c.origin,
               batch.c.verdict, batch.c.closed_at)  # fmt: skip
    query = (
        select(*columns, known.label("taken"), batch.c.decision, decided.label("decided"))
        .where(batch.c.supply == supply, batch.c.state == BatchState.CHECKED)
        .where(~known | (batch.c.decision.is_not(None) & ~decided))
        .order_by(batch.c.closed_at, batch.c.id)
    )
    with ledger.reading() as connection:
        found: list[Row[Any]] = list(connection.execute(query))
    return found


@dataclass(frozen=True)
class Round:
    """A batch, a decision or a release that the orders take in. `noted_at`: in which moment."""

    id: str
    shown_in: str
    day: date
    at: datetime
    noted_at: datetime


def take_in(
    ledger: Ledger,
    round_id: str,
    shown_in: str,
    day: date,
    at: datetime,
    now: Callable[[], datetime],
    parts: Sequence[Part],
    events: Sequence[Event] = (),
) -> list[str]:
    """Enter one round in one transaction; the orders that it opened. Twice changes nothing."""
    with ledger.writing() as connection:
        known = connection.execute(select(work_round.c.id).where(work_round.c.id == round_id))
        if known.first():
            return []
        # Asked inside: a report must not count later what it could not see when it was made.
        one = Round(round_id, shown_in, day, at, now())
        connection.execute(insert(work_round).values(id=round_id, at=at))
        for event in events:
            add_event(
                connection, event.order_id, at, event.by, event.action, event.items, event.detail
            )
        opened = [_take_in(connection, part, one) for part in parts]
    return [order for order in opened if order]


def _take_in(connection: Connection, part: Part, one: Round) -> str | None:
    present = {
        row.digest: row for row in items_in(connection, part.supply, part.dataset, UNRESOLVED)
    }
    changed = []
    for digest, row in present.items():
        fault = part.shown.get(digest)
        if fault and (fault.content != row.content or list(fault.rules) != row.rules):
            now = {"rules": list(fault.rules), "content": fault.content, "shown_in": one.shown_in}
            changed.append((row, now))
    set_items(connection, changed)
    gone = [present[digest] for digest in part.gone if digest in present]
    _close(connection, gone, ItemState.CORRECTED, one.shown_in, part, one)
    waived = [present[digest] for digest in part.waived if digest in present]
    _close(connection, waived, ItemState.WAIVED, part.by, part, one)
    new = {digest: fault for digest, fault in part.shown.items() if digest not in present}
    if not new:
        return None
    return _open(connection, part, _settled(connection, part, new), one)


def _settled(
    connection: Connection, part: Part, new: Mapping[str, Shown]
) -> list[tuple[Shown, str | None]]:
    """The new faults without those that a person has settled as they are; with the last order."""
    last: dict[str, Row[Any]] = {}
    ended = (*SETTLED, ItemState.CORRECTED)
    for row in items_named(connection, part.supply, part.dataset, ended, list(new)):
        last[row.digest] = row
    kept: list[tuple[Shown, str | None]] = []
    for digest, fault in new.items():
        before = last.get(digest)
        if before is not None and _as_settled(before, fault):
            continue
        kept.append((fault, before.order_id if before else None))
    return kept


def _as_settled(before: Row[Any], fault: Shown) -> bool:
    """Whether a person has settled this very content, with all rules that it breaks."""
    same = before.state in SETTLED and before.content == fault.content
    return same and set(fault.rules) <= set(before.rules)


def _open(
    connection: Connection, part: Part, faults: Sequence[tuple[Shown, str | None]], one: Round
) -> str | None:
    if not faults:
        return None
    start = f"{part.supply.replace('/', '.')}-{one.day:%Y%m%d}-"
    of_day = select(func.count()).where(
        work_order.c.supply == part.supply, work_order.c.id.startswith(start, autoescape=True)
    )
    order_id = f"{start}{(connection.execute(of_day).scalar() or 0) + 1}"
    connection.execute(
        insert(work_order).values(
            id=order_id,
            department=part.department,
            supply=part.supply,
            round=one.id,
            state=OrderState.OPEN,
            opened_at=one.at,
            noted_at=one.noted_at,
            due_on=part.due_on,
        )
    )
    add_items(
        connection,
        (
            {
                "order_id": order_id,
                "digest": fault.digest,
                "kind": fault.kind,
                "dataset": fault.dataset,
                "field": fault.field,
                "other": fault.other,
                "rules": list(fault.rules),
                "content": fault.content,
                "seen_in": one.shown_in,
                "shown_in": one.shown_in,
                "state": ItemState.OPEN,
                "changed_at": one.at,
            }
            for fault, _ in faults
        ),
    )
    again = Counter(order for _, order in faults if order)
    detail: dict[str, Any] = {"round": one.id}
    if again:
        detail["again"] = dict(sorted(again.items()))
    add_event(connection, order_id, one.at, HUB, "opened", len(faults), detail)
    return order_id


def _close(
    connection: Connection,
    rows: Sequence[Row[Any]],
    state: ItemState,
    closed_by: str,
    part: Part,
    one: Round,
) -> None:
    if not rows:
        return
    by, reason = (HUB, None) if state is ItemState.CORRECTED else (part.by, part.reason)
    change_items(connection, rows, state, one.at, closed_by, reason)
    for order_id, count in sorted(Counter(row.order_id for row in rows).items()):
        detail = {"by": closed_by} if state is ItemState.CORRECTED else None
        add_event(connection, order_id, one.at, by, state.value, count, detail, reason)
        settle(connection, order_id, one.noted_at)
