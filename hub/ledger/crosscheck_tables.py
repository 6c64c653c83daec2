"""The ledger's tables on cross-checks and policies: runs, findings and what became of them.

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

from hub.ledger.tables import AutoId, UtcTime, metadata

crosscheck_run = Table(
    "crosscheck_run",
    metadata,
    Column("id", String(64), primary_key=True),  # digest of all that it read, and of the run before
    Column("crosscheck", String(120), nullable=False),
    Column("place", Integer, nullable=False),  # 1, 2, 3 … of this check
    Column("version", String(40), nullable=False),
    Column("inputs", JSON, nullable=False),  # releases and last batches that it read
    Column("as_of", Date, nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("amount_fen", BigInteger),  # None: the check knows no amounts
    Column("uri", String(500), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("ran_at", UtcTime, nullable=False),
    UniqueConstraint("crosscheck", "place", name="crosscheck_run_in_order"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", String(64), primary_key=True),  # keyed digest of the check and the finding's key
    Column("crosscheck", String(120), nullable=False),
    Column("department", String(120), nullable=False),
    Column("severity", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("proof", String(64), nullable=False),  # keyed digest of its evidence
    Column("amount_fen", BigInteger),
    Column("recovered_fen", BigInteger, nullable=False, default=0),
    Column("opened_on", Date, nullable=False),  # opened again: then
    Column("due_on", Date),  # None: nobody has to answer any more
    Column("first_run", ForeignKey("crosscheck_run.id"), nullable=False),
    Column("last_run", ForeignKey("crosscheck_run.id"), nullable=False),  # the last that found it
    Index("finding_by_crosscheck", "crosscheck", "state"),
)

finding_event = Table(
    "finding_event",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("finding_id", ForeignKey("finding.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False),  # afterwards
    Column("department", String(120), nullable=False),  # responsible afterwards
    Column("amount_fen", BigInteger),  # at stake afterwards
    Column("recovered_fen", BigInteger),  # what this event brought back; below 0 is a correction
    Column("due_on", Date),  # afterwards
    Column("run", ForeignKey("crosscheck_run.id")),  # that caused it; None: a person
    Column("reason", Text),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("finding_id", "place", name="finding_event_in_order"),
    Index("finding_event_at", "at"),
)

policy_run = Table(
    "policy_run",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("policy", String(120), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column("place", Integer, nullable=False),
    Column("version", String(40), nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("counts", JSON, nullable=False),  # per result; asked and carried over
    Column("uri", String(500), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("ran_at", UtcTime, nullable=False),
    UniqueConstraint("policy", "place", name="policy_run_in_order"),
)

question_fault = Table(
    "question_fault",
    metadata,
    Column("kind", String(12), primary_key=True),  # crosscheck, policy
    Column("name", String(120), primary_key=True),
    Column("message", Text, nullable=False),  # without any value of a row
    Column("at", UtcTime, nullable=False),
)
