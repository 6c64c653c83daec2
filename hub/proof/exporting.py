"""The audit log as lines, for the verifier and for the file that an auditor takes home."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from hub import signing
from hub.canonical import canonical
from hub.errors import SettingsError
from hub.ledger.audit import Event, Head, head, note
from hub.ledger.audit_tables import audit_checkpoint, audit_event
from hub.ledger.sharing_tables import receipt
from hub.opened import Hub
from hub.proof.checkpoints import checkpoint

AT_ONCE = 1000  # rows of the ledger in memory


def export(hub: Hub, out: Path, by: str, department: str | None = None) -> int:
    """Write the whole log with a fresh checkpoint; returns the number of its last event.

    The file is readable by its owner alone; the export itself stands in it as its last event.
    """
    with hub.ledger.writing() as connection:
        note(
            connection,
            Event.LOG_EXPORTED,
            subject="audit",
            by=by,
            at=hub.now(),
            department=department,
        )
    checkpoint(hub)
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    last = 0
    try:
        handle = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                for line in lines_of(hub, sealed=True):
                    file.write(line)
                    last += line.startswith('{"event":')
            fresh.replace(out)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{out} cannot be written: {error.strerror}") from error
    return last


def lines_of(hub: Hub, sealed: bool = False) -> Iterator[str]:
    """The log up to its head: header, keys, checkpoints, receipts, events.

    `sealed`: up to the newest checkpoint.
    """
    with hub.ledger.reading() as connection:
        now = _sealed(connection) if sealed else head(connection)
        yield _line("header", {"format": 1, "head": {"seq": now.seq, "hash": now.hash}})
        for vouch in signing.vouches_of(hub.settings.home):
            yield _line("key", vouch)
        stream = connection.execution_options(yield_per=AT_ONCE)
        marks = select(audit_checkpoint.c.document).where(audit_checkpoint.c.seq <= now.seq)
        for document in stream.execute(marks.order_by(audit_checkpoint.c.seq)).scalars():
            yield _line("checkpoint", document)
        given = select(receipt.c.document).order_by(receipt.c.made_at, receipt.c.id)
        for document in stream.execute(given).scalars():
            if _stands_on(document) <= now.seq:
                yield _line("receipt", document)
        events = select(audit_event.c.hash, audit_event.c.body)
        events = events.where(audit_event.c.seq <= now.seq).order_by(audit_event.c.seq)
        for event in stream.execute(events):
            yield _line("event", {"hash": event.hash, "body": event.body})


def _sealed(connection: Connection) -> Head:
    newest = select(func.max(audit_checkpoint.c.seq)).scalar_subquery()
    at = select(audit_event.c.seq, audit_event.c.hash).where(audit_event.c.seq == newest)
    row = connection.execute(at).first()
    return Head(row.seq, row.hash) if row else head(connection)


def _stands_on(envelope: Any) -> int:
    try:
        return int(envelope["document"]["event"]["seq"])
    except (KeyError, TypeError, ValueError):
        return 0  # no receipt of ours: the verifier says so


def _line(kind: str, value: Any) -> str:
    try:
        return canonical({kind: value}) + "\n"
    except TypeError:  # a fraction that somebody put there; the verifier says so
        return json.dumps({kind: value}, ensure_ascii=False, separators=(",", ":")) + "\n"
