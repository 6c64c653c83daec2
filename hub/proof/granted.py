"""The ledger's grants against the log: nobody widens, prolongs or revives what was decided."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical import canonical, digest_of
from hub.ledger.audit import Event
from hub.ledger.audit_tables import audit_event
from hub.ledger.sharing_tables import share_grant
from hub.opened import Hub
from hub.proof.verifier.faults import Fault, fault


def wrong_grants(hub: Hub) -> list[Fault]:
    """Grants that are not as the event of their making says, or that live on after their end."""
    with hub.ledger.reading() as connection:
        made, ended = (_events(connection, kind) for kind in (Event.GRANT_MADE, Event.GRANT_ENDED))
        rows = list(connection.execute(select(share_grant).order_by(share_grant.c.id)))
    found = []
    for row in rows:
        seq, detail = made.pop(row.id, (0, {}))
        if not seq:
            found.append(fault("grant", seq, f"{row.id} 没有授权事件", f"{row.id} was never made"))
        elif not _as_told(row, detail):
            found.append(fault("grant", seq, f"{row.id} 被改动", f"{row.id} was changed"))
        elif row.id in ended and row.ended_at is None:
            again = ended[row.id][0]
            found.append(fault("grant", again, f"{row.id} 已终止又恢复", f"{row.id} was revived"))
    gone = [(seq, name) for name, (seq, _) in made.items()]
    return found + [fault("grant", seq, f"{n} 缺失", f"{n} is missing") for seq, n in gone]


def _as_told(row: Row[Any], detail: dict[str, Any]) -> bool:
    """Whether a row says what the event of its making said."""
    try:
        told_end = datetime.fromisoformat(detail["expires_at"])
        terms = digest_of(canonical(row.terms))
    except (KeyError, TypeError, ValueError):
        return False
    own = (
        row.request_id,
        row.dataset,
        row.subscriber,
        terms,
        row.expires_at.replace(microsecond=0),
    )
    told = (*(detail.get(n) for n in ("request", "dataset", "subscriber", "terms")), told_end)
    return own == told


def _events(connection: Connection, kind: Event) -> dict[str, tuple[int, dict[str, Any]]]:
    query = select(audit_event.c.seq, audit_event.c.subject, audit_event.c.body)
    query = query.where(audit_event.c.kind == kind.value).order_by(audit_event.c.seq)
    return {row.subject: (row.seq, _detail(row.body)) for row in connection.execute(query)}


def _detail(body: str) -> dict[str, Any]:
    try:
        return dict(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return {}  # not as it was hashed, which the chain tells
