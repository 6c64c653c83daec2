"""A request of the ledger as the case that the rules of `life` look at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Row

from hub.officers import sharing_of
from hub.opened import Hub
from hub.records import Request
from hub.requests.completeness import free_fields
from hub.requests.life import Case
from hub.requests.states import DECIDING, FILING, Act, State


def case_of(hub: Hub, request: Request, events: Sequence[Row[Any]]) -> Case:
    """Where a request stands, with who did what so far."""
    asked = _asked(events)
    return Case(
        id=request.id,
        subscriber=request.subscriber,
        provider=request.provider,
        supervisor=sharing_of(hub.catalog).supervisor,
        application=request.application,
        free=free_fields(hub.catalog, request.dataset),
        state=State(request.state) if request.state else None,
        decided=request.decided,
        until=request.until,
        returned_from=_returned_from(events),
        asked_days=int(asked.detail["days"]) if asked is not None else 0,
        asked_by=asked.by if asked is not None else "",
        closed=any(event.kind == Act.LAPSE for event in events),
        filers=frozenset(event.by for event in events if event.kind in FILING),
        deciders=frozenset(event.by for event in events if event.kind in DECIDING),
    )


def _returned_from(events: Sequence[Row[Any]]) -> State | None:
    for before, event in pairwise(events):
        if event.kind == Act.RETURN:
            return State(before.state)
    return None


def _asked(events: Sequence[Row[Any]]) -> Row[Any] | None:
    """The extension that was asked for and that nobody has consented to or passed over since."""
    asked = None
    for event in events:
        if event.kind == Act.ASK_EXTENSION:
            asked = event
        elif event.kind in (Act.CONSENT, Act.RETURN):
            asked = None
    return asked
