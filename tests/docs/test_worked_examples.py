"""What the pages say that one sees is what one sees, when their blocks are copied."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, lay_out, read, table_of

pytestmark = pytest.mark.slow

DEPARTMENT = "docs/adding-a-department.md"
DATASET = "docs/adding-a-dataset.md"
RULE = "docs/adding-a-rule.md"
QUESTION = "docs/cross-checks.md"
BATCH = ("supply", "source", "accepted", "unchanged", "quarantined", "deleted", "verdict")
FINDING = ("crosscheck", "department", "state", "amount_fen", "recovered_fen")
POLICY = ("name", "eligible", "not_eligible", "unknown", "asked")
DISCREPANCY = ("dataset", "kind", "field", "supply", "severity", "rows")


class Trial:
    """A home and a catalog in a temporary folder, and the `hub` of this checkout."""

    def __init__(self, folder: Path, *pages: str) -> None:
        self.home, self.catalog = folder / "trial", folder / "my-catalog"
        for page in pages:
            lay_out(read(page), self.catalog, self.home)

    def hub(self, *words: str) -> subprocess.CompletedProcess[str]:
        places = ["--home", str(self.home), "--catalog", str(self.catalog)]
        return subprocess.run(
            [sys.executable, "-c", "from hub.cli import main; main()", "--json", *places, *words],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("HUB_")},
            capture_output=True,
            text=True,
        )

    def answer(self, *words: str) -> Any:
        done = self.hub(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def as_shown(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> list[dict[str, str]]:
    shown = [{c: "" if row[c] is None else str(row[c]) for c in columns} for row in rows]
    return sorted(shown, key=lambda row: tuple(row.values()))


def promised(page: str, *columns: str) -> list[dict[str, str]]:
    return sorted(table_of(read(page), *columns), key=lambda row: tuple(row.values()))


@pytest.mark.parametrize(
    "pages",
    [
        (DEPARTMENT,),
        (DEPARTMENT, DATASET),
        (DEPARTMENT, RULE),
        (DEPARTMENT, DATASET, QUESTION),
    ],
)
def test_the_examples_have_no_finding_even_where_warnings_count(
    pages: tuple[str, ...], tmp_path: Path
) -> None:
    trial = Trial(tmp_path, *pages)
    assert trial.answer("catalog", "lint", "--strict") == []
    if DATASET not in pages:  # a probe of a file drop waits for its files to settle
        assert trial.answer("catalog", "probe") == []


def test_adding_a_department_shows_what_the_page_says(tmp_path: Path) -> None:
    trial = Trial(tmp_path, DEPARTMENT)
    run = trial.answer("run", "--all")
    assert as_shown(run["batches"], BATCH) == promised(DEPARTMENT, *BATCH)
    rules = trial.answer("quarantine", "list")
    assert as_shown(rules, ("rule", "rows")) == promised(DEPARTMENT, "rule", "rows")


def test_running_again_reads_the_overlap_and_doubles_nothing(tmp_path: Path) -> None:
    trial = Trial(tmp_path, DEPARTMENT)
    trial.answer("run", "--all", "--as-of", "2026-01-01T00:00:00")
    (again,) = trial.answer("run", "--all", "--as-of", "2026-01-02T00:00:00")["batches"]
    assert (again["accepted"], again["deleted"], again["quarantined"]) == (0, 0, 0)
    assert again["unchanged"] == again["source"] > 0


def test_adding_a_dataset_shows_what_the_page_says(tmp_path: Path) -> None:
    trial = Trial(tmp_path, DEPARTMENT, DATASET)
    run = trial.answer("run", "--all")
    assert {release["dataset"]: release["rows"] for release in run["releases"]} == {
        "members": 10,  # stated in the page's prose
        "refunds": 4,
    }
    found = trial.answer("discrepancy", "list")
    assert as_shown(found, DISCREPANCY) == promised(DATASET, *DISCREPANCY)


def test_the_cross_check_and_the_policy_show_what_the_page_says(tmp_path: Path) -> None:
    trial = Trial(tmp_path, DEPARTMENT, DATASET, QUESTION)
    trial.answer("run", "--all", "--as-of", "2026-11-20")
    found = trial.answer("crosscheck", "findings")
    assert as_shown(found, FINDING) == promised(QUESTION, *FINDING)
    told = trial.answer("crosscheck", "explain", found[0]["id"], "--reveal")
    assert "1975-12-03" in told["zh"] and "article 6" in told["en"]
    assert as_shown(trial.answer("policy", "list"), POLICY) == promised(QUESTION, *POLICY)


def test_adding_a_rule_shows_what_the_page_says(tmp_path: Path) -> None:
    trial = Trial(tmp_path, DEPARTMENT, RULE)
    run = trial.answer("run", "--supply", "parks/rentals")
    assert as_shown(run["batches"], BATCH) == promised(RULE, *BATCH)
    rules = trial.answer("quarantine", "list", "--supply", "parks/rentals")
    assert as_shown(rules, ("rule", "rows")) == promised(RULE, "rule", "rows")
    (batch,) = run["batches"]
    report = trial.answer("batch", "show", batch["batch_id"])["report"]
    broken = {rule["rule_id"].rpartition("#")[2] for rule in report["rules"] if rule["failed"]}
    named = {"deposit_filled", "mobile", "note_is_json", "long_rentals_cost_more", "income"}
    assert broken >= named
