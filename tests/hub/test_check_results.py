"""What a check leaves behind: keys of all failing rows, and results in Great Expectations' form."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import NotFound
from hub.ledger.batches import open_batch
from hub.ledger.tables import batch as table
from hub.ledger.verdicts import checked_of, close_batch
from hub.opened import Hub as Opened
from hub.opened import open_hub
from hub.records import Batch, BatchState, Checked, Verdict
from hub.results import results_of
from schemas.contract import Catalog, Code, CodeList
from tests.hub.test_check import CATALOG, FIELDS, Hub, a_row, a_supply

SAMPLE = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def failing(hub: Hub, checked: Checked) -> list[tuple[str, int, str]]:
    assert checked.failing is not None
    rows = hub.rows(checked.failing)
    return [(row["rule_id"], row["_row"], row["_source_key"]) for row in rows]


def results(hub: Hub, checked: Checked) -> dict[str, dict[str, Any]]:
    document = json.loads(hub.store.path(str(checked.validation)).read_text("utf-8"))
    return {result["meta"]["hub"]["rule_id"]: result for result in document["results"]}


def custom(kind: str, severity: str = "error", **kwargs: Any) -> dict[str, Any]:
    return {
        "type": "custom",
        "engine": "greatExpectations",
        "severity": severity,
        "implementation": {"type": kind, "kwargs": kwargs},
    }


def test_failing_rows_of_every_severity_are_known_by_key(hub: Hub) -> None:
    quality = [
        custom("expect_column_values_to_be_in_set", "warning", column="name", value_set=["张三"]),
        custom("expect_column_value_lengths_to_equal", "info", column="id", value=1),
        custom("expect_column_values_to_be_between", column="amount", max_value=5, mostly=0.1),
    ]
    rows = [
        a_row("1"),
        a_row("22", name="李四", sex="M"),
        a_row("3", amount=Decimal(7), phone="22"),
        a_row("4", name="李四"),
    ]
    checked = hub.check(a_supply(quality=quality), rows)
    found = failing(hub, checked)
    by_rule: dict[str, list[tuple[int, str]]] = {}
    for rule, row, key in found:
        by_rule.setdefault(rule, []).append((row, key))
    assert sorted(by_rule.values()) == sorted([
        [(1, "22"), (3, "4")], [(1, "22")], [(2, "3")], [(2, "3")], [(1, "22")],
    ])  # fmt: skip
    assert by_rule["phone.pattern"] == [(2, "3")] and by_rule["sex.codelist.fixed"] == [(1, "22")]
    assert {o.rule_id: o.failed for o in checked.outcomes if o.failed} == {
        rule: len(rows) for rule, rows in by_rule.items()
    }
    assert hub.rules(checked)[2] == [r for r, row, _ in found if row == 2]
    assert found == sorted(found, key=lambda f: (list(by_rule).index(f[0]), f[1]))


def test_failing_rows_found_by_great_expectations_are_kept_too(hub: Hub) -> None:
    kind = "expect_column_values_to_be_decreasing"
    supply = a_supply(quality=[custom(kind, "warning", column="amount")])
    rows = [a_row(str(n), amount=Decimal(n % 3)) for n in range(6)]
    checked = hub.check(supply, rows)
    assert [(row, key) for _, row, key in failing(hub, checked)] == [
        (1, "1"), (2, "2"), (4, "4"), (5, "5"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [3, 200, 201, 1500])
def test_a_long_set_means_what_a_short_one_means(hub: Hub, size: int) -> None:
    codes = tuple(Code(f"c{n:04}", f"c{n:04}", "", "", "canonical") for n in range(size))
    listed = Catalog(CATALOG.root, CATALOG.departments, {}, {}, {"sex": CodeList("sex", codes)})
    names = [code.code for code in codes]
    quality = [
        custom("expect_column_values_to_be_in_set", column="name", value_set=names),
        custom("expect_column_values_to_not_be_in_set", "info", column="name", value_set=names),
    ]
    fields = [replace(f, max_length=None, required=False) for f in FIELDS]
    cells = [names[0], names[-1], "other", "", None, names[0] + " "]
    rows = [a_row(str(n), name=cell, sex=cell) for n, cell in enumerate(cells)]
    checked = hub.check(a_supply(fields, quality), rows, listed)
    found: dict[str, list[int]] = {}
    for rule, row, _ in failing(hub, checked):
        found.setdefault(rule, []).append(row)
    assert sorted(found.values()) == [[0, 1], [2, 3, 5], [2, 3, 5]]
    assert {o.evaluated for o in checked.outcomes if o.rule_id in found} == {5}


def test_rows_without_a_key_of_their_own_are_named_as_the_current_table_names_them(
    hub: Hub,
) -> None:
    supply = a_supply([replace(f, key_position=None) for f in FIELDS])
    checked = hub.check(supply, [a_row("1", name=None), a_row("1", name=None), a_row("2")])
    keys = {key for _, _, key in failing(hub, checked)}
    assert keys == {row["_source_key"] for row in hub.rows(checked.quarantined)} and len(keys) == 2


def test_the_results_hold_no_cell(hub: Hub) -> None:
    quality = [custom("expect_column_max_to_be_between", "info", column="amount", max_value=5)]
    row = a_row("secret-key", name="秘密姓名很长", amount=Decimal("98765.43"))
    checked = hub.check(a_supply(quality=quality), [row])
    for uri in (checked.validation, checked.report):
        text = hub.store.path(str(uri)).read_text(encoding="utf-8")
        assert "secret" not in text and "秘密" not in text and "98765" not in text
    assert not next(iter(results(hub, checked).values()))["result"]["partial_unexpected_list"]


def entered(opened: Opened, hub: Hub, checked: Checked) -> None:
    """The batch in the ledger of an opened hub, as the steps would have entered it."""
    window = hub.land(a_supply(), []).window
    assert window is not None
    batch = Batch(checked.batch_id, checked.supply, "1.0.0", "snapshot", window, BatchState.OPENED)
    open_batch(opened.ledger, batch, window.as_of)
    close_batch(opened.ledger, checked, 0, lambda: window.as_of, False)


def test_a_checked_batch_of_an_older_hub_still_loads(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "store")
    checked = hub.check(a_supply(), [a_row("1", name=None)])
    with open_hub(tmp_path, SAMPLE) as opened:
        entered(opened, hub, checked)
        assert checked_of(opened.ledger, checked.batch_id) == checked
        older = {
            "accepted": checked.accepted,
            "quarantined": checked.quarantined,
            "report": checked.report,
            "outcomes": [asdict(o) | {"fields": list(o.fields)} for o in checked.outcomes],
        }
        for outcome in older["outcomes"]:
            del outcome["elements"], outcome["indicator"]  # type: ignore[attr-defined]
        with opened.ledger.writing() as connection:
            connection.execute(update(table).values(checked=older))
        loaded = checked_of(opened.ledger, checked.batch_id)
        assert (loaded.failing, loaded.validation, loaded.verdict) == (None, None, Verdict.WARN)
        assert loaded.counts == checked.counts
        with pytest.raises(NotFound, match="older hub"):
            results_of(opened, checked.batch_id)


QUALITY = [
    custom("expect_column_values_to_not_be_null", "info", column="sex"),
    custom("expect_column_values_to_be_null", "info", column="day"),
    custom(
        "expect_column_values_to_be_in_set", "warning", column="name", value_set=["张三"],
        mostly=0.5, row_condition="sex == '1'", condition_parser="pandas",
    ),
    custom(
        "expect_column_pair_values_to_be_equal", "info", column_A="id", column_B="phone",
        ignore_row_if="either_value_is_missing",
    ),
    custom(
        "expect_compound_columns_to_be_unique", "info", column_list=["name", "phone"],
        ignore_row_if="all_values_are_missing",
    ),
    custom("expect_column_values_to_be_increasing", "info", column="amount"),
    custom("expect_table_row_count_to_equal", "info", value=3),
    custom("expect_column_unique_value_count_to_be_between", "info", column="name", max_value=9),
]  # fmt: skip
FIGURES = (
    "element_count", "missing_count", "missing_percent", "unexpected_count", "unexpected_percent",
    "unexpected_percent_total", "unexpected_percent_nonmissing", "observed_value",
)  # fmt: skip


@pytest.mark.slow
def test_results_are_those_that_great_expectations_itself_gives(hub: Hub) -> None:
    from great_expectations.core.expectation_validation_result import (
        expectationSuiteValidationResultSchema,
    )

    from quality.expectations.run import Session, frame_of

    rows = [
        a_row(str(n), name=[None, "张三", "李四"][n % 3], sex=["1", "2", None][n % 3],
              phone=[None, "1111", str(n)][n % 3], amount=Decimal(n % 4),
              day=None if n % 2 else date(2020, 1, 1))
        for n in range(11)
    ]  # fmt: skip
    supply = a_supply(quality=QUALITY)
    landing = hub.land(supply, rows)
    checked = hub.pull(supply, rows)
    document = json.loads(hub.store.path(str(checked.validation)).read_text("utf-8"))
    loaded = expectationSuiteValidationResultSchema.load(document)
    again = loaded.to_json_dict()
    assert again["statistics"] == document["statistics"] and again["suite_name"] == supply.name
    assert [r["result"] for r in again["results"]] == [r["result"] for r in document["results"]]

    session, seen = Session(), 0
    with duckdb.connect() as connection:
        path = hub.store.path(landing.parts[0])
        frame = frame_of(connection.execute(f"SELECT * EXCLUDE (_faults) FROM '{path}'"))
    for one in loaded.results:
        config = one.expectation_config
        if one.meta["hub"]["vocabulary"] == "hub":
            assert config.type.startswith("hub_")
            continue
        kwargs = {k: v for k, v in config.kwargs.items() if k != "batch_id"}
        if "codelist" in kwargs:
            kwargs["value_set"] = sorted(CATALOG.codelists[kwargs["codelist"]].canonical)
        theirs = session.validate(frame, config.type, kwargs)
        assert one.success == theirs.success, config
        for figure in FIGURES:
            assert one.result.get(figure) == theirs.result.get(figure), (config, figure)
        seen += 1
    assert seen >= 12


def test_results_are_exported_with_all_row_numbers(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "store")
    checked = hub.check(a_supply(), [a_row("1"), a_row("2", name=None), a_row("3", name=None)])
    with open_hub(tmp_path, SAMPLE) as opened:
        entered(opened, hub, checked)
    out = tmp_path / "results.json"
    options = ["--home", str(tmp_path), "--catalog", str(SAMPLE), "batch", "results"]
    brief = CliRunner().invoke(app, [*options, checked.batch_id])
    assert brief.exit_code == 0 and '"unexpected_index_list"' not in brief.stdout
    told = CliRunner().invoke(app, [*options, checked.batch_id, "--out", str(out), "--complete"])
    assert told.exit_code == 0 and "results.json" in told.stdout
    document = json.loads(out.read_text("utf-8"))
    found = {r["meta"]["hub"]["rule_id"]: r["result"] for r in document["results"]}
    assert found["name.required"]["unexpected_index_list"] == [1, 2]
    assert found["name.length"]["unexpected_index_list"] == []
    assert json.loads(brief.stdout)["statistics"] == document["statistics"]
