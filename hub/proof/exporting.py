"""The audit log as lines, for the verifier and for the file that an auditor takes home."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select

from hub import signing
from hub.canonical import canonical
from hub.errors import SettingsError
from hub.ledger.audit import GENESIS, Event, Head, note
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

    `sealed`: up to the newest checkpoint; else everything that there is.
    """
    with hub.ledger.reading() as connection:
        if connection.dialect.name == "postgresql":  # all of it at one moment, as SQLite does
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        limit = _sealed(connection) if sealed else None
        now = _newest(connection, limit)
        yield _line("header", {"format": 1, "head": {"seq": now.seq, "hash": now.hash}})
        for vouch in signing.vouches_of(hub.settings.home):
            yield _line("key", vouch)
        stream = connection.execution_options(yield_per=AT_ONCE)
        marks = select(audit_checkpoint.c.document).order_by(audit_checkpoint.c.seq)
        for document in stream.execute(marks).scalars():
            yield _line("checkpoint", document)
        given = select(receipt.c.document).order_by(receipt.c.made_at, receipt.c.id)
        for document in stream.execute(given).scalars():
            if limit is None or _stands_on(document) <= limit:
                yield _line("receipt", document)
        events = select(audit_event.c.hash, audit_event.c.body).order_by(audit_event.c.seq)
        for event in stream.execute(_until(events, limit)):
            yield _line("event", {"hash": event.hash, "body": event.body})


def _sealed(connection: Connection) -> int | None:
    newest: int | None = connection.execute(select(func.max(audit_checkpoint.c.seq))).scalar()
    return newest


def _newest(connection: Connection, limit: int | None) -> Head:
    found = select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc())
    row = connection.execute(_until(found, limit).limit(1)).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def _until(query: Select[Any], limit: int | None) -> Select[Any]:
    return query if limit is None else query.where(audit_event.c.seq <= limit)


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
