"""The ledger's tables of the audit log: only ever added to, each event chained to the last."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table, Text

from hub.ledger.tables import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("kind", String(40), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("department", String(120)),
    Column("subject", String(160), nullable=False),
    Column("at", String(32), nullable=False),  # as hashed
    Column("body", Text, nullable=False),  # canonical JSON: the very text that was hashed
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_event_by_subject", "subject"),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # of the event it stands on
    Column("document", JSON, nullable=False),  # signed
)
