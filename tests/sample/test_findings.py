"""The whole path on a city: every planted fault is found and named, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import sample
from hub.ledger.batches import list_batches
from hub.opened import open_hub
from hub.records import Verdict
from hub.steps import run_all
from tests.sample.findings import score
from tests.sample.reading import CATALOG

PEOPLE = 4_000


@pytest.mark.slow
def test_every_planted_fault_is_found_and_nothing_unplanted_is_reported(tmp_path: Path) -> None:
    sample.create(tmp_path, PEOPLE, seed=11)
    with open_hub(tmp_path, CATALOG) as hub:
        summary = run_all(hub, datetime.now(UTC))
        assert summary.faults == []
        truth = sample.planted(tmp_path / "city")
        scores = score(hub, truth, tmp_path)
        for kind, found in scores.items():
            print(f"{kind:<24}{found.planted:>5}{found.recall:>7.3f}{found.precision:>7.3f}")
        assert {
            k: (s.missed, s.unplanted) for k, s in scores.items() if s.missed or s.unplanted
        } == {}
        assert sum(found.planted for found in scores.values()) > 150
        held = {b.supply for b in list_batches(hub.ledger, None) if b.verdict is Verdict.HOLD}
        assert held == {f.supply for f in truth if f.kind == "renamed_column"}
        files = {str(b.window.file) for b in list_batches(hub.ledger, None) if b.window.file}
        half = {f.key for f in truth if f.kind == "half_written_file"}
        assert half and not {name for name in half if any(name in file for file in files)}
