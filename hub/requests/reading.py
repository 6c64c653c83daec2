"""Which requests there are, and what was done to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from hub.ledger import requests as ledger
from hub.opened import Hub
from hub.records import Request


def request_of(hub: Hub, request_id: str) -> Request:
    """One request; raises `NotFound`."""
    return ledger.request_of(hub.ledger, request_id)


def requests_of(
    hub: Hub,
    subscriber: str | None = None,
    dataset: str | None = None,
    state: str | None = None,
) -> list[Request]:
    """Requests, oldest first."""
    return ledger.requests(hub.ledger, None, subscriber, dataset, state)


def history_of(hub: Hub, request_id: str) -> list[Row[Any]]:
    """Everything that was done to one request, oldest first: kind, state, by, reason, detail."""
    return ledger.history(hub.ledger, request_id)
