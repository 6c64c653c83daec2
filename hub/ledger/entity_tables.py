"""The ledger's tables on entities: what stewards decided, and which linkage models were made.

Neither holds a personal value: rows and parameters lie in the store, here stands where.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from hub.ledger.tables import UtcTime, metadata

link_decision = Table(
    "link_decision",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("dataset", String(120), nullable=False),
    Column("kind", String(12), nullable=False),  # confirm, forbid, undo
    Column("undoes", ForeignKey("link_decision.id")),
    Column("uri", String(500)),  # the rows it speaks of, in the store
    Column("sha256", String(64)),
    Column("reason", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
)

link_model = Table(
    "link_model",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("dataset", String(120), nullable=False),
    Column("uri", String(500), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
)
