"""A ledger on PostgreSQL counts as the one in the home folder does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.ledger.batches import list_batches
from hub.opened import Hub
from hub.records import Verdict
from hub.report.batch import batch_document
from hub.report.document import Document
from hub.report.keeping import as_json, keep
from hub.report.month import department_document, hub_document
from hub.report.period import Month
from hub.report.recompute import recompute
from hub.report.release import release_document
from quality.scorecard.configuration import shelf
from tests.report.town import FIRST, town

pytestmark = [pytest.mark.slow, pytest.mark.server]
LATER = FIRST + timedelta(days=30)
FEBRUARY = Month(2026, 2)
SHELF = shelf()


def documents(hub: Hub) -> list[Document]:
    faulty = next(b for b in list_batches(hub.ledger) if b.verdict is Verdict.WARN)
    return [
        batch_document(hub, SHELF, faulty.id, LATER),
        department_document(hub, SHELF, "office", FEBRUARY, LATER),
        release_document(hub, SHELF, "things", 2, LATER),
        hub_document(hub, SHELF, FEBRUARY, LATER),
    ]


def test_reports_are_the_same_on_postgresql_and_proven_there(
    seen: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_database: str
) -> None:
    expected = documents(seen)
    monkeypatch.setenv("HUB_LEDGER_URL", postgres_database)
    with town(tmp_path) as hub:
        assert hub.ledger.engine.dialect.name == "postgresql"
        found = documents(hub)
        assert [d.scorecard for d in found] == [d.scorecard for d in expected]
        assert [d.heatmap for d in found] == [d.heatmap for d in expected]
        assert [d.rules for d in found] == [d.rules for d in expected]
        assert [d.counts for d in found] == [d.counts for d in expected]
        for document in found:
            keep(hub, document)
            assert recompute(hub, SHELF, as_json(document)).holds
