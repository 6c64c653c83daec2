"""A city that lives on: inserts, updates, deletes and late rows, told in the truth file."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

import sample
from sample.target import Target
from schemas.catalog import load_catalog
from tests.sample.reading import CATALOG, DAY, Rows, names_on_disk, read_supply

PEOPLE = 3_000
INCREMENTS = ("police/residents", "health/patients", "medical_insurance/insured")


def read(target: Target, day: int) -> dict[str, Rows]:
    date = DAY + timedelta(days=day - 1)
    return {
        name: read_supply(target, supply, date)
        for name, supply in load_catalog(CATALOG, target.home).supplies.items()
        if day > 1 or name != "veterans/veterans"
    }


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Target, list[dict[str, Rows]]]:
    target = Target(tmp_path_factory.mktemp("days"))
    sample.create(target, PEOPLE, seed=9, day=DAY)
    states = [read(target, 1)]
    for day in (2, 3):
        sample.evolve(target, day)
        states.append(read(target, day))
    return target, states


def keyed(rows: Rows, key: str) -> dict[str | None, dict[str, str | None]]:
    return {row[key]: row for row in rows}


def test_rows_come_change_and_go(days: tuple[Target, list[dict[str, Rows]]]) -> None:
    _, states = days
    key = {"police/residents": "record_no", "health/patients": "record_no",
           "medical_insurance/insured": "resident_id", "treasury/payments": "payment_no",
           "housing/owners": "certificate_no"}  # fmt: skip
    for before, after in pairwise(states):
        for name in ("medical_insurance/insured", "health/patients"):
            old, new = keyed(before[name], key[name]), keyed(after[name], key[name])
            assert old.keys() - new.keys() and new.keys() - old.keys(), name
            assert any(old[k] != new[k] for k in old.keys() & new.keys()), name
        assert len(after["housing/owners"]) < len(before["housing/owners"])
        assert len(after["treasury/payments"]) > len(before["treasury/payments"])
        old = keyed(before["police/residents"], "record_no")
        new = keyed(after["police/residents"], "record_no")
        assert old.keys() < new.keys()


def test_what_changed_has_a_newer_time_except_planted_late_rows(
    days: tuple[Target, list[dict[str, Rows]]],
) -> None:
    target, states = days
    late = {f.key for f in sample.planted(target.folder) if f.kind == "late_row"}
    assert len(late) == 4
    for day, (before, after) in enumerate(pairwise(states), start=2):
        today = (DAY + timedelta(days=day - 1)).isoformat()
        for name in INCREMENTS:
            known = {tuple(row.items()) for row in before[name]}
            for row in after[name]:
                if tuple(row.items()) not in known and row.get("record_no") not in late:
                    assert str(row["updated_at"]).startswith(today), name


def test_departments_still_agree_on_addresses_after_moves(
    days: tuple[Target, list[dict[str, Rows]]],
) -> None:
    target, states = days
    planted = {f.key for f in sample.planted(target.folder)}
    planted |= {f.other for f in sample.planted(target.folder)}
    register = keyed(states[-1]["police/residents"], "resident_id")
    compared = 0
    for row in states[-1]["medical_insurance/insured"]:
        known = register.get(row["resident_id"])
        if known and not {str(row["resident_id"]), str(known["record_no"])} & planted:
            assert row["address"] == known["address"]
            compared += 1
    assert compared > PEOPLE // 2


def test_mended_rows_are_right_again(days: tuple[Target, list[dict[str, Rows]]]) -> None:
    target, states = days
    catalog = load_catalog(CATALOG)
    mended = [f for f in sample.planted(target.folder) if f.until and f.stage == "quarantine"]
    assert mended
    for fault in mended:
        key = catalog.supplies[fault.supply].key[0].name
        row = keyed(states[-1][fault.supply], key)[fault.key]
        assert row[fault.field] == fault.other


def test_files_are_delivered_anew_and_finished_ones_replace_halves(
    days: tuple[Target, list[dict[str, Rows]]],
) -> None:
    target, _ = days
    assert names_on_disk(target.drop("agriculture")) == [
        b"contractors_20260701.parquet", b"contractors_20260702.parquet",
        b"contractors_20260703.parquet",
    ]  # fmt: skip
    assert b"cremations_20260702.csv.ok" in names_on_disk(target.drop("funeral"))


def test_two_days_at_once_end_where_two_single_days_end(
    tmp_path_factory: pytest.TempPathFactory, days: tuple[Target, list[dict[str, Rows]]]
) -> None:
    target = Target(tmp_path_factory.mktemp("leap"))
    sample.create(target, PEOPLE, seed=9, day=DAY)
    sample.evolve(target, 3)
    for name, rows in read(target, 3).items():
        order = [tuple(map(str, row.values())) for row in rows]
        other = [tuple(map(str, row.values())) for row in days[1][-1][name]]
        assert sorted(order) == sorted(other), name


def test_a_case_is_put_right_and_another_one_comes(
    days: tuple[Target, list[dict[str, Rows]]],
) -> None:
    target, states = days
    cases = sample.planted_cases(target.folder)
    [mended] = [case for case in cases if case.until]
    assert (mended.check, mended.until) == ("project_without_progress", 2)
    for day, state in enumerate(states, start=1):
        reported = {row["project_no"] for row in state["development/progress"]}
        assert (mended.key in reported) == (day >= mended.until)
    later = {case.day: case for case in cases if case.day > 1}
    assert {case.check for case in later.values()} == {"dead_but_paid"} and set(later) == {2, 3}
    for day, state in enumerate(states, start=1):
        paid = {row["grant_no"] for row in state["civil_affairs/allowances"]}
        for since, case in later.items():
            assert (case.rows[0][1] in paid) == (day >= since)
