"""What is measured is what happened: counted once, as delivered, never changed afterwards."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.errors import PullError
from hub.ledger.batches import list_batches
from hub.ledger.releases import releases_of
from hub.ledger.tables import attempt
from hub.ledger.verdicts import checked_of, decide
from hub.measures import batch_measures
from hub.opened import Hub
from hub.publish import read_manifest
from hub.records import Counts, RuleOutcome, Verdict
from hub.released import relation
from hub.report.backfill import backfill
from hub.steps import collect, run_all
from tests.report.town import FIRST, copied, measured, town

COLUMNS = "subject, subject_id, field, rule_id, indicator, numerator, denominator, at, noted_at"


def sums(hub: Hub, where: str) -> dict[object, tuple[int, int]]:
    found: dict[object, tuple[int, int]] = {}
    for row in measured(hub, where):
        a, b = found.get(row["indicator"], (0, 0))
        found[row["indicator"]] = (a + int(str(row["numerator"])), b + int(str(row["denominator"])))
    return found


def noted(hub: Hub) -> list[tuple[object, ...]]:
    names = COLUMNS.split(", ")
    return sorted((tuple(row[name] for name in names) for row in measured(hub)), key=str)


def test_every_rule_of_every_batch_is_measured_once_with_its_own_counts(seen: Hub) -> None:
    for batch in list_batches(seen.ledger):
        rows = measured(seen, f"subject_id = '{batch.id}' AND rule_id IS NOT NULL")
        by_rule = {row["rule_id"]: row for row in rows}
        assert len(by_rule) == len(rows)
        outcomes = {o.rule_id: o for o in checked_of(seen.ledger, batch.id).outcomes}
        assert by_rule.keys() == outcomes.keys()
        for rule_id, outcome in outcomes.items():
            row = by_rule[rule_id]
            assert (row["denominator"], bool(row["holds"])) == (outcome.evaluated, outcome.success)
            assert int(str(row["numerator"])) == outcome.evaluated - outcome.failed


def test_planted_faults_show_in_the_indicator_that_counts_them(seen: Hub) -> None:
    faulty = next(
        b for b in list_batches(seen.ledger, "office/register") if b.verdict is Verdict.WARN
    )
    found = sums(seen, f"subject_id = '{faulty.id}'")
    assert found["0201"] == (15, 16)  # eight keys, seven of eight labels
    assert found["0503"] == (6, 7)  # one pair of dates the wrong way round, one missing
    assert found["0305"] == (2, 8)
    assert found["0303"] == (0, 8)
    assert found["0202"] == (9, 9)  # eight rows, and the rule that a table is not suddenly empty
    assert found["0102"] == found["0103"] == (4, 4)


def test_a_field_of_mended_codes_counts_each_code_once_as_it_came(seen: Hub) -> None:
    batch = next(b for b in list_batches(seen.ledger, "office/register"))
    checked = checked_of(seen.ledger, batch.id)

    def outcome(code: str, evaluated: int, failed: int) -> RuleOutcome:
        rule = f"sex.{code}"
        return RuleOutcome(
            code, rule, ("sex",), {}, "info", None, evaluated, failed, failed == 0, "duckdb"
        )

    codes = (outcome("codelist", 9, 1), outcome("codelist.fixed", 10, 4))
    found = batch_measures(replace(checked, outcomes=codes), snapshot=True)
    counted = [(m.numerator, m.denominator) for m in found if m.indicator == "0105"]
    assert counted == [(5, 10)]  # ten came, one unknown, four in the department's own spelling
    assert {m.rule_id: m.numerator for m in found if m.rule_id} == {
        "sex.codelist": 8,
        "sex.codelist.fixed": 6,
    }


def test_a_held_batch_counts_as_delivered_and_is_not_usable(seen: Hub) -> None:
    held = next(b for b in list_batches(seen.ledger) if b.verdict is Verdict.HOLD)
    found = sums(seen, f"subject_id = '{held.id}'")
    assert found["0305"] == (6, 8)
    assert found["0602"] == (0, 1)


def test_agreement_is_counted_where_two_supplies_give_the_value(seen: Hub) -> None:
    for release in releases_of(seen.ledger):
        subject = f"things/{release.version}"
        manifest = read_manifest(seen.store, release)
        listed = relation(seen.store, manifest, "discrepancies")
        with seen.store.connect() as connection:
            (conflicts,) = connection.execute(
                f"SELECT count(*) FROM ({listed}) WHERE kind = 'value_conflict'"
            ).fetchone() or (0,)
        rows = measured(seen, f"subject_id = '{subject}' AND indicator = '0401'")
        assert {row["supply"] for row in rows} == {"office/register", "treasury/payments"}
        assert sum(int(str(r["denominator"])) - int(str(r["numerator"])) for r in rows) == conflicts
        listed = measured(seen, f"subject_id = '{subject}' AND rule_id LIKE 'discrepancy.%'")
        assert sum(int(str(row["numerator"])) for row in listed) == sum(
            count for kind, count in manifest["counts"].items() if kind == "value_conflict"
        )


def test_what_only_one_supply_says_is_compared_with_nothing(seen: Hub) -> None:
    """On the second day payments name one thing more, and contradict the register once."""
    rows = measured(seen, "subject_id = 'things/2' AND indicator = '0401'")
    found = {row["supply"]: (row["numerator"], row["denominator"]) for row in rows}
    assert found == {"office/register": (8, 8), "treasury/payments": (7, 8)}


def test_running_again_measures_nothing_twice(three_days: Path, tmp_path: Path) -> None:
    with town(copied(three_days, tmp_path / "again"), 0) as hub:
        before = [row for row in noted(hub) if row[0] != "attempt"]
        for day in (0, 1, 2):
            assert run_all(hub, FIRST + timedelta(days=day)).faults == []
        assert [row for row in noted(hub) if row[0] != "attempt"] == before


def test_a_persons_decision_makes_one_more_batch_usable(three_days: Path, tmp_path: Path) -> None:
    with town(copied(three_days, tmp_path / "decided"), 0) as hub:
        held = next(b for b in list_batches(hub.ledger) if b.verdict is Verdict.HOLD)
        decide(hub.ledger, held.id, Verdict.ACCEPT, "checked by telephone", "ann", hub.now)
        assert sums(hub, f"subject_id = '{held.id}'")["0602"] == (1, 1)
        assert len(measured(hub, f"subject_id = '{held.id}' AND indicator = '0602'")) == 2


def test_every_attempt_to_pull_is_kept_whether_the_front_end_answered_or_not(
    three_days: Path, tmp_path: Path
) -> None:
    with town(copied(three_days, tmp_path / "attempts"), 0) as hub:
        before = sums(hub, "supply = 'office/register'")["0601"]
        assert before == (3, 3)
        front_end = hub.settings.home / "office.db"
        shutil.move(front_end, front_end.with_suffix(".away"))
        for _ in range(2):
            with pytest.raises(PullError):
                collect(hub, "office/register", FIRST)
        shutil.move(front_end.with_suffix(".away"), front_end)
        assert sums(hub, "supply = 'office/register'")["0601"] == (3, 5)
        with hub.ledger.reading() as connection:
            rows = connection.execute(select(attempt.c.ok, attempt.c.error)).all()
        assert [row.ok for row in rows].count(False) == 2
        assert all((row.error is None) == row.ok for row in rows)


def test_a_ledger_without_measures_is_filled_with_the_same_ones(
    three_days: Path, tmp_path: Path
) -> None:
    with town(copied(three_days, tmp_path / "old"), 0) as hub:
        held = next(b for b in list_batches(hub.ledger) if b.verdict is Verdict.HOLD)
        decide(hub.ledger, held.id, Verdict.ACCEPT, "checked by telephone", "ann", hub.now)
        before = [row for row in noted(hub) if row[0] == "batch"]
        counted = [row for row in noted(hub) if row[0] == "release" and row[4] is None]
        with hub.ledger.writing() as connection:
            connection.exec_driver_sql("DELETE FROM measure")
        assert backfill(hub) == len(list_batches(hub.ledger)) + len(releases_of(hub.ledger))
        after = noted(hub)
        assert [row for row in after if row[0] == "batch"] == before
        listed = [row for row in after if str(row[3]).startswith("discrepancy.")]
        assert listed == counted
        assert backfill(hub) == 0


def outcome(code: str, kind: str, kwargs: dict[str, object], failed: int = 0) -> RuleOutcome:
    what = {"type": kind, "kwargs": kwargs}
    return RuleOutcome(code, code, (), what, "error", None, 1, failed, not failed, "duckdb")


def test_a_promised_number_of_rows_is_counted_in_rows(seen: Hub) -> None:
    checked = checked_of(seen.ledger, list_batches(seen.ledger)[0].id)
    few = replace(
        checked,
        counts=Counts(60, 60, 60, 0, 0, 0),
        outcomes=(
            outcome("library.rowCount", "hub_row_count",
                    {"operator": "mustBeGreaterOrEqualTo", "value": 100}, 1),
        ),
    )  # fmt: skip
    rows = {m.indicator: m for m in batch_measures(few, snapshot=True) if m.rule_id is None}
    assert (rows["0202"].numerator, rows["0202"].denominator) == (60, 100)
    # An increment holds a part of the rows: the rule is then about the whole table, one element.
    part = [m for m in batch_measures(few, snapshot=False) if m.indicator == "0202"]
    assert sorted((m.numerator, m.denominator) for m in part) == [(0, 1), (60, 60)]


def test_a_column_that_went_missing_lowers_the_model_and_not_the_metadata(seen: Hub) -> None:
    checked = checked_of(seen.ledger, list_batches(seen.ledger, "office/register")[0].id)
    types = [o for o in checked.outcomes if o.code == "type"]
    gone = outcome("drift.column_missing", "hub_drift_column_missing", {}, 1)
    extra = outcome("drift.column_unknown", "hub_drift_column_unknown", {}, 1)
    changed = replace(checked, outcomes=(*types, gone, extra))
    found: dict[str | None, tuple[int, int]] = {}
    for one in batch_measures(changed, snapshot=True):
        a, b = found.get(one.indicator, (0, 0))
        found[one.indicator] = (a + one.numerator, b + one.denominator)
    assert found["0102"] == (3, 4)  # four promised, one is not there
    assert found["0103"] == (3, 4)  # four at the source, one is described nowhere


def test_a_fault_of_ours_measures_nothing(seen: Hub) -> None:
    checked = checked_of(seen.ledger, list_batches(seen.ledger)[0].id)
    assert batch_measures(replace(checked, verdict=Verdict.FAULT), snapshot=True) == ()
