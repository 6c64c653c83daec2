"""A report adds up: figures are sums of cells, months hold what lies in them, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.answering import replay
from hub.errors import NotFound, SettingsError
from hub.ledger.batches import list_batches
from hub.opened import Hub
from hub.records import Verdict
from hub.report.batch import batch_document
from hub.report.document import Document
from hub.report.month import department_document, hub_document
from hub.report.period import Month, month_of, read_month
from hub.report.release import release_document
from hub.steps import run_all
from quality.scorecard.configuration import shelf
from quality.scorecard.standard import INDICATORS
from tests.report.town import FIRST, GOOD, PAID, copied, fill, town

JANUARY, FEBRUARY = Month(2026, 1), Month(2026, 2)
SHELF = shelf()

Make = Callable[[Hub], Document]
MAKERS: dict[str, Make] = {
    "batch": lambda hub: batch_document(
        hub, SHELF, list_batches(hub.ledger, "office/register")[1].id, LATER
    ),
    "department": lambda hub: department_document(hub, SHELF, "office", FEBRUARY, LATER),
    "release": lambda hub: release_document(hub, SHELF, "things", None, LATER),
    "hub": lambda hub: hub_document(hub, SHELF, FEBRUARY, LATER),
}
LATER = FIRST + timedelta(days=30)


@pytest.mark.parametrize("kind", MAKERS)
def test_every_figure_is_the_sum_of_its_cells(seen: Hub, kind: str) -> None:
    document = MAKERS[kind](seen)
    figures = {f.indicator: f for d in document.scorecard.dimensions for f in d.figures}
    assert figures.keys() == INDICATORS.keys()
    for code, figure in figures.items():
        cells = [cell for cell in document.heatmap if cell.indicator == code]
        assert figure.numerator == sum(cell.numerator for cell in cells)
        assert figure.denominator == sum(cell.denominator for cell in cells)
        assert (figure.score is None) == (figure.denominator == 0)
    assert document.kind == kind
    assert document.scorecard.score is not None


@pytest.mark.parametrize("kind", MAKERS)
def test_failing_rules_come_first_and_the_worst_of_them_before_the_others(
    seen: Hub, kind: str
) -> None:
    rules = MAKERS[kind](seen).rules
    assert rules
    keys = [(rule.success, -rule.failed) for rule in rules]
    assert keys == sorted(keys)
    assert len({(rule.supply, rule.rule_id) for rule in rules}) == len(rules)


def test_a_batch_belongs_to_the_month_of_the_hubs_time_zone(seen: Hub) -> None:
    """The first day is the 30th of January in UTC and the 31st in Asia/Shanghai."""
    january = hub_document(seen, SHELF, JANUARY, LATER)
    february = hub_document(seen, SHELF, FEBRUARY, LATER)
    assert january.since == "2026-01-01T00:00:00+08:00"
    assert january.until == february.since == "2026-02-01T00:00:00+08:00"
    assert january.counts["batches"] == 2
    assert february.counts["batches"] == 4
    assert [point.label for point in february.trend] == ["2026-01", "2026-02"]
    assert february.trend[0].score == january.scorecard.score
    assert february.trend[1].score == february.scorecard.score


def test_the_hubs_month_is_the_sum_of_its_departments(seen: Hub) -> None:
    whole = hub_document(seen, SHELF, FEBRUARY, LATER)
    parts = [
        department_document(seen, SHELF, name, FEBRUARY, LATER) for name in ("office", "treasury")
    ]
    assert [line.name for line in whole.parts] == ["office", "treasury"]
    for name in ("batches", "source", "accepted", "quarantined", "attempts", "discrepancies"):
        assert whole.counts[name] == sum(part.counts[name] for part in parts), name
    assert len(whole.rules) == sum(len(part.rules) for part in parts)
    for line, part in zip(whole.parts, parts, strict=True):
        assert line.score == part.scorecard.score
        assert line.grade == part.scorecard.grade
        assert line.source == sum(one.source for one in part.parts)


def test_what_came_later_does_not_change_a_report_as_known_before(
    three_days: Path, tmp_path: Path
) -> None:
    with town(copied(three_days, tmp_path / "growing"), 0) as hub:
        made_at = FIRST + timedelta(days=2, hours=1)
        before = hub_document(hub, SHELF, FEBRUARY, made_at)
        assert before.counts["batches"] == 4
        fill(hub.settings.home, GOOD, PAID)
        assert run_all(hub, FIRST + timedelta(days=3)).faults == []
        assert hub_document(hub, SHELF, FEBRUARY, made_at) == before
        assert hub_document(hub, SHELF, FEBRUARY, hub.now()).counts["batches"] == 6


def test_a_release_stands_on_the_newest_batches_that_moved_on(seen: Hub) -> None:
    document = release_document(seen, SHELF, "things", 1, LATER)
    assert document.counts["batches"] == 2
    assert {line.name for line in document.parts} == {"office/register", "treasury/payments"}
    last = release_document(seen, SHELF, "things", None, LATER)
    held = [b for b in list_batches(seen.ledger) if b.verdict is Verdict.HOLD]
    assert held
    assert last.counts["moved_on"] == last.counts["batches"]
    assert last.discrepancies == () or all(line.rows > 0 for line in last.discrepancies)


def test_a_release_report_lists_the_release_s_own_discrepancies(seen: Hub) -> None:
    second = release_document(seen, SHELF, "things", 2, LATER)
    conflicts = [line for line in second.discrepancies if line.kind == "value_conflict"]
    assert [(line.supply, line.field, line.rows) for line in conflicts] == [
        ("treasury/payments", "label", 1)
    ]


def test_words_come_from_the_contract_in_both_languages(seen: Hub) -> None:
    document = MAKERS["batch"](seen)
    title = {cell.field: cell.title for cell in document.heatmap}
    assert (title["label"].zh, title["label"].en) == ("名称", "Label")
    named = [rule for rule in document.rules if rule.indicator == "0503"]
    assert [rule.says.zh for rule in named] == ["止不早于起"]
    assert all(rule.says.zh and rule.says.en for rule in document.rules)


def test_a_field_that_left_the_contract_keeps_its_name(three_days: Path, tmp_path: Path) -> None:
    folder = copied(three_days, tmp_path / "shorter")
    path = folder / "catalog/contracts/supply/office/register.odcs.yaml"
    text = path.read_text("utf-8").replace("businessName: 名称, ", "")
    path.write_text(text.replace("名称", "label"), encoding="utf-8")
    with town(folder, 0) as hub:
        title = {cell.field: cell.title.zh for cell in MAKERS["batch"](hub).heatmap}
        assert title["label"] == "label"


def test_what_does_not_exist_is_said(seen: Hub) -> None:
    with pytest.raises(NotFound):
        batch_document(seen, SHELF, "no such batch", LATER)
    with pytest.raises(NotFound):
        department_document(seen, SHELF, "nobody", FEBRUARY, LATER)
    with pytest.raises(NotFound):
        release_document(seen, SHELF, "things", 99, LATER)
    with pytest.raises(NotFound):  # it was not known then
        batch_document(seen, SHELF, list_batches(seen.ledger)[0].id, FIRST - timedelta(days=1))
    with pytest.raises(SettingsError):
        read_month("2026-13")


def test_a_month_without_batches_is_not_assessed(seen: Hub) -> None:
    document = hub_document(seen, SHELF, Month(2020, 5), LATER)
    assert document.scorecard.score is None
    assert document.scorecard.grade is None
    assert document.counts["batches"] == 0


def test_months_follow_each_other() -> None:
    assert [str(Month(2025, 12).later(n)) for n in (-12, -1, 0, 1, 13)] == [
        "2024-12", "2025-11", "2025-12", "2026-01", "2027-01",
    ]  # fmt: skip
    assert month_of(FIRST) == JANUARY
    assert read_month("2026-02") == FEBRUARY
    assert replace(JANUARY, month=2) == FEBRUARY


def test_a_replay_is_reported_by_itself_and_counted_in_no_month(
    three_days: Path, tmp_path: Path
) -> None:
    folder = copied(three_days, tmp_path / "replayed")
    path = folder / "catalog/contracts/supply/office/register.odcs.yaml"
    text = path.read_text("utf-8").replace("version: 1.0.0", "version: 1.1.0")
    path.write_text(text.replace("hold: 0.5", "hold: null"), encoding="utf-8")
    with town(folder, 0) as hub:
        held = next(b for b in list_batches(hub.ledger) if b.verdict is Verdict.HOLD)
        before = hub_document(hub, SHELF, FEBRUARY, hub.now())
        again = replay(hub, held.id, "ann")
        after = hub_document(hub, SHELF, FEBRUARY, hub.now())
        assert (after.scorecard, after.heatmap) == (before.scorecard, before.heatmap)
        assert after.counts == before.counts | {"orders_open": after.counts["orders_open"]}
        own = batch_document(hub, SHELF, again.batch_id, hub.now())
        figures = {f.indicator: f for d in own.scorecard.dimensions for f in d.figures}
        assert (figures["0305"].numerator, figures["0305"].denominator) == (6, 8)
        assert own.rules
