"""The ledger's tables on sharing: requests, grants, deliveries, receipts, objections, recalls.

No personal value stands here: records are known by the grant's pseudonym of their entity id.
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

request = Table(
    "request",
    metadata,
    Column("id", String(40), primary_key=True),  # R2026-000001
    Column("subscriber", String(120), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column("provider", String(120), nullable=False),  # the department that decides
    Column("state", String(16), nullable=False),
    Column("application", JSON, nullable=False),  # as asked last
    Column("decided", JSON),  # Terms and last day, as decided
    Column("filed_by", String(120), nullable=False),
    Column("filed_at", UtcTime, nullable=False),
    Index("request_by_state", "state"),
)

request_event = Table(
    "request_event",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("request.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("state", String(16), nullable=False),  # afterwards
    Column("by", String(120), nullable=False),
    Column("department", String(120), nullable=False),
    Column("reason", Text),
    Column("detail", JSON),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("request_id", "place", name="request_event_in_order"),
)

clock = Table(
    "clock",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("subject", String(16), nullable=False),  # request, delivery, objection
    Column("subject_id", String(64), nullable=False),
    Column("duty", String(40), nullable=False),  # a name of the rule set
    Column("department", String(120), nullable=False),  # that has to act
    Column("rules", String(80), nullable=False),  # rule set, with its first day in force
    Column("started_on", Date, nullable=False),
    Column("working_days", Integer, nullable=False),
    Column("extension", Integer, nullable=False, default=0),  # the most days more, by the rules
    Column("warn_before", Integer, nullable=False, default=1),
    Column("extended_days", Integer, nullable=False, default=0),
    Column("paused_on", Date),  # not null: it stands still
    Column("pauses", JSON, nullable=False),  # [[first, last], …] that are over
    Column("due_on", Date),  # None while it stands still
    Column("warned_on", Date),
    Column("breached_on", Date),
    Column("stopped_on", Date),
    UniqueConstraint("subject", "subject_id", "duty", "started_on", name="clock_once"),
    Index("clock_running", "stopped_on", "due_on"),
)

share_grant = Table(
    "share_grant",
    metadata,
    Column("id", String(40), primary_key=True),  # G2026-000001
    Column("request_id", ForeignKey("request.id"), nullable=False),
    Column("subscriber", String(120), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column("terms", JSON, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("since_version", Integer),  # the oldest release it opens; None: from the first on
    Column("granted_by", String(120), nullable=False),
    Column("granted_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("end_reason", Text),
    Column("ended_by", String(120)),
    Index("share_grant_by_dataset", "dataset"),
)

credential = Table(
    "credential",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("grant_id", ForeignKey("share_grant.id"), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the token
    Column("made_by", String(120), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

share = Table(
    "share",
    metadata,
    Column("grant_id", ForeignKey("share_grant.id"), primary_key=True),
    Column("version", Integer, primary_key=True),  # of the release
    Column(
        "kind", String(12), primary_key=True
    ),  # rows: the whole; changes: since the version before
    Column("form", String(64), nullable=False),  # digest of terms and contract it was made by
    Column("files", JSON, nullable=False),  # [{uri, sha256, bytes, rows}], masked
    Column("rows", BigInteger, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("pruned_at", UtcTime),
)
"""What a grant lets out of one release, as files at rest; made once."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(64), primary_key=True),  # digest of grant, version, way, content
    Column("grant_id", ForeignKey("share_grant.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("way", String(12), nullable=False),
    Column("content", String(12), nullable=False),  # rows or changes
    Column("base_version", Integer),  # the version that the subscriber had before; None: none
    Column("fetched", JSON, nullable=False),  # SHA-256 of the files that were pulled whole
    Column("state", String(12), nullable=False),  # begun, received, failed
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", String(200)),  # kind only
    Column("begun_at", UtcTime, nullable=False),
    Column("received_at", UtcTime),
    Index("delivery_by_grant", "grant_id", "version"),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False, unique=True),
    Column("grant_id", ForeignKey("share_grant.id"), nullable=False),
    Column("document", JSON, nullable=False),  # signed
    Column("made_at", UtcTime, nullable=False),
    Column("acknowledged_at", UtcTime),
    Column("acknowledged_by", String(120)),
)

objection = Table(
    "objection",
    metadata,
    Column("id", String(40), primary_key=True),  # O2026-000001
    Column("grant_id", ForeignKey("share_grant.id"), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column("version", Integer, nullable=False),  # the release in which the value was seen
    Column("record_id", String(64), nullable=False),  # as the grant shows it
    Column("field", String(120), nullable=False),
    Column("subscriber", String(120), nullable=False),
    Column("department", String(120), nullable=False),  # that supplied the value
    Column("supply", String(240), nullable=False),
    Column("batch_id", String(160)),
    Column("state", String(16), nullable=False),
    Column("uri", String(500), nullable=False),  # what was said, with values, in the store
    Column("same_until", Integer, nullable=False),  # the last release seen with the same value
    Column("mended_in", Integer),  # release
    Column("filed_by", String(120), nullable=False),
    Column("filed_at", UtcTime, nullable=False),
    Index("objection_by_state", "state"),
)

objection_event = Table(
    "objection_event",
    metadata,
    Column("id", AutoId, primary_key=True, autoincrement=True),
    Column("objection_id", ForeignKey("objection.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("state", String(16), nullable=False),  # afterwards
    Column("by", String(120), nullable=False),
    Column("department", String(120), nullable=False),
    Column("reason", Text),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("objection_id", "place", name="objection_event_in_order"),
)

correction = Table(
    "correction",
    metadata,
    Column("id", String(200), primary_key=True),  # <dataset>/<release>, or with !<id>: a steward's
    Column("dataset", String(120), nullable=False),
    Column("version", Integer, nullable=False),  # the release that mends
    Column("cells", BigInteger, nullable=False),  # how many were wrong before it
    Column("uri", String(500)),  # entities, fields and causes, in the store; None: no cell
    Column("by", String(120)),  # the steward
    Column("reason", Text),
    Column("at", UtcTime, nullable=False),
    Index("correction_by_dataset", "dataset", "version"),
)
"""What each release corrected; a release that was looked at has its line, also without a cell."""

recall_look = Table(
    "recall_look",
    metadata,
    Column("correction_id", ForeignKey("correction.id"), primary_key=True),
    Column("grant_id", ForeignKey("share_grant.id"), primary_key=True),
    Column("received", String(64), nullable=False),  # digest of the versions received before it
    Column("at", UtcTime, nullable=False),
)
"""Which corrections were held against what a grant has received."""

recall = Table(
    "recall",
    metadata,
    Column("id", String(64), primary_key=True),  # digest of correction, grant, cause and versions
    Column("correction", ForeignKey("correction.id"), nullable=False),
    Column("grant_id", ForeignKey("share_grant.id"), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column(
        "first_version", Integer, nullable=False
    ),  # the first delivered release with the old value
    Column("mended_in", Integer, nullable=False),
    Column("cause", String(40), nullable=False),  # objection, work_order, entity, steward
    Column("cause_id", String(160)),
    Column("fields", JSON, nullable=False),  # field -> number of records
    Column("records", BigInteger, nullable=False),
    Column("uri", String(500), nullable=False),  # record ids and fields, in the store
    Column("made_at", UtcTime, nullable=False),
    Column("told_at", UtcTime),  # handed over by push, or fetched
    Column("acknowledged_at", UtcTime),
    Column("acknowledged_by", String(120)),
    Index("recall_by_grant", "grant_id"),
)
