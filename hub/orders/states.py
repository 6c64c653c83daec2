"""What persons do to work orders: hand out, confirm, dispute, waive; everything else is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from hub.errors import DecisionError, NotFound
from hub.ledger.audit import Act, note_act
from hub.ledger.orders import (
    UNRESOLVED,
    ItemState,
    OrderState,
    add_event,
    change_items,
    order_of,
    settle,
)
from hub.ledger.tables import work_item, work_order
from hub.orders.desk import LOCK, Desk

ALLOWED: dict[ItemState, tuple[ItemState, ...]] = {
    ItemState.CONFIRMED: UNRESOLVED,
    ItemState.DISPUTED: (ItemState.OPEN, ItemState.RETURNED),
    ItemState.WAIVED: (*UNRESOLVED, ItemState.CONFIRMED),
}
"""State to reach -> states from which a person may reach it; `corrected` is the hub's alone."""

ACTS = {
    ItemState.CONFIRMED: Act.ITEMS_CONFIRMED,
    ItemState.DISPUTED: Act.ITEMS_DISPUTED,
    ItemState.WAIVED: Act.ITEMS_WAIVED,
}

SHORTEST = 8  # hex digits by which an item may be named


def hand_out(
    desk: Desk, order_id: str, by: str, reason: str | None = None, disputed: bool = False
) -> int:
    """Mark an order as returned to its department; the items that changed.

    Handing out once more changes nothing. `disputed`: the bureau upholds disputed items, and they
    are the department's again. Raises `DecisionError` when the order is closed.
    """
    order = order_of(desk.ledger, order_id)
    if order.state == OrderState.CLOSED:
        raise DecisionError(f"work order {order_id} is closed: there is nothing to hand out")
    states = [ItemState.OPEN, *([ItemState.DISPUTED] if disputed else [])]
    with desk.ledger.alone(LOCK), desk.ledger.writing() as connection:
        query = select(work_item).where(
            work_item.c.order_id == order_id,
            work_item.c.state.in_(states),
        )
        items = list(connection.execute(query))
        if not items:
            return 0
        now = desk.now()
        change_items(connection, items, ItemState.RETURNED, now)
        connection.execute(
            update(work_order)
            .where(work_order.c.id == order_id, work_order.c.returned_at.is_(None))
            .values(returned_at=now)
        )
        add_event(connection, order_id, now, by, "returned", len(items), None, reason)
        settle(connection, order_id, now)
        told = {"subject": order_id, "by": by, "department": order.department}
        note_act(connection, Act.ITEMS_RETURNED, at=now, items=len(items), **told)
    return len(items)


def decide_items(
    desk: Desk,
    order_id: str,
    state: ItemState,
    by: str,
    reason: str,
    items: Sequence[str] = (),
    rule: str | None = None,
    everything: bool = False,
) -> int:
    """Confirm, dispute or waive items, named by digest, by the rule that they broke, or all.

    Returns how many changed. Raises `NotFound` when nothing is so named, and `DecisionError` when
    a named item has ended, or no reason is given.
    """
    order = order_of(desk.ledger, order_id)
    if not reason.strip():
        raise DecisionError(f"work order {order_id}: to be {state.value}, items need a reason")
    if not (items or rule or everything):
        raise DecisionError(f"work order {order_id}: name items, a rule, or all")
    with desk.ledger.alone(LOCK), desk.ledger.writing() as connection:
        query = select(work_item).where(work_item.c.order_id == order_id)
        named = _named(order_id, list(connection.execute(query)), items, rule)
        fit = [item for item in named if item.state in ALLOWED[state]]
        _refuse(order_id, state, named, fit, bool(items))
        now = desk.now()
        change_items(connection, fit, state, now, by, reason)
        detail: dict[str, Any] = {"rule": rule} if rule else {}
        others = sorted({item.other for item in fit if item.other})
        if state is ItemState.DISPUTED and others:
            detail["other"] = others
        add_event(connection, order_id, now, by, state.value, len(fit), detail, reason)
        settle(connection, order_id, now)
        told = {"subject": order_id, "by": by, "department": order.department}
        note_act(connection, ACTS[state], at=now, items=len(fit), **told)
    return len(fit)


def _named(
    order_id: str, present: list[Row[Any]], digests: Collection[str], rule: str | None
) -> list[Row[Any]]:
    found = present
    if digests:
        found = []
        for start in digests:
            same = [item for item in present if item.digest.startswith(start)]
            if len(start) < SHORTEST or len(same) != 1:
                raise NotFound(
                    f"work order {order_id} has {len(same)} items that begin with {start[:64]}; "
                    f"give at least {SHORTEST} digits of one"
                )
            found += same
    if rule:
        found = [item for item in found if rule in (*(item.rules or ()), item.kind)]
    if not found:
        raise NotFound(f"work order {order_id} has no item of the rule {rule}")
    return found


def _refuse(
    order_id: str, state: ItemState, named: list[Row[Any]], fit: list[Row[Any]], strict: bool
) -> None:
    """Refuse when nothing may change, or when one of the items named singly may not."""
    if fit and (len(fit) == len(named) or not strict):
        return
    ended = sorted({item.state for item in named if item not in fit})
    raise DecisionError(
        f"work order {order_id}: {len(named) - len(fit)} items are {', '.join(ended)} "
        f"and cannot become {state.value}"
    )
