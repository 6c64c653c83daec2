"""A report is proved again from the ledger alone; whatever was changed, in either, is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.ledger.batches import list_batches
from hub.ledger.tables import measure
from hub.opened import Hub
from hub.records import Verdict
from hub.report.batch import batch_document
from hub.report.keeping import keep, kept
from hub.report.month import department_document, hub_document
from hub.report.period import Month
from hub.report.recompute import recompute
from hub.report.release import release_document
from quality.scorecard.configuration import Shelf, shelf
from tests.report.town import FIRST, copied, measured, town

pytestmark = pytest.mark.slow
FEBRUARY = Month(2026, 2)
LATER = FIRST + timedelta(days=30)
SHELF = shelf()


def kept_reports(hub: Hub) -> dict[str, Any]:
    """One report of each kind, as their JSON files hold them."""
    faulty = next(b for b in list_batches(hub.ledger) if b.verdict is Verdict.WARN)
    documents = [
        batch_document(hub, SHELF, faulty.id, LATER),
        department_document(hub, SHELF, "office", FEBRUARY, LATER),
        release_document(hub, SHELF, "things", 2, LATER),
        hub_document(hub, SHELF, FEBRUARY, LATER),
    ]
    return {d.kind: json.loads(hub.store.path(keep(hub, d)).read_text("utf-8")) for d in documents}


@pytest.fixture(scope="module")
def archive(
    three_days: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Hub, dict[str, Any]]]:
    folder = copied(three_days, tmp_path_factory.mktemp("archive") / "town")
    with town(folder, 0) as hub:
        yield hub, kept_reports(hub)


KINDS = ("batch", "department", "release", "hub")


@pytest.mark.parametrize("kind", KINDS)
def test_an_untouched_report_is_proven(archive: tuple[Hub, dict[str, Any]], kind: str) -> None:
    hub, reports = archive
    proof = recompute(hub, SHELF, reports[kind])
    assert proof.differences == proof.missing == []
    assert proof.compared == proof.agreed > 300
    assert proof.holds


Place = tuple[Any, ...]


def numbers(value: Any, place: Place = ()) -> Iterator[Place]:
    """The place of every number, and of every number written as text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from numbers(inner, (*place, number))
    elif isinstance(value, bool | int) or str(value).replace(".", "").isdigit():
        yield place


def changed(report: Any, place: Place) -> Any:
    report = deepcopy(report)
    inner = report
    for part in place[:-1]:
        inner = inner[part]
    old = inner[place[-1]]
    if isinstance(old, bool):
        inner[place[-1]] = not old
    elif isinstance(old, int):
        inner[place[-1]] = old + 1
    else:
        inner[place[-1]] = old[:-1] + str((int(old[-1]) + 1) % 10)
    return report


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_number_changed_in_a_report_is_found(
    archive: tuple[Hub, dict[str, Any]], kind: str, data: st.DataObject
) -> None:
    hub, reports = archive
    place = data.draw(st.sampled_from(list(numbers(reports[kind]))))
    proof = recompute(hub, SHELF, changed(reports[kind], place))
    assert not proof.holds
    if place[0] in ("scorecard", "heatmap", "rules", "trend", "parts", "counts", "discrepancies"):
        found = [d for d in proof.differences if d["where"] != "the file as a whole"]
        assert found or proof.missing  # not by the digest alone: the number is named


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_count_changed_in_the_ledger_is_found(
    archive: tuple[Hub, dict[str, Any]], data: st.DataObject
) -> None:
    hub, reports = archive
    inside = measured(hub, "at >= '2026-01-31 16:00' AND indicator IS NOT NULL")
    row = data.draw(st.sampled_from(inside))
    column = data.draw(st.sampled_from(["numerator", "denominator"]))
    change = measure.update().where(measure.c.id == row["id"])
    with hub.ledger.writing() as connection:
        connection.execute(change.values({column: measure.c[column] + 1}))
    try:
        assert recompute(hub, SHELF, reports["hub"]).differences
    finally:
        with hub.ledger.writing() as connection:
            connection.execute(change.values({column: measure.c[column] - 1}))
    assert recompute(hub, SHELF, reports["hub"]).holds


def test_words_and_samples_are_proved_by_the_digest(archive: tuple[Hub, dict[str, Any]]) -> None:
    hub, reports = archive
    report = deepcopy(reports["department"])
    report["rules"][0]["says"]["zh"] = "一切正常"
    proof = recompute(hub, SHELF, report)
    assert [d["where"] for d in proof.differences] == ["the file as a whole"]


def test_a_report_is_proven_years_later_when_contracts_rows_and_batches_have_gone_on(
    three_days: Path, tmp_path: Path
) -> None:
    folder = copied(three_days, tmp_path / "years")
    with town(folder, 0) as hub:
        reports = kept_reports(hub)
        empty = hub_document(
            hub, SHELF, Month(2025, 5), LATER
        )  # departments that delivered nothing
        assert len(empty.parts) == 2
        reports["empty"] = json.loads(hub.store.path(keep(hub, empty)).read_text("utf-8"))
    for contract in ("supply/office/register", "supply/treasury/payments", "dataset/things"):
        (folder / "catalog/contracts" / f"{contract}.odcs.yaml").unlink()
    for department in (folder / "catalog/departments").iterdir():
        department.unlink()
    shutil.rmtree(folder / "home/store/checked")
    shutil.rmtree(folder / "home/store/landing")
    with town(folder, 0) as hub:
        assert hub.catalog.supplies == {}
        for kind, report in reports.items():
            proof = recompute(hub, SHELF, report)
            assert proof.differences == [], kind
            assert proof.holds


def test_without_its_configuration_a_report_cannot_be_proven(
    archive: tuple[Hub, dict[str, Any]],
) -> None:
    hub, reports = archive
    other = SHELF.shipped[0].model_copy(update={"version": "2.0.0"})
    proof = recompute(hub, Shelf((other,)), reports["hub"])
    assert not proof.holds
    assert "gbt36344-2018 1.0.0" in proof.missing[0]


def test_a_configuration_that_was_changed_under_its_version_is_found(
    archive: tuple[Hub, dict[str, Any]],
) -> None:
    hub, reports = archive
    values = SHELF.shipped[0].model_dump(mode="json")
    values["dimensions"][0]["weight"] = "2"
    other = type(SHELF.shipped[0]).model_validate(values)
    proof = recompute(hub, Shelf((other,)), reports["hub"])
    assert any("weight" in d["where"] for d in proof.differences)


def test_a_report_that_the_ledger_never_made_is_not_proven(
    archive: tuple[Hub, dict[str, Any]],
) -> None:
    hub, _ = archive
    document = hub_document(hub, SHELF, FEBRUARY, LATER + timedelta(days=1))
    from hub.report.keeping import as_json

    proof = recompute(hub, SHELF, as_json(document))
    assert proof.differences == []
    assert proof.missing == ["the ledger does not know that this report was made"]


@pytest.mark.parametrize(
    "broken",
    [None, [], {}, {"format": 1}, {"format": 99}, {"format": 1, "id": "x", "scorecard": {}}],
)
def test_what_is_no_report_is_missing_evidence(
    archive: tuple[Hub, dict[str, Any]], broken: Any
) -> None:
    hub, _ = archive
    proof = recompute(hub, SHELF, broken)
    assert proof.missing
    assert not proof.holds


def test_a_report_of_a_batch_that_left_the_ledger_has_no_evidence(
    archive: tuple[Hub, dict[str, Any]],
) -> None:
    hub, reports = archive
    report = deepcopy(reports["batch"])
    report["id"] = "batch:gone"
    assert "gone" in recompute(hub, SHELF, report).missing[0]


def test_every_report_that_was_made_is_listed(archive: tuple[Hub, dict[str, Any]]) -> None:
    hub, reports = archive
    rows = kept(hub.ledger)
    assert {row["report"] for row in rows} == {report["id"] for report in reports.values()}
    for row in rows:
        assert hub.store.read_json(row["uri"])["id"] == row["report"]


def test_the_same_report_made_later_differs_in_its_time_alone(
    archive: tuple[Hub, dict[str, Any]],
) -> None:
    hub, _ = archive
    one = hub_document(hub, SHELF, FEBRUARY, LATER)
    other = hub_document(hub, SHELF, FEBRUARY, LATER + timedelta(hours=1))
    assert replace(other, made_at=one.made_at) == one


TAMPERING = {
    "a measure is taken away": "DELETE FROM measure WHERE id = (SELECT max(id) FROM measure "
    "WHERE indicator IS NOT NULL AND subject = 'batch')",
    "a measure is slipped in": "INSERT INTO measure (subject, subject_id, department, supply, "
    "indicator, numerator, denominator, at, noted_at) SELECT subject, subject_id, department, "
    "supply, indicator, 5, 5, at, noted_at FROM measure WHERE indicator = '0201' "
    "ORDER BY id DESC LIMIT 1",
    "a rule is said to have held": "UPDATE measure SET holds = 1 WHERE holds = 0",
    "a batch's counts": "UPDATE batch SET counts = json_set(counts, '$.quarantined', 0)",
    "a batch's verdict": "UPDATE batch SET verdict = 'accept' WHERE verdict = 'hold'",
    "a batch is taken away": "UPDATE batch SET state = 'landed' WHERE verdict = 'hold'",
    "discrepancies": "UPDATE measure SET numerator = 0 WHERE rule_id LIKE 'discrepancy.%'",
    "the digest": "UPDATE report SET sha256 = 'f' || substr(sha256, 2) WHERE sha256 NOT LIKE 'f%'",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_with_the_ledger_is_found(three_days: Path, tmp_path: Path, what: str) -> None:
    with town(copied(three_days, tmp_path / "tampered"), 0) as hub:
        reports = kept_reports(hub)
        assert all(recompute(hub, SHELF, report).holds for report in reports.values())
        with hub.ledger.writing() as connection:
            assert connection.exec_driver_sql(TAMPERING[what]).rowcount > 0
        assert not all(recompute(hub, SHELF, report).holds for report in reports.values())
