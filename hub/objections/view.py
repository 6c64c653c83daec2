"""What a person sees of objections: lists with clocks, and one whole with what was said."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hub import clocks
from hub.errors import DecisionError
from hub.ledger import objections as ledger
from hub.ledger.audit import Shown
from hub.objections.acting import answering, overdue
from hub.officers import department_of, sharing_of
from hub.opened import Hub
from hub.proof import viewed

HIDDEN = ("uri", "same_until")


def rows(
    hub: Hub,
    department: str | None = None,
    subscriber: str | None = None,
    dataset: str | None = None,
    state: str | None = None,
) -> list[dict[str, Any]]:
    """Objections, oldest first, each with who has to act until when; no personal value."""
    states = None if state is None else [state]
    listed = []
    for one in ledger.objections(
        hub.ledger, dataset, department=department, subscriber=subscriber, states=states
    ):
        running = [c for c in clocks.clocks_of(hub, "objection", one.id) if c.stopped_on is None]
        clock = running[-1] if running else None
        shown = {name: value for name, value in asdict(one).items() if name not in HIDDEN}
        listed.append(
            shown
            | {
                "next": clock.department if clock else None,
                "due_on": clock.due_on if clock else None,
                "overdue": overdue(hub, one) is not None if clock else False,
            }
        )
    return listed


def shown(hub: Hub, objection_id: str, by: str) -> dict[str, Any]:
    """One objection with what was said, for those whom it concerns; noted as a view.

    The subscriber sees its own words. Who answers, and the supervisor, also see the value as it
    was supplied, and the rows that it came from. Raises `DecisionError` for anybody else.
    """
    one = ledger.objection_of(hub.ledger, objection_id)
    officer = department_of(hub.catalog, by)
    supplier = answering(hub, one.department, one.subscriber)
    inside = (supplier, one.department, sharing_of(hub.catalog).supervisor)
    if officer.name not in (one.subscriber, *inside):
        raise DecisionError(
            f"{objection_id}: 与 {officer.name} 无关 / is no matter of {officer.name}"
        )
    whole = officer.name in inside and officer.name != one.subscriber
    viewed(hub, Shown.OBJECTION, one.id, by=by, department=officer.name)
    said = hub.store.read_json(one.uri)
    (line,) = [row for row in rows(hub, dataset=one.dataset) if row["id"] == one.id]
    with hub.ledger.reading() as connection:
        history = [
            {
                "kind": event.kind,
                "state": event.state,
                "by": event.by,
                "department": event.department,
                "reason": event.reason,
                "at": event.at,
            }
            for event in ledger.events_in(connection, one.id)
        ]
    names = ("said", "suggestion", *(("value", "source_keys") if whole else ()))
    return line | {name: said[name] for name in names} | {"history": history}
