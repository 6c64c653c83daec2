"""The check room: rows go their ways, counts tie out, verdicts follow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.protocol import Totals, Window
from hub.check import check
from hub.errors import IntegrityError
from hub.fold import Segment, fold_sql
from hub.records import Checked, Landing, Verdict
from hub.store import Store
from schemas.arrow import landing_schema
from schemas.contract import (
    Catalog,
    Code,
    CodeList,
    Field,
    FieldType,
    LogicalType,
    QualityEntry,
    Supply,
)
from schemas.properties import Department, FieldProperties, SupplyProperties, Thresholds, Title

TEXT = FieldType(LogicalType.STRING)
MONEY = FieldType(LogicalType.NUMBER, 18, 2)
DAY = FieldType(LogicalType.DATE)
DEPARTMENT = Department(name="police", title=Title(zh="市公安局", en="Police"), division="990100")
SEX = CodeList(
    "sex",
    (
        Code("1", "1", "男", "male", "canonical"),
        Code("2", "2", "女", "female", "canonical"),
        Code("M", "1", "男", "male", "fixable"),
        Code("-", None, "", "", "ignorable"),
    ),
)
CATALOG = Catalog(Path(), {"police": DEPARTMENT}, {}, {}, {"sex": SEX})
FIELDS = (
    Field("id", "id", TEXT, "编号", required=True, key_position=1),
    Field("name", "xm", TEXT, "姓名", required=True, max_length=4),
    Field("sex", "xb", TEXT, "性别", properties=FieldProperties(codelist="sex")),
    Field("amount", "je", MONEY, "金额", minimum=0),
    Field("day", "rq", DAY, "日期"),
    Field("phone", "dh", TEXT, "电话", unique=True, pattern="^1[0-9]{3}$"),
)


def a_supply(
    fields: Sequence[Field] = FIELDS, quality: Sequence[dict[str, Any]] = (), **properties: Any
) -> Supply:
    return Supply(
        name="police/residents",
        version="1.0.0",
        status="active",
        title="常住人口",
        title_en="Residents",
        physical_name="t",
        fields=tuple(fields),
        quality=tuple(
            QualityEntry(entry, None, f"schema[0].quality[{n}]") for n, entry in enumerate(quality)
        ),
        sla=(),
        description=None,
        domain=None,
        path=Path("residents.odcs.yaml"),
        document={},
        department=DEPARTMENT,
        properties=SupplyProperties(
            **({"verdict": Thresholds(warn=0.0, hold=None, reject=None)} | properties)
        ),
    )


def a_row(key: str | None, **cells: Any) -> dict[str, Any]:
    person = {"name": "张三", "sex": "1", "amount": Decimal("1.00"), "day": date(2020, 1, 2)}
    return person | {"id": key, "phone": None, "_faults": None} | cells


class Hub:
    """A store, and the fold that accepted batches make."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root)
        self.segments: list[Segment] = []
        self.pulled = 0

    def land(self, supply: Supply, rows: Sequence[dict[str, Any]], **more: Any) -> Landing:
        self.pulled += 1
        batch = f"b{self.pulled:03}"
        uri = f"landing/{batch}.parquet"
        table = pa.Table.from_pylist(list(rows), landing_schema(supply))
        numbers = pa.array(range(len(rows)), pa.int64())
        self.store.path(uri).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.add_column(0, "_row", numbers), self.store.path(uri))
        window = Window(datetime(2026, 6, 1, tzinfo=UTC), file=more.pop("file", None))
        given = {"totals": Totals(len(rows)), "window": window} | more
        return Landing(batch, supply.name, (uri,), len(rows), "0" * 64, **given)

    def check(
        self,
        supply: Supply,
        rows: Sequence[dict[str, Any]],
        catalog: Catalog = CATALOG,
        **more: Any,
    ) -> Checked:
        landing = self.land(supply, rows, **more)
        return check(landing, supply, catalog, self.segments, self.store)

    def take(self, checked: Checked) -> None:
        path = self.store.path(checked.accepted)
        self.segments.append(Segment(path, checked.batch_id, pq.read_metadata(path).num_rows))

    def pull(self, supply: Supply, rows: Sequence[dict[str, Any]], **more: Any) -> Checked:
        """Check, and fold unless held: what the steps do."""
        checked = self.check(supply, rows, **more)
        if checked.verdict in (Verdict.ACCEPT, Verdict.WARN):
            self.take(checked)
        return checked

    def rows(self, uri: str) -> list[dict[str, Any]]:
        return pq.read_table(self.store.path(uri)).to_pylist()

    def current(self, supply: Supply) -> dict[str, dict[str, Any]]:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            table = connection.sql(fold_sql(supply, self.segments)).to_arrow_table()
        return {row["_source_key"]: row for row in table.to_pylist()}

    def rules(self, checked: Checked) -> dict[Any, list[str]]:
        return {row["_row"]: row["_rules"] for row in self.rows(checked.quarantined)}


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def test_a_clean_batch_is_accepted_whole(hub: Hub) -> None:
    checked = hub.pull(a_supply(), [a_row("1"), a_row("2", phone="1234")])
    assert checked.verdict is Verdict.ACCEPT
    assert (checked.counts.accepted, checked.counts.quarantined) == (2, 0)
    assert {row["_op"] for row in hub.rows(checked.accepted)} == {"insert"}


def test_every_kind_of_bad_row_names_its_rule(hub: Hub) -> None:
    rows = [
        a_row("1"),
        a_row(None),
        a_row("3", name=None),
        a_row("4", name="欧阳震华先生"),
        a_row("5", sex="9"),
        a_row("6", amount=Decimal("-0.01")),
        a_row("7", phone="2234"),
        a_row("8", phone="1111"),
        a_row("9", phone="1111"),
        a_row("10", day=None, _faults=[{"field": "day", "code": "not_date", "text": "x"}]),
        a_row("11", _faults=[{"field": None, "code": "too_wide", "text": "x"}]),
        a_row("12"),
        a_row("12"),
        a_row("13", name=None, amount=Decimal("-1")),
    ]
    checked = hub.pull(a_supply(), rows)
    assert hub.rules(checked) == {
        1: ["id.key.present"],
        2: ["name.required"],
        3: ["name.length"],
        4: ["sex.codelist"],
        5: ["amount.range"],
        6: ["phone.pattern"],
        7: ["phone.unique"],
        8: ["phone.unique"],
        9: ["day.type"],
        10: ["_row_.type"],
        11: ["id.key.unique"],
        12: ["id.key.unique"],
        13: ["name.required", "amount.range"],
    }
    assert checked.verdict is Verdict.WARN
    assert checked.counts.accepted == 1


def test_fixable_codes_become_canonical_and_are_counted(hub: Hub) -> None:
    checked = hub.pull(a_supply(), [a_row("1", sex="M"), a_row("2", sex="-"), a_row("3")])
    assert sorted((r["id"], r["sex"]) for r in hub.rows(checked.accepted)) == [
        ("1", "1"),
        ("2", None),
        ("3", "1"),
    ]
    fixed = next(o for o in checked.outcomes if o.code == "codelist.fixed")
    assert (fixed.failed, fixed.evaluated, fixed.severity) == (2, 3, "info")
    listed = next(o for o in checked.outcomes if o.code == "codelist")
    assert (listed.failed, listed.evaluated) == (0, 2)
    assert checked.verdict is Verdict.ACCEPT


def test_a_quarantined_row_keeps_the_text_that_was_sent(hub: Hub) -> None:
    checked = hub.pull(a_supply(), [a_row("1", sex="M", name=None)])
    assert hub.rows(checked.quarantined)[0]["sex"] == "M"


def test_an_ignorable_code_in_a_required_field_is_missing(hub: Hub) -> None:
    fields = [replace(f, required=True) if f.name == "sex" else f for f in FIELDS]
    checked = hub.pull(a_supply(fields), [a_row("1", sex="-")])
    assert hub.rules(checked) == {0: ["sex.required"]}


def test_only_changes_move_on(hub: Hub) -> None:
    supply = a_supply()
    hub.pull(supply, [a_row("1"), a_row("2"), a_row("3")])
    checked = hub.pull(supply, [a_row("1"), a_row("2", name="李四"), a_row("4")])
    assert {(r["id"], r["_op"]) for r in hub.rows(checked.accepted)} == {
        ("2", "update"),
        ("4", "insert"),
        ("3", "delete"),
    }
    counts = checked.counts
    assert (counts.accepted, counts.unchanged, counts.deleted) == (2, 1, 1)
    assert {k: r["name"] for k, r in hub.current(supply).items()} == {
        "1": "张三",
        "2": "李四",
        "4": "张三",
    }


def test_a_quarantined_row_is_not_gone(hub: Hub) -> None:
    supply = a_supply()
    hub.pull(supply, [a_row("1"), a_row("2")])
    checked = hub.pull(supply, [a_row("1", name=None), a_row("2")])
    assert checked.counts.deleted == 0
    assert set(hub.current(supply)) == {"1", "2"}


def test_an_increment_deletes_nothing_without_a_key_listing(hub: Hub) -> None:
    supply = a_supply(pull={"mode": "increment", "watermark": "day"})
    hub.pull(supply, [a_row("1"), a_row("2")])
    assert hub.pull(supply, [a_row("3")]).counts.deleted == 0
    keys = "landing/keys.parquet"
    pq.write_table(pa.table({"id": ["1", "3"]}), hub.store.path(keys))
    assert hub.pull(supply, [], keys=keys).counts.deleted == 1
    assert set(hub.current(supply)) == {"1", "3"}


def test_uniqueness_looks_at_the_rows_that_are_already_there(hub: Hub) -> None:
    supply = a_supply(pull={"mode": "increment", "watermark": "day"})
    hub.pull(supply, [a_row("1", phone="1111"), a_row("2", phone="1222")])
    checked = hub.pull(
        supply, [a_row("3", phone="1111"), a_row("2", phone="1333"), a_row("4", phone="1222")]
    )
    # Row 2 gives up its number in the same batch, so row 4 may have it.
    assert hub.rules(checked) == {0: ["phone.unique"]}


def test_an_empty_snapshot_of_a_full_table_is_held(hub: Hub) -> None:
    supply = a_supply()
    assert hub.check(supply, []).verdict is Verdict.ACCEPT
    hub.pull(supply, [a_row("1")])
    assert hub.check(supply, []).verdict is Verdict.HOLD


def test_a_missing_column_holds_and_an_unknown_one_warns(hub: Hub) -> None:
    missing = {"code": "column_missing", "column": "rq", "detail": ""}
    unknown = {"code": "column_unknown", "column": "zz", "detail": ""}
    assert hub.check(a_supply(), [a_row("1")], drift=(missing,)).verdict is Verdict.HOLD
    assert hub.check(a_supply(), [a_row("1")], drift=(unknown,)).verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("bad", "verdict"),
    [(0, "accept"), (1, "warn"), (2, "warn"), (3, "hold"), (5, "hold"), (6, "reject")],
)
def test_thresholds_are_passed_by_more_than_their_share(hub: Hub, bad: int, verdict: str) -> None:
    supply = a_supply(verdict=Thresholds(warn=0.0, hold=0.2, reject=0.5))
    rows = [a_row(str(n), name=None if n < bad else "王五") for n in range(10)]
    assert hub.check(supply, rows).verdict == verdict


def test_a_rejected_batch_changes_nothing(hub: Hub) -> None:
    supply = a_supply(verdict=Thresholds(reject=0.5))
    hub.pull(supply, [a_row("1"), a_row("2")])
    before = hub.current(supply)
    checked = hub.pull(supply, [a_row("1", name=None), a_row("2", name=None), a_row("3")])
    assert checked.verdict is Verdict.REJECT
    assert hub.current(supply) == before


def test_counts_that_do_not_tie_out_are_a_fault_of_ours(hub: Hub) -> None:
    with pytest.raises(IntegrityError, match="tie out"):
        hub.check(a_supply(), [a_row("1")], totals=Totals(2))


def test_checking_twice_gives_the_same_files(hub: Hub) -> None:
    supply = a_supply()
    rows = [a_row(str(n), name=None if n % 7 == 0 else "王五") for n in range(3000)]
    landing = hub.land(supply, rows)
    first = check(landing, supply, CATALOG, [], hub.store)
    digests = [hub.store.sha256(u) for u in (first.accepted, first.quarantined, first.report)]
    again = check(landing, supply, CATALOG, [], hub.store)
    assert again == first
    assert digests == [
        hub.store.sha256(u) for u in (again.accepted, again.quarantined, again.report)
    ]


def test_rows_without_a_key_are_known_by_content_and_occurrence(hub: Hub) -> None:
    supply = a_supply([replace(f, key_position=None, required=False) for f in FIELDS])
    rows = [a_row("1"), a_row("1"), a_row("2")]
    assert hub.pull(supply, rows).counts.accepted == 3
    checked = hub.pull(supply, [a_row("2"), a_row("1")])
    assert (checked.counts.unchanged, checked.counts.deleted) == (2, 1)


def test_rows_of_appended_files_are_known_by_file_and_line(hub: Hub) -> None:
    supply = a_supply(
        [replace(f, key_position=None, required=False) for f in FIELDS],
        files={"pattern": "*.csv", "content": "append"},
    )
    hub.pull(supply, [a_row("1"), a_row("1")], file="a.csv")
    checked = hub.pull(supply, [a_row("1")], file="b.csv")
    assert (checked.counts.accepted, checked.counts.deleted) == (1, 0)
    assert set(hub.current(supply)) == {"a.csv#0", "a.csv#1", "b.csv#0"}


ADDITIONS = a_supply(
    [replace(f, key_position=None, required=f.name == "name") for f in FIELDS],
    files={"pattern": "*.csv", "content": "append"},
)


def test_a_file_of_additions_delivered_again_replaces_its_rows_alone(hub: Hub) -> None:
    hub.pull(ADDITIONS, [a_row("1", phone="1001"), a_row("2", phone="1002")], file="a.csv")
    hub.pull(ADDITIONS, [a_row("3", phone="1003")], file="a.csv#1.csv")
    again = hub.pull(ADDITIONS, [a_row("2", phone="1002")], file="a.csv")
    assert (again.counts.accepted, again.counts.deleted, again.counts.quarantined) == (1, 1, 0)
    assert {key: row["id"] for key, row in hub.current(ADDITIONS).items()} == {
        "a.csv#0": "2", "a.csv#1.csv#0": "3",
    }  # fmt: skip


def test_a_line_that_is_wrong_in_the_new_delivery_does_not_keep_the_old_one(hub: Hub) -> None:
    supply = replace(ADDITIONS, properties=ADDITIONS.properties.model_copy(
        update={"verdict": Thresholds(warn=0, hold=0.9, reject=1)}
    ))  # fmt: skip
    hub.pull(supply, [a_row("1"), a_row("2"), a_row("3")], file="a.csv")
    hub.pull(supply, [a_row("1"), a_row("3"), a_row("4", name=None)], file="a.csv")
    assert {row["id"] for row in hub.current(supply).values()} == {"1", "3"}
    assert len(hub.current(supply)) == 2


def test_a_file_of_additions_delivered_again_without_rows_is_held(hub: Hub) -> None:
    hub.pull(ADDITIONS, [a_row("1")], file="a.csv")
    assert hub.pull(ADDITIONS, [], file="b.csv").verdict is Verdict.ACCEPT
    assert hub.pull(ADDITIONS, [], file="a.csv").verdict is Verdict.HOLD
    assert set(hub.current(ADDITIONS)) == {"a.csv#0"}


def test_composite_keys_stay_apart(hub: Hub) -> None:
    fields = [replace(f, key_position=2) if f.name == "name" else f for f in FIELDS]
    checked = hub.pull(a_supply(fields), [a_row("a|b", name="c"), a_row("a", name="b|c")])
    assert len({r["_source_key"] for r in hub.rows(checked.accepted)}) == 2


def test_a_rule_that_cannot_run_is_a_fault_of_ours(hub: Hub) -> None:
    query = {"type": "sql", "query": "SELECT amount / 0 || 'x' FROM ${table}", "mustBe": 0}
    checked = hub.check(a_supply(quality=[query]), [a_row("1")])
    assert checked.verdict is Verdict.FAULT


def test_table_rules_of_severity_error_hold_and_of_warning_warn(hub: Hub) -> None:
    count = {"type": "library", "metric": "rowCount", "mustBeGreaterThan": 3}
    assert hub.check(a_supply(quality=[count]), [a_row("1")]).verdict is Verdict.HOLD
    count["severity"] = "warning"
    assert hub.check(a_supply(quality=[count]), [a_row("1")]).verdict is Verdict.WARN


def test_row_counts_are_about_the_table_not_the_increment(hub: Hub) -> None:
    count = {"type": "library", "metric": "rowCount", "mustBeGreaterThan": 0}
    query = {"type": "sql", "query": "SELECT count(*) FROM ${table}", "mustBe": 1}
    supply = a_supply(quality=[count, query], pull={"mode": "increment", "watermark": "day"})
    assert hub.check(supply, []).verdict is Verdict.HOLD
    hub.pull(supply, [a_row("1")])
    assert hub.pull(supply, []).verdict is Verdict.ACCEPT
    assert hub.pull(supply, [a_row("1", name="李四")]).verdict is Verdict.ACCEPT


def test_mostly_tolerates_rows(hub: Hub) -> None:
    def rule(mostly: float) -> dict[str, Any]:
        kwargs = {"column": "name", "value_set": ["王五"], "mostly": mostly}
        kind = "expect_column_values_to_be_in_set"
        return {
            "type": "custom",
            "engine": "greatExpectations",
            "implementation": {"type": kind, "kwargs": kwargs},
        }

    rows = [a_row(str(n), name="王五" if n else "赵六") for n in range(10)]
    assert hub.check(a_supply(quality=[rule(0.9)]), rows).counts.quarantined == 0
    assert hub.check(a_supply(quality=[rule(0.95)]), rows).counts.quarantined == 1


def test_the_report_holds_no_cell(hub: Hub) -> None:
    checked = hub.check(a_supply(), [a_row("secret-key", name="秘密姓名很长")])
    text = hub.store.path(checked.report).read_text(encoding="utf-8")
    assert "secret" not in text and "秘密" not in text
    assert json.loads(text)["counts"]["quarantined"] == 1


names = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=0, max_size=6
) | st.sampled_from(["张三", "𠮷野", "e\u0301", "·"])
rows_of_anything = st.lists(
    st.builds(
        a_row,
        st.sampled_from(["1", "2", "3", "a|b", "", None]) | names,
        name=names | st.none(),
        sex=st.sampled_from(["1", "2", "M", "-", "9", None]),
        amount=st.decimals(-5, 5, places=2) | st.none(),
        day=st.dates() | st.none(),
        phone=st.sampled_from(["1111", "1222", "22", None]),
        _faults=st.sampled_from([None, [{"field": "day", "code": "not_date", "text": "?"}]]),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(rows_of_anything, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_rows_in_are_accepted_quarantined_or_unchanged(
    tmp_path_factory: pytest.TempPathFactory,
    pulls: list[list[dict[str, Any]]],
    snapshot: bool,
    keyed: bool,
) -> None:
    hub = Hub(tmp_path_factory.mktemp("hub"))
    pull = {} if snapshot else {"mode": "increment", "watermark": "day"}
    fields = FIELDS if keyed else [replace(f, key_position=None) for f in FIELDS]
    supply = a_supply(fields, pull=pull)
    for rows in pulls:
        checked = hub.check(supply, rows)
        hub.take(checked)
        counts = checked.counts
        assert counts.ties_out()
        accepted, quarantined = hub.rows(checked.accepted), hub.rows(checked.quarantined)
        deletes = [r for r in accepted if r["_op"] == "delete"]
        assert len(accepted) - len(deletes) == counts.accepted
        assert (len(quarantined), len(deletes)) == (counts.quarantined, counts.deleted)
        assert all(row["_rules"] for row in quarantined)
        seen = {r["_row"] for r in accepted if r["_row"] is not None}
        assert not seen & {r["_row"] for r in quarantined}
        again = hub.check(supply, rows)  # the same batch over its own fold: nothing is new
        assert (again.counts.accepted, again.counts.deleted) == (0, 0)
        assert again.counts.quarantined == counts.quarantined


@pytest.mark.parametrize("query", [
    "SELECT max(amount) FROM t",
    "SELECT max(t.amount) FROM T",
    "SELECT max(x.amount) FROM t AS x WHERE x.id IN (SELECT id FROM t)",
    "WITH big AS (SELECT * FROM t) SELECT max(amount) FROM big",
])  # fmt: skip
def test_a_query_may_name_the_table_as_the_source_does(hub: Hub, query: str) -> None:
    limit = {"type": "sql", "query": query, "mustBeLessThan": 5, "severity": "error"}
    supply = a_supply(quality=[limit])
    assert hub.check(supply, [a_row("1", amount=Decimal("4.00"))]).verdict is Verdict.ACCEPT
    assert hub.check(supply, [a_row("1", amount=Decimal("6.00"))]).verdict is Verdict.HOLD
    assert hub.check(supply, []).verdict is Verdict.ACCEPT  # the greatest of no rows is nothing
