"""Reads the audit log for people; for proof it is read as lines (hub.proof)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from hub.ledger.audit_tables import audit_event
from hub.ledger.opening import Ledger


def events(
    ledger: Ledger,
    subject: str | None = None,
    event: str | None = None,
    by: str | None = None,
    department: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Events, newest first: their text as data, and their hash. `since` without a zone is UTC."""
    table = audit_event
    wanted = {
        table.c.subject: subject,
        table.c.kind: event,
        table.c.actor: by,
        table.c.department: department,
    }
    query = select(table).order_by(table.c.seq.desc()).limit(limit)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        zoned = since if since.tzinfo else since.replace(tzinfo=UTC)
        first = zoned.astimezone(UTC).isoformat(timespec="microseconds")
        query = query.where(table.c.at >= first)
    with ledger.reading() as connection:
        return [_event(row) for row in connection.execute(query)]


def _event(row: Row[Any]) -> dict[str, Any]:
    try:
        told = dict(json.loads(row.body))
        detail = dict(told["detail"])
    except (ValueError, KeyError, TypeError):  # not as it was noted, which `verify` tells
        told, detail = {"seq": row.seq, "at": row.at, "event": row.kind}, {"unreadable": True}
    return {**told, "detail": detail, "hash": row.hash}
