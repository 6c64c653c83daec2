"""Work orders as people read them: the list, and one order in full; nothing personal in either."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from hub.ledger.orders import UNRESOLVED, OrderState, events_of, items_of, order_of
from hub.ledger.tables import work_item, work_order
from hub.orders.desk import Desk
from hub.orders.words import RuleWords, about_rows, kind_words, words_of
from schemas.workdays import uncovered, working_days_between


def list_orders(
    desk: Desk,
    department: str | None = None,
    supply: str | None = None,
    state: str | None = None,
    overdue: bool = False,
) -> list[dict[str, Any]]:
    """Orders with their items counted by state; the most urgent first, closed ones last."""
    named = {"department": department, "supply": supply, "state": state}
    wanted = [work_order.c[name] == value for name, value in named.items() if value is not None]
    if overdue:
        wanted.append(work_order.c.state != OrderState.CLOSED)
    query = select(work_order).where(*wanted)
    order = (work_order.c.state == OrderState.CLOSED, work_order.c.due_on, work_order.c.id)
    counted = (
        select(work_item.c.order_id, work_item.c.state, func.count())
        .join(work_order, work_order.c.id == work_item.c.order_id)
        .where(*wanted)
        .group_by(work_item.c.order_id, work_item.c.state)
    )
    with desk.ledger.reading() as connection:
        orders = list(connection.execute(query.order_by(*order)))
        states: dict[str, Counter[str]] = {}
        for order_id, item_state, count in connection.execute(counted):
            states.setdefault(order_id, Counter())[item_state] = count
    rows = [_row(desk, order, states.get(order.id, Counter())) for order in orders]
    return [row for row in rows if not overdue or (row["days_left"] or 0) < 0]


def open_by_department(desk: Desk) -> dict[str, dict[str, int]]:
    """Per department the orders that are not closed, and their items still to be answered."""
    item = work_item.c
    query = (
        select(work_order.c.department, func.count(item.order_id.distinct()), func.count())
        .join(work_item, item.order_id == work_order.c.id)
        .where(work_order.c.state != OrderState.CLOSED, item.state.in_(UNRESOLVED))
        .group_by(work_order.c.department)
        .order_by(work_order.c.department)
    )
    with desk.ledger.reading() as connection:
        rows = connection.execute(query).all()
    return {department: {"orders": orders, "items": items} for department, orders, items in rows}


def show_order(desk: Desk, order_id: str) -> dict[str, Any]:
    """One order: its deadline, each rule in words with its standard and evidence, its history."""
    order = order_of(desk.ledger, order_id)
    items = items_of(desk.ledger, order_id)
    known = desk.catalog.departments.get(order.department)
    names = {"zh": known.title.zh, "en": known.title.en} if known else {}
    return {
        **_row(desk, order, Counter(item.state for item in items)),
        "department_name": names,
        "round": order.round,
        "returned_at": order.returned_at.isoformat() if order.returned_at else None,
        "closed_at": order.closed_at.isoformat() if order.closed_at else None,
        "weekends_only": uncovered(_opened(desk, order), order.due_on, desk.calendar),
        "rules": _rules(desk, items),
        "history": [_event(event) for event in events_of(desk.ledger, order_id)],
    }


def _row(desk: Desk, order: Row[Any], states: Counter[str]) -> dict[str, Any]:
    today = desk.day(order.supply, desk.now())
    return {
        "id": order.id,
        "department": order.department,
        "supply": order.supply,
        "state": order.state,
        "opened_at": order.opened_at.isoformat(),
        "due_on": order.due_on.isoformat(),
        "days_left": _left(desk, today, order),
        "items": sum(states.values()),
        "unresolved": sum(states[state] for state in UNRESOLVED),
        "states": {str(state): count for state, count in sorted(states.items())},
    }


def _left(desk: Desk, today: date, order: Row[Any]) -> int | None:
    """Working days until the deadline, negative when it has passed; None when closed."""
    if order.state == OrderState.CLOSED:
        return None
    left = working_days_between(today, order.due_on, desk.calendar)
    # On a Sunday after a Friday's deadline no working day has gone by, and yet it is over.
    return left if today <= order.due_on else min(left, -1)


def _opened(desk: Desk, order: Row[Any]) -> date:
    return desk.day(order.supply, order.opened_at)


def _rules(desk: Desk, items: list[Row[Any]]) -> list[dict[str, Any]]:
    """One line per rule or kind, the most frequent first; an item with two rules counts in both."""
    lines: dict[tuple[str, str | None], dict[str, Any]] = {}
    spoken: dict[str, dict[str, RuleWords]] = {}
    for item in items:
        if item.shown_in not in spoken:
            spoken[item.shown_in] = words_of(desk, item.shown_in)
        rules = item.rules if about_rows(item.kind) else [item.kind]
        for rule in rules:
            words = spoken[item.shown_in].get(rule) or kind_words(
                desk, item.dataset, rule, item.field
            )
            key = (rule, None if about_rows(item.kind) else item.field)
            line = lines.setdefault(key, _line(rule, words, item))
            line["items"] += 1
            line["states"][item.state] = line["states"].get(item.state, 0) + 1
            line["shown_in"] = sorted({*line["shown_in"], item.shown_in})
            if item.other:
                line["others"][item.other] = line["others"].get(item.other, 0) + 1
    return sorted(lines.values(), key=lambda line: (-line["items"], line["rule"]))


def _line(rule: str, words: RuleWords, item: Row[Any]) -> dict[str, Any]:
    return {
        "rule": rule,
        "kind": item.kind,
        "dataset": item.dataset,
        "fields": list(words.fields),
        "severity": words.severity,
        "zh": words.zh,
        "en": words.en,
        "clause": words.clause,
        "mend_zh": words.mend_zh,
        "mend_en": words.mend_en,
        "items": 0,
        "states": {},
        "shown_in": [],
        "others": {},
    }


def _event(event: Row[Any]) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "by": event.by,
        "action": event.action,
        "items": event.items,
        "reason": event.reason,
        "detail": event.detail,
    }
