"""The whole path on a city: every planted fault and case is found, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sample
from hub.cli.app import app
from hub.cli.sample_score import Score, score
from hub.ledger.batches import list_batches
from hub.opened import Hub
from hub.records import Verdict
from tests.sample.conftest import asked
from tests.sample.reading import CATALOG

pytestmark = pytest.mark.slow
GROUPS = {"quarantine", "discrepancy", "crosscheck"}


def wrong(scores: list[Score]) -> list[Score]:
    """Those in which something was missed, or found without having been planted."""
    return [one for one in scores if one.missed or one.unplanted]


def test_every_planted_fault_is_found_and_nothing_unplanted_is_reported(faulty_hub: Hub) -> None:
    scores = score(faulty_hub)
    assert wrong(scores) == []
    assert {one.group for one in scores} >= GROUPS
    assert sum(one.planted for one in scores) > 150
    sided = [one for one in scores if one.name == "value_conflict"]
    assert len({(one.field, one.departments) for one in sided}) == len(sided) > 20
    assert all(" – " in one.departments for one in sided)


def test_a_held_batch_and_a_half_written_file_are_those_that_were_planted(faulty_hub: Hub) -> None:
    truth = sample.planted(faulty_hub.settings.home / "city")
    batches = list_batches(faulty_hub.ledger, None)
    held = {batch.supply for batch in batches if batch.verdict is Verdict.HOLD}
    assert held == {f.supply for f in truth if f.kind == "renamed_column"}
    files = {str(batch.window.file) for batch in batches if batch.window.file}
    half = {f.key for f in truth if f.kind == "half_written_file"}
    assert half and not {name for name in half if any(name in file for file in files)}


@pytest.mark.parametrize("seed", [5, 23])
def test_every_planted_case_is_found_and_no_other_in_other_cities(
    seed: int, tmp_path: Path
) -> None:
    for hub in asked(tmp_path, 2_000, seed):
        scores = score(hub)
        assert wrong(scores) == []
        checks = {one.name: one.planted for one in scores if one.group == "crosscheck"}
        assert len(checks) == 14 and all(checks.values())


def test_nothing_is_found_where_nothing_was_planted(clean_hub: Hub) -> None:
    scores = score(clean_hub)
    assert {one.name for one in scores} == set(clean_hub.catalog.crosschecks)
    assert all(one.planted == one.found == 0 for one in scores)


def test_scores_are_printed_as_figures_without_a_key_or_a_value(faulty_hub: Hub) -> None:
    home = str(faulty_hub.settings.home)
    given = ["--home", home, "--catalog", str(CATALOG)]
    table = CliRunner().invoke(app, [*given, "sample", "score"])
    document = CliRunner().invoke(app, [*given, "--json", "sample", "score"])
    rows = json.loads(document.stdout)
    assert len(rows) > 50
    assert {row["recall"] for row in rows} | {row["precision"] for row in rows} <= {1.0, None}
    folder = faulty_hub.settings.home / "city"
    keys = {f.key for f in sample.planted(folder)} | {c.key for c in sample.planted_cases(folder)}
    told = table.stdout + document.stdout
    assert "dead_but_paid" in told
    assert not [key for key in keys if len(key) > 6 and key in told]
