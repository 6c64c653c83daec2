"""Discrepancies name the department on each side: in the list, the export, the order's file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hub.discrepancies import by_kind
from hub.handed_in import desk_of
from hub.opened import Hub
from hub.orders.sheet import write_order
from hub.orders.view import list_orders
from tests.sample.findings import discrepancies

pytestmark = pytest.mark.slow


def test_the_list_counts_by_the_departments_on_both_sides(faulty_hub: Hub) -> None:
    rows = by_kind(faulty_hub)
    named = [row for row in rows if row["kind"] == "value_conflict"]
    assert named
    for row in named:
        for side in ("", "surviving_"):
            supply = faulty_hub.supply(row[f"{side}supply"])
            assert row[f"{side}department"] == supply.department.name
            assert row[f"{side}department_zh"] == supply.department.title.zh
            assert row[f"{side}department_en"] == supply.department.title.en
        assert row["severity"] in ("info", "warning", "error")


def test_a_line_that_does_not_tie_stands_between_who_paid_and_who_gave(faulty_hub: Hub) -> None:
    sides = {
        row["field"]: (row["department"], row["surviving_department"])
        for row in by_kind(faulty_hub) if row["kind"] == "balance"
    }  # fmt: skip
    assert sides["budget"] == ("treasury", "budget")
    assert sides["social_funds"] == ("funds", "treasury")


def test_the_export_has_the_surviving_value_and_loses_no_row(
    faulty_hub: Hub, tmp_path: Path
) -> None:
    rows = discrepancies(faulty_hub, tmp_path)
    assert len(rows) == sum(row["rows"] for row in by_kind(faulty_hub))
    for row in rows:
        if row["kind"] == "value_conflict":
            assert row["value"] != row["surviving_value"] is not None
            assert row["department"] and row["surviving_department_zh"]


def test_a_departments_file_says_whom_to_settle_it_with(faulty_hub: Hub, tmp_path: Path) -> None:
    desk, out = desk_of(faulty_hub), tmp_path / "order.csv"
    told = 0
    for order in list_orders(desk, department="medical_insurance"):
        write_order(desk, order["id"], out)
        with out.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for number, supply in enumerate(row.get("hub_surviving_supply", "").split("; ")):
                    if supply:
                        title = faulty_hub.supply(supply).department.title
                        zh = row["hub_surviving_department_zh"].split("; ")
                        en = row["hub_surviving_department_en"].split("; ")
                        assert (zh[number], en[number]) == (title.zh, title.en)
                        told += 1
    assert told > 3
