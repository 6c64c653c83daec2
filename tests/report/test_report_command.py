"""`hub report` as people type it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hub.cli.app import app
from hub.cli.report import NOT_PROVEN
from hub.errors import HubError
from hub.ledger.batches import list_batches
from tests.report.town import copied, town

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(three_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(three_days, tmp_path_factory.mktemp("command") / "town")


def hub(folder: Path, *words: str) -> Result:
    home, catalog = folder / "home", folder / "catalog"
    return CliRunner().invoke(app, ["--home", str(home), "--catalog", str(catalog), *words])


def answer(folder: Path, *words: str) -> Any:
    result = hub(folder, "--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def batch_of(folder: Path) -> str:
    with town(folder, 0) as opened:
        return list_batches(opened.ledger, "office/register")[1].id


WORDS = {
    "batch": ("batch", "BATCH"),
    "department": ("department", "office", "--month", "2026-02"),
    "release": ("release", "things", "--version", "2"),
    "hub": ("hub", "--month", "2026-02"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_report_is_written_in_every_form_and_proven(
    folder: Path, tmp_path: Path, kind: str
) -> None:
    words = [batch_of(folder) if word == "BATCH" else word for word in WORDS[kind]]
    given = answer(folder, "report", *words, "--out", str(tmp_path))
    names = sorted(Path(file).suffix for file in given["files"])
    assert names == [".html", ".html", ".json", ".xlsx", ".xlsx"]
    written = next(Path(file) for file in given["files"] if file.endswith(".json"))
    assert json.loads(written.read_text("utf-8"))["scorecard"]["score"] == given["score"]
    stored = folder / "home/store" / given["uri"]
    for file in (written, stored):
        proof = answer(folder, "report", "recompute", str(file))
        assert proof["proven"]
        assert proof["compared"] == proof["agreed"]


def test_one_form_and_one_language_are_enough(folder: Path, tmp_path: Path) -> None:
    given = answer(
        folder, "report", "hub", "--month", "2026-02", "--format", "html", "--lang", "zh",
        "--out", str(tmp_path),
    )  # fmt: skip
    assert [Path(file).name for file in given["files"]] == ["hub_2026-02-zh.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["hub_2026-02-zh.html"]


def test_a_changed_report_ends_with_its_own_exit_code_and_names_the_number(
    folder: Path, tmp_path: Path
) -> None:
    answer(
        folder, "report", "hub", "--month", "2026-02", "--format", "json", "--out", str(tmp_path)
    )
    file = tmp_path / "hub_2026-02.json"
    values = json.loads(file.read_text("utf-8"))
    values["counts"]["quarantined"] -= 1
    file.write_text(json.dumps(values), encoding="utf-8")
    result = hub(folder, "report", "recompute", str(file))
    assert result.exit_code == NOT_PROVEN
    assert "counts / quarantined" in result.stdout
    assert "NOT PROVEN" in result.stdout


def test_a_file_that_is_no_report_is_not_proven(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("no JSON", encoding="utf-8")
    assert hub(folder, "report", "recompute", str(file)).exit_code == NOT_PROVEN
    absent = hub(folder, "report", "recompute", str(tmp_path / "absent.json"))
    assert isinstance(absent.exception, HubError)


@pytest.mark.parametrize(
    "words", [("--format", "pdf"), ("--format", ""), ("--lang", "fr"), ("--month", "2026")]
)
def test_what_there_is_not_is_a_usage_error(folder: Path, words: tuple[str, str]) -> None:
    result = hub(folder, "report", "hub", *words)
    assert isinstance(result.exception, HubError)
    assert result.exception.exit_code == 2


def test_reports_are_listed_newest_first(folder: Path, tmp_path: Path) -> None:
    for month in ("2026-01", "2026-02"):
        answer(
            folder, "report", "hub", "--month", month, "--format", "json", "--out", str(tmp_path)
        )
    rows = answer(folder, "report", "list")
    assert [row["report"] for row in rows[:2]] == ["hub:2026-02", "hub:2026-01"]


def test_the_answer_names_every_indicator_and_says_which_are_not_assessed(folder: Path) -> None:
    shown = hub(folder, "report", "hub", "--month", "2026-02", "--format", "json").stdout
    assert "gbt36344-2018 1.0.0" in shown
    assert "not assessed" in next(line for line in shown.splitlines() if line.startswith("0106"))
    assert "not assessed" not in next(
        line for line in shown.splitlines() if line.startswith("0201")
    )


def test_a_run_of_the_sample_city_ends_with_a_report_of_what_it_did_that_is_proven(
    tmp_path: Path,
) -> None:
    runner, home = CliRunner(), ["--home", str(tmp_path)]
    create = [*home, "sample", "create", "--people", "500", "--seed", "4"]
    assert runner.invoke(app, create).exit_code == 0
    run = runner.invoke(app, [*home, "--json", "run", "--all"])
    done = json.loads(run.stdout)
    assert done["faults"] == []
    [file] = [Path(name) for name in done["reports"] if name.endswith(".json")]
    report = json.loads(file.read_text("utf-8"))
    assert report["counts"]["quarantined"] == sum(line["quarantined"] for line in done["batches"])
    listed = sum(rows for kinds in done["discrepancies"].values() for rows in kinds.values())
    assert report["counts"]["discrepancies"] == listed
    figures = {f["indicator"]: f for d in report["scorecard"]["dimensions"] for f in d["figures"]}
    unassessed = {code for code, figure in figures.items() if figure["score"] is None}
    # A first batch has nothing before it that its rows could be in line with.
    assert unassessed == {"0106", "0501"}
    assert runner.invoke(app, [*home, "report", "recompute", str(file)]).exit_code == 0
