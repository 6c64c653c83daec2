"""Reports as JSON in the store, with their digests in the ledger."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from hub.ledger import Ledger
from hub.ledger.audit import Act, note_act
from hub.ledger.tables import report
from hub.opened import Hub
from hub.report.document import Document
from hub.report.findings.document import FindingsDocument
from hub.report.period import moment

AnyDocument = Document | FindingsDocument
HUB = "hub"  # makes reports where no person asks for one
_PLAIN = re.compile(r"[^0-9A-Za-z._-]+")


def as_json(document: AnyDocument) -> dict[str, Any]:
    """The document as JSON values; tuples become lists."""
    found: dict[str, Any] = json.loads(json.dumps(asdict(document), ensure_ascii=False))
    return found


def digest(values: dict[str, Any]) -> str:
    """SHA-256 of a document's canonical JSON: sorted keys, no white space, UTF-8."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def keep(hub: Hub, document: AnyDocument, by: str = HUB) -> str:
    """Write a report into the store and its digest into the ledger; returns the URI."""
    values = as_json(document)
    made_at = moment(document.made_at)
    folder = "/".join(_PLAIN.sub("_", part) for part in document.id.split(":"))
    stamp = made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    uri = hub.store.write_json(f"reports/{folder}/{stamp}.json", values)
    with hub.ledger.writing() as connection:
        connection.execute(
            insert(report).values(
                document=document.id,
                made_at=made_at.astimezone(UTC),
                uri=uri,
                sha256=(sha256 := digest(values)),
            )
        )
        note_act(
            connection,
            Act.REPORT_MADE,
            subject=document.id,
            by=by,
            at=hub.now(),
            sha256=sha256,
        )
    return uri


def kept(ledger: Ledger, document: str | None = None) -> list[dict[str, Any]]:
    """Every report that was made, newest first."""
    query = select(report).order_by(report.c.made_at.desc(), report.c.id.desc())
    if document:
        query = query.where(report.c.document == document)
    with ledger.reading() as connection:
        return [
            {
                "report": row.document,
                "made_at": row.made_at.isoformat(),
                "uri": row.uri,
                "sha256": row.sha256,
            }
            for row in connection.execute(query)
        ]


def digests(ledger: Ledger, document: str, made_at: datetime) -> set[str]:
    """The digests that the ledger holds of a report made at a time."""
    query = select(report.c.sha256).where(
        report.c.document == document, report.c.made_at == made_at.astimezone(UTC)
    )
    with ledger.reading() as connection:
        return set(connection.execute(query).scalars())
