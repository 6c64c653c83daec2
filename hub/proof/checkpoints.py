"""Checkpoints: the signed head of the audit log, so that nobody without the key can rewrite it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from hub import signing
from hub.ledger.audit import head, hold
from hub.ledger.audit_tables import audit_checkpoint
from hub.opened import Hub
from hub.proof.signing import signer_of


def checkpoint(hub: Hub) -> signing.Envelope | None:
    """Sign the head of the log; None when nothing was noted since the last checkpoint."""
    by = signer_of(hub)
    with hub.ledger.writing() as connection:
        hold(connection)
        now, last = head(connection), _last(connection)
        if last is not None and last["document"]["seq"] >= now.seq:
            return None
        envelope = signing.sign(
            by.latest(),
            {
                "kind": "checkpoint",
                "seq": now.seq,
                "hash": now.hash,
                "at": hub.now().isoformat(timespec="microseconds"),
                "previous": last["document"]["seq"] if last else None,
            },
        )
        connection.execute(insert(audit_checkpoint).values(seq=now.seq, document=envelope))
    return envelope


def _last(connection: Connection) -> dict[str, Any] | None:
    newest = select(audit_checkpoint.c.document).order_by(audit_checkpoint.c.seq.desc()).limit(1)
    found: dict[str, Any] | None = connection.execute(newest).scalar()
    return found
