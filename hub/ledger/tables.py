"""The ledger's tables. Times are UTC; JSON columns hold plain values without personal data."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

HEAD = "0005"  # the newest migration; `open_ledger` migrates when the database is behind

metadata = MetaData()
AutoId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER keys by itself


class UtcTime(TypeDecorator[object]):
    """An aware UTC datetime; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        from datetime import UTC, datetime

        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


batch = Table(
    "batch",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("supply", String(120), nullable=False),
    Column("contract_version", String(40), nullable=False),
    Column("mode", String(12), nullable=False),
    Column("as_of", UtcTime, nullable=False),
    Column("low", String(64)),
    Column("high", String(64)),
    Column("file", String(500)),
    Column("file_digest", String(64)),
    Column("content_at", UtcTime),
    Column("state", String(12), nullable=False),
    Column("verdict", String(12)),
    Column("counts", JSON),
    Column("landing", JSON),
    Column("checked", JSON),
    Column("decision", JSON),  # of a person on a held batch: verdict, reason, by, at
    Column("origin", JSON),  # not pulled: {"replay_of": batch} or {"order": …, "by": …, "file": …}
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Index("batch_by_supply", "supply", "opened_at"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("batch_id", ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("uri", String(500), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("after", JSON),
)

supply_state = Table(
    "supply_state",
    metadata,
    Column("supply", String(120), primary_key=True),
    Column("watermark", String(64)),
    Column("batch_id", ForeignKey("batch.id"), nullable=False),
    Column("keys_compared_at", UtcTime),
)

segment = Table(
    "segment",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("supply", String(120), nullable=False),
    Column("batch_id", ForeignKey("batch.id")),  # null: a compacted base
    Column("last_batch_id", String(160), nullable=False),
    Column("uri", String(500), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Index("segment_by_supply", "supply", "active"),
    UniqueConstraint("batch_id", name="segment_once_per_batch"),
)

release = Table(
    "release",
    metadata,
    Column("dataset", String(120), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("delta_version", Integer, nullable=False),
    Column("reconciliation", String(64), nullable=False),
    Column("manifest", String(500), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("deleted", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("dataset", "reconciliation", name="release_once_per_reconciliation"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("supply", String(120), nullable=False),
    Column("as_of", UtcTime, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ok", Boolean, nullable=False),  # the front end could be read
    Column("error", String(80)),  # the error's class
    Index("attempt_by_supply", "supply", "as_of"),
)
"""Every attempt to pull: what accessibility (GB/T 36344 0601) is counted from."""

measure = Table(
    "measure",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("subject", String(12), nullable=False),  # batch, replay, answer, release, attempt
    Column("subject_id", String(160), nullable=False),  # batch id, "<dataset>/<version>"
    Column("department", String(120)),
    Column("supply", String(120)),
    Column("dataset", String(120)),
    Column("field", String(120)),  # null: the table as a whole
    Column("rule_id", String(300)),
    Column("indicator", String(4)),  # null: counted and shown, part of no indicator
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger, nullable=False),
    Column("holds", Boolean),  # of a rule: kept its promise, with what it tolerates
    Column("at", UtcTime, nullable=False),  # the batch's as_of, the release's created_at
    Column("noted_at", UtcTime, nullable=False),  # when the ledger learnt of it
    Index("measure_by_subject", "subject", "subject_id"),
    Index("measure_by_time", "at", "subject", "indicator", "numerator", "denominator", "noted_at"),
)
"""Numerators and denominators of GB/T 36344 as counted, never a quotient; only ever added to."""

report = Table(
    "report",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("document", String(200), nullable=False),  # e.g. "hub:2026-11"
    Column("made_at", UtcTime, nullable=False),
    Column("uri", String(500), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the document's canonical JSON
    Index("report_by_document", "document", "made_at"),
)
"""Every report that was made, with the digest that proves it unchanged."""

work_order = Table(
    "work_order",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("department", String(120), nullable=False),
    Column("supply", String(120), nullable=False),
    Column("round", String(200), nullable=False),  # the batch or release that showed its items
    Column("state", String(12), nullable=False),
    Column("opened_at", UtcTime, nullable=False),  # when its round came
    Column("noted_at", UtcTime, nullable=False),  # when the ledger learnt of it
    Column("due_on", Date, nullable=False),  # the last working day for the answer
    Column("returned_at", UtcTime),
    Column("closed_at", UtcTime),
    Index("work_order_by_supply", "supply", "state"),
)

work_item = Table(
    "work_item",
    metadata,
    Column("order_id", ForeignKey("work_order.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),  # keyed: tells items apart, says nothing
    Column("kind", String(40), nullable=False),  # quarantine, table, or a kind of discrepancy
    Column("dataset", String(120)),
    Column("field", String(120)),
    Column("other", String(120)),  # of a discrepancy: the supply on the other side
    Column("rules", JSON),  # ids of the rules that the row broke
    Column("content", String(64), nullable=False),  # keyed digest of what is wrong
    Column("seen_in", String(160), nullable=False),  # batch or release that showed it first
    Column("shown_in", String(160), nullable=False),  # … and last
    Column("state", String(12), nullable=False),
    Column("reason", Text),
    Column("changed_at", UtcTime, nullable=False),
    Column("closed_by", String(160)),  # batch, release or person
    Index("work_item_by_digest", "digest", "state"),
)

work_round = Table(
    "work_round",
    metadata,
    Column("id", String(200), primary_key=True),  # batch id, "<batch>!<verdict>", "<dataset>/<n>"
    Column("at", UtcTime, nullable=False),
)
"""Batches, decisions and releases that the work orders have taken in."""

work_event = Table(
    "work_event",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("order_id", ForeignKey("work_order.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(120), nullable=False),
    Column("action", String(40), nullable=False),
    Column("items", Integer, nullable=False),
    Column("reason", Text),
    Column("detail", JSON),
    Index("work_event_by_order", "order_id", "id"),
)
"""What happened to a work order; only ever added to."""
