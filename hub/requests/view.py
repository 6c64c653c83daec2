"""Requests, clocks and rule sets as rows for people and machines."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub import clocks
from hub.clocks.counting import is_over, is_overdue
from hub.ledger import requests as ledger
from hub.opened import Hub
from hub.records import Clock, Request
from hub.requests.completeness import missing
from hub.requests.states import State
from schemas.clocks import in_force
from schemas.sharing import Terms


def request_rows(
    hub: Hub,
    subscriber: str | None = None,
    dataset: str | None = None,
    state: str | None = None,
    provider: str | None = None,
) -> list[dict[str, Any]]:
    """One row per request, oldest first, with who has to act until when."""
    found = ledger.requests(hub.ledger, None, subscriber, dataset, state)
    clocked = _clocks(hub)
    chosen = [one for one in found if provider in (None, one.provider)]
    return [_row(hub, one, clocked.get(one.id, [])) for one in chosen]


def request_shown(hub: Hub, request_id: str) -> dict[str, Any]:
    """One request with everything that was said, decided and done."""
    request = ledger.request_of(hub.ledger, request_id)
    running = clocks.clocks_of(hub, "request", request_id)
    lacking: tuple[str, ...] = ()
    if request.state in (State.FILED, State.RETURNED, State.ACCEPTED):
        lacking = missing(hub.catalog, request.application, clocks.today(hub))
    row = _row(hub, request, [clock for clock in running if clock.stopped_on is None])
    return {
        **row,
        "application": request.application.model_dump(mode="json", by_alias=True),
        "decided": request.decided and terms_shown(request.decided),
        "until": request.until,
        "missing": list(lacking),
        "history": [_event(event) for event in ledger.history(hub.ledger, request_id)],
        "clocks": [clock_row(hub, clock) for clock in running],
    }


def clock_rows(
    hub: Hub, department: str | None = None, overdue: bool = False
) -> list[dict[str, Any]]:
    """The clocks that run, the first due first; with `overdue` those past their last day."""
    found = clocks.overdue(hub, department) if overdue else clocks.running(hub, department)
    return [clock_row(hub, clock) for clock in found]


def clock_row(hub: Hub, clock: Clock) -> dict[str, Any]:
    """One clock, with the working days that are left on it."""
    today = clocks.today(hub)
    return {
        "subject": clock.subject,
        "subject_id": clock.subject_id,
        "duty": clock.duty,
        "department": clock.department,
        "state": _state(clock, today),
        "started_on": clock.started_on,
        "due_on": clock.due_on,
        "days_left": None if clock.stopped_on else clocks.days_left(hub, clock, today),
        "working_days": clock.working_days,
        "extended_days": clock.extended_days,
        "pauses": [list(pause) for pause in clock.pauses],
        "paused_on": clock.paused_on,
        "warned_on": clock.warned_on,
        "breached_on": clock.breached_on,
        "stopped_on": clock.stopped_on,
        "rules": clock.rules,
    }


def rule_rows(hub: Hub) -> list[dict[str, Any]]:
    """Every duty of every rule set, and which set is in force today."""
    profile = hub.catalog.sharing.clocks if hub.catalog.sharing else None
    today = clocks.today(hub) if profile else date.min
    rows = []
    for name, sets in sorted(hub.catalog.clocks.items()):
        used_now = in_force(hub.catalog.clocks, name, today) if name == profile else None
        for rules in sets:
            for duty, rule in rules.duties.items():
                sure = rules.confirmed if rule.confirmed is None else rule.confirmed
                rows.append(
                    {
                        "rules": rules.key,
                        "used": rules is used_now,
                        "duty": duty.value,
                        "working_days": rule.working_days,
                        "extension": rule.extension,
                        "warn_before": rule.warn_before,
                        "confirmed": sure,
                        "source": rule.source or rules.source,
                    }
                )
    return rows


def terms_shown(terms: Terms) -> dict[str, Any]:
    """Terms as a steward would write them."""
    return terms.model_dump(mode="json", by_alias=True, exclude_none=True)


def _row(hub: Hub, request: Request, running: list[Clock]) -> dict[str, Any]:
    acting = next((clock for clock in running if clock.paused_on is None), None)
    return {
        "id": request.id,
        "subscriber": request.subscriber,
        "dataset": request.dataset,
        "provider": request.provider,
        "state": request.state,
        "filed_by": request.filed_by,
        "filed_at": request.filed_at,
        "grant": request.grant_id,
        "next": acting.department if acting else None,
        "duty": acting.duty if acting else None,
        "due_on": acting.due_on if acting else None,
        "overdue": acting is not None and is_overdue(acting, clocks.today(hub)),
    }


def _clocks(hub: Hub) -> dict[str, list[Clock]]:
    found: dict[str, list[Clock]] = {}
    for clock in clocks.running(hub):
        if clock.subject == "request":
            found.setdefault(clock.subject_id, []).append(clock)
    return found


def _event(event: Any) -> dict[str, Any]:
    return {
        "place": event.place,
        "act": event.kind,
        "state": event.state,
        "by": event.by,
        "department": event.department,
        "at": event.at,
        "reason": event.reason,
        "notice": (event.detail or {}).get("notice"),
        "grant": (event.detail or {}).get("grant"),
        "days": (event.detail or {}).get("days"),
    }


def _state(clock: Clock, today: date) -> str:
    if clock.stopped_on is not None:
        return "stopped"
    if clock.paused_on is not None and clock.due_on is None:
        return "paused"
    if is_over(clock, today):
        return "overdue" if is_overdue(clock, today) else "over"
    return "running"
