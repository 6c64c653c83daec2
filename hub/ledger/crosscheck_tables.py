"""The ledger's tables on cross-checks: runs, findings and what became of them.

A finding is known by a keyed digest; its evidence lies in the store.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.ledger.tables import UtcTime, metadata

_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER keys by itself

crosscheck_run = Table(
    "crosscheck_run",
    metadata,
    Column("id", String(64), primary_key=True),  # digest of the check and all that it read
    Column("crosscheck", String(120), nullable=False),
    Column("version", String(40), nullable=False),
    Column("inputs", JSON, nullable=False),  # releases and last batches that it read
    Column("found", BigInteger, nullable=False),
    Column("amount_fen", BigInteger),
    Column("uri", String(500), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("ran_at", UtcTime, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("id", String(64), primary_key=True),  # keyed digest of the check and the finding's key
    Column("crosscheck", String(120), nullable=False),
    Column("department", String(120), nullable=False),
    Column("severity", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("amount_fen", BigInteger),
    Column("recovered_fen", BigInteger, nullable=False, default=0),
    Column("opened_on", Date, nullable=False),
    Column("due_on", Date),
    Column("first_run", ForeignKey("crosscheck_run.id"), nullable=False),
    Column("last_run", ForeignKey("crosscheck_run.id"), nullable=False),
    Index("finding_by_crosscheck", "crosscheck", "state"),
)

finding_event = Table(
    "finding_event",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("finding_id", ForeignKey("finding.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("amount_fen", BigInteger),
    Column("reason", Text),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("finding_id", "place", name="finding_event_in_order"),
)
