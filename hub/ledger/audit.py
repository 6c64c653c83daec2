"""Appends to the audit log, in the transaction of what it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, text

from hub.canonical import canonical, digest_of
from hub.ledger.audit_tables import audit_event

GENESIS = "0" * 64
Value = str | int | bool | None | list[str] | dict[str, int]


class Event(StrEnum):
    """The closed list of what is logged; docs/audit.md has a heading for each."""

    REQUEST_FILED = "request_filed"
    REQUEST_RETURNED = "request_returned"
    REQUEST_ACCEPTED = "request_accepted"
    REQUEST_DECIDED = "request_decided"
    REQUEST_DISPUTED = "request_disputed"
    REQUEST_ENDED = "request_ended"
    CLOCK_MOVED = "clock_moved"
    GRANT_MADE = "grant_made"
    GRANT_ENDED = "grant_ended"
    CREDENTIAL_MADE = "credential_made"
    CREDENTIAL_REVOKED = "credential_revoked"
    DATA_OFFERED = "data_offered"
    DATA_FETCHED = "data_fetched"
    DATA_DELIVERED = "data_delivered"
    ACCESS_REFUSED = "access_refused"
    RECEIPT_ACKNOWLEDGED = "receipt_acknowledged"
    OBJECTION_FILED = "objection_filed"
    OBJECTION_ANSWERED = "objection_answered"
    OBJECTION_CLOSED = "objection_closed"
    RECALL_ASKED = "recall_asked"
    RECALL_MADE = "recall_made"
    RECALL_TOLD = "recall_told"
    RECALL_ACKNOWLEDGED = "recall_acknowledged"
    SUPPLY_LATE = "supply_late"
    PERSONAL_DATA_VIEWED = "personal_data_viewed"
    ADMINISTRATIVE_ACT = "administrative_act"
    LOG_EXPORTED = "log_exported"


class Act(StrEnum):
    """What an administrative act was; docs/audit.md has a row for each."""

    KEY_MADE = "key_made"
    CATALOG_CHANGED = "catalog_changed"
    RUN_STARTED = "run_started"
    QUESTIONS_ASKED = "questions_asked"
    BATCH_ACCEPTED = "batch_accepted"
    BATCH_REJECTED = "batch_rejected"
    BATCH_REPLAYED = "batch_replayed"
    ORDER_ANSWERED = "order_answered"
    ITEMS_RETURNED = "items_returned"
    ITEMS_CONFIRMED = "items_confirmed"
    ITEMS_DISPUTED = "items_disputed"
    ITEMS_WAIVED = "items_waived"
    FINDING_CONFIRMED = "finding_confirmed"
    FINDING_RECOVERED = "finding_recovered"
    FINDING_DISMISSED = "finding_dismissed"
    LINK_CONFIRMED = "link_confirmed"
    LINK_FORBIDDEN = "link_forbidden"
    LINK_UNDONE = "link_undone"
    MODEL_TRAINED = "model_trained"
    REPORT_MADE = "report_made"
    SHARES_PRUNED = "shares_pruned"


class Shown(StrEnum):
    """What personal data was shown; docs/audit.md has a row for each."""

    ENTITY = "entity"
    QUARANTINE = "quarantine"
    DISCREPANCIES = "discrepancies"
    ORDER_ROWS = "order_rows"
    FINDING = "finding"
    FINDINGS = "findings"
    POLICY_ANSWER = "policy_answer"
    POLICY_ANSWERS = "policy_answers"
    OBJECTION = "objection"


def note(
    connection: Connection,
    event: Event,
    *,
    subject: str,
    by: str,
    at: datetime,
    department: str | None = None,
    **detail: Value,
) -> int:
    """Append one event inside of an open `Ledger.writing()` block; returns its number.

    `detail` holds ids, counts and digests, never a value of a row. Call it last in the
    transaction: on PostgreSQL the log is locked from here to its end.
    """
    hold(connection)
    last = head(connection)
    seq, previous = last.seq + 1, last.hash
    digest = connection.get_execution_options().get("hub_digest", "sha256")
    told = at.astimezone(UTC).isoformat(timespec="microseconds")
    body = canonical(
        {
            "seq": seq,
            "event": event.value,
            "at": told,
            "by": by,
            "department": department,
            "subject": subject,
            "detail": detail,
            "previous": previous,
            "digest": digest,
        }
    )
    connection.execute(
        insert(audit_event).values(
            seq=seq,
            kind=event.value,
            actor=by,
            department=department,
            subject=subject,
            at=told,
            body=body,
            previous=previous,
            hash=digest_of(body, digest),
        )
    )
    return seq


def note_act(
    connection: Connection,
    act: Act,
    *,
    subject: str,
    by: str,
    at: datetime,
    department: str | None = None,
    **detail: Value,
) -> int:
    """Append an administrative act, as `note` does; no words that people typed go with it.

    What is noted here can never be taken out again.
    """
    return note(
        connection,
        Event.ADMINISTRATIVE_ACT,
        subject=subject,
        by=by,
        at=at,
        department=department,
        act=act.value,
        **detail,
    )


def hold(connection: Connection) -> None:
    """From here to the end of the transaction nobody else appends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(727373)"))


@dataclass(frozen=True)
class Head:
    """The newest event of the log: what a receipt or a checkpoint stands on."""

    seq: int  # 0 before the first
    hash: str


def head(connection: Connection) -> Head:
    """The head of the log; right after `note`, the event that was just noted."""
    last = connection.execute(
        select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc()).limit(1)
    ).first()
    return Head(last.seq, last.hash) if last else Head(0, GENESIS)
