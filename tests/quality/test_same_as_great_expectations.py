"""What compiles gives the same success, counts and failing rows as Great Expectations on pandas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quality.compile import compile_rule
from quality.compile.forms import Context
from quality.expectations.run import Session, run_expectations
from quality.rule import Rule
from quality.scan import scan
from schemas.arrow import landing_schema
from schemas.contract import Catalog, Code, CodeList, Field, FieldType, LogicalType, Supply
from schemas.properties import Department, SupplyProperties, Title

KINDS = {
    "a": FieldType(LogicalType.STRING),
    "b": FieldType(LogicalType.STRING),
    "n": FieldType(LogicalType.INTEGER),
    "m": FieldType(LogicalType.INTEGER),
    "x": FieldType(LogicalType.NUMBER, 18, 2),
    "f": FieldType(LogicalType.NUMBER),
    "d": FieldType(LogicalType.DATE),
    "e": FieldType(LogicalType.DATE),
    "t": FieldType(LogicalType.TIMESTAMP),
}
COLOURS = CodeList(
    "colour",
    (
        Code("a", "a", "甲", "a", "canonical"),
        Code("张三", "张三", "", "", "canonical"),
        Code("?", "a", "", "", "fixable"),
    ),
)
CATALOG = Catalog(Path(), {}, {}, {}, {"colour": COLOURS})
SUPPLY = Supply(
    name="test/table",
    version="1.0.0",
    status="active",
    title="表",
    title_en="table",
    physical_name="t",
    fields=tuple(Field(name, name, kind, name) for name, kind in KINDS.items()),
    quality=(),
    sla=(),
    description=None,
    domain=None,
    path=Path("t.odcs.yaml"),
    document={},
    department=Department(name="test", title=Title(zh="测试", en="test")),
    properties=SupplyProperties(),
)
CONTEXT = Context(SUPPLY, CATALOG, date(2026, 1, 1))

words = st.sampled_from(
    [
        "a",
        "b",
        "A",
        "ab",
        "aab",
        "张三",
        "李四·王",
        "１２",
        "12",
        "",
        " ",
        "a\n",
        "a%b",
        "a_b",
        "𠮷",
        "e\u0301",
    ]
)
small = st.integers(-3, 4)
days = st.dates(date(2020, 1, 30), date(2020, 2, 3))
moments = [datetime(2020, 1, 31, 23, 30, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)]
rows = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.none() | words,
            "b": st.none() | words,
            "n": st.none() | small,
            "m": st.none() | small,
            "x": st.none()
            | st.sampled_from(["-1.00", "0.50", "0.25", "2.00", "3.75"]).map(Decimal),
            "f": st.none() | st.sampled_from([-1.5, 0.0, 0.25, 3.0]),
            "d": st.none() | days,
            "e": st.none() | days,
            "t": st.none()
            | st.sampled_from(
                [datetime(2020, 1, 31, 23, 30, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)]
            ),
            "_faults": st.none(),
        }
    ),
    min_size=8,
    max_size=14,
)

OF_ONE = [
    ("values_to_not_be_null", {}),
    ("values_to_be_null", {}),
    ("values_to_be_unique", {}),
]
RULES: list[tuple[str, dict[str, Any]]] = [
    *[
        (f"expect_column_{kind}", {"column": column} | kwargs)
        for kind, kwargs in OF_ONE
        for column in KINDS
    ],
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": ["a", "张三", ""]}),
    ("expect_column_values_to_be_in_set", {"column": "n", "value_set": [0, 1, 2.0]}),
    ("expect_column_values_to_be_in_set", {"column": "x", "value_set": [0.5, 2]}),
    ("expect_column_values_to_be_in_set", {"column": "f", "value_set": [0.25, 3]}),
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": ["a", "b"], "mostly": 0.5}),
    ("expect_column_values_to_not_be_in_set", {"column": "a", "value_set": ["a", "１２"]}),
    ("expect_column_values_to_not_be_in_set", {"column": "n", "value_set": [3, -3]}),
    ("expect_column_values_to_be_between", {"column": "n", "min_value": 0, "max_value": 3}),
    ("expect_column_values_to_be_between", {"column": "n", "min_value": 0, "strict_min": True}),
    ("expect_column_values_to_be_between", {"column": "x", "min_value": 0.5, "max_value": 2}),
    ("expect_column_values_to_be_between", {"column": "x", "max_value": 2, "strict_max": True}),
    ("expect_column_values_to_be_between", {"column": "f", "min_value": 0.25, "strict_min": True}),
    ("expect_column_values_to_be_between", {"column": "d", "min_value": date(2020, 2, 1)}),
    (
        "expect_column_values_to_be_between",
        {"column": "t", "max_value": datetime(2020, 1, 31, 23, 45, tzinfo=UTC)},
    ),
    ("expect_column_value_lengths_to_be_between", {"column": "a", "min_value": 1, "max_value": 2}),
    ("expect_column_value_lengths_to_be_between", {"column": "a", "min_value": 2}),
    ("expect_column_value_lengths_to_equal", {"column": "a", "value": 2}),
    *[
        (f"expect_column_values_to_{no}match_regex", {"column": "a", "regex": pattern})
        for no in ("", "not_")
        for pattern in (
            "^a",
            "b$",
            "^a$",
            "a|张",
            r"^\d+$",
            r"\D",
            r"^[a-z]{1,2}$",
            r"\s",
            "[^a]",
            ".",
            "",
            "(a)+b?",
            r"^a\Z",
            r"^[\u4e00-\u9fff·]+$",
            r"a(?=b)",
            r"\bab",
            r"(?i)^A$",
            r"^\w+$",
        )
    ],
    (
        "expect_column_values_to_match_regex_list",
        {"column": "a", "regex_list": ["^a", "b$"], "match_on": "all"},
    ),
    ("expect_column_values_to_match_regex_list", {"column": "a", "regex_list": ["^a", "b$"]}),
    ("expect_column_values_to_not_match_regex_list", {"column": "a", "regex_list": ["^a", "b$"]}),
    *[
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": first, "column_B": second, "or_equal": equal},
        )
        for first, second in (("n", "m"), ("d", "e"))
        for equal in (False, True)
    ],
    *[
        (kind, {"column_A": first, "column_B": second, "ignore_row_if": ignored} | more)
        for kind, more, pairs in (
            ("expect_column_pair_values_a_to_be_greater_than_b", {}, (("n", "m"), ("d", "e"))),
            ("expect_column_pair_values_to_be_equal", {}, (("a", "b"), ("n", "m"), ("n", "x"))),
            (
                "expect_column_pair_values_to_be_in_set",
                {"value_pairs_set": [["a", 1], ["张三", 2], [None, 0], ["b", None]]},
                (("a", "n"),),
            ),
        )
        for first, second in pairs
        for ignored in ("both_values_are_missing", "either_value_is_missing", "neither")
    ],
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b", "mostly": 0.5}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
    *[
        (kind, {"column_list": columns, "ignore_row_if": ignored} | more)
        for kind, columns, more in (
            ("expect_compound_columns_to_be_unique", ["a", "n"], {}),
            ("expect_compound_columns_to_be_unique", ["d", "x", "f"], {}),
            ("expect_multicolumn_sum_to_equal", ["n", "m"], {"sum_total": 3}),
            ("expect_multicolumn_values_to_be_equal", ["a", "b"], {}),
            ("expect_multicolumn_values_to_be_equal", ["d", "e"], {}),
            ("expect_select_column_values_to_be_unique_within_record", ["n", "m"], {}),
            ("expect_select_column_values_to_be_unique_within_record", ["a", "b"], {}),
        )
        for ignored in ("all_values_are_missing", "any_value_is_missing", "never")
    ],
    ("expect_compound_columns_to_be_unique", {"column_list": ["a", "n"]}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["n", "m"], "sum_total": 3}),
    ("expect_multicolumn_values_to_be_equal", {"column_list": ["a", "b"]}),
    ("expect_select_column_values_to_be_unique_within_record", {"column_list": ["a", "b"]}),
    ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 4}),
    ("expect_table_row_count_to_equal", {"value": 2}),
    ("expect_column_to_exist", {"column": "a"}),
    ("expect_column_to_exist", {"column": "zz"}),
    ("expect_column_min_to_be_between", {"column": "n", "min_value": -2, "max_value": 2}),
    ("expect_column_max_to_be_between", {"column": "x", "max_value": 2}),
    ("expect_column_max_to_be_between", {"column": "f", "max_value": 2, "strict_max": True}),
    ("expect_column_sum_to_be_between", {"column": "n", "min_value": 0, "max_value": 5}),
    ("expect_column_unique_value_count_to_be_between", {"column": "a", "max_value": 2}),
    (
        "expect_column_proportion_of_unique_values_to_be_between",
        {"column": "a", "min_value": 0.5},
    ),
    (
        "expect_column_proportion_of_non_null_values_to_be_between",
        {"column": "a", "min_value": 0.5},
    ),
    ("expect_column_distinct_values_to_be_in_set", {"column": "a", "value_set": ["a", "b", "ab"]}),
    ("expect_column_distinct_values_to_contain_set", {"column": "n", "value_set": [0, 1]}),
    ("expect_column_distinct_values_to_equal_set", {"column": "n", "value_set": [0]}),
    ("expect_column_values_to_be_in_codelist", {"column": "a", "codelist": "colour"}),
    ("expect_column_values_to_be_valid_division", {"column": "a"}),
    ("expect_column_values_to_be_valid_resident_id", {"column": "a", "verdict": "calendar_date"}),
    *[
        (
            "expect_column_values_to_be_in_set",
            {"column": "a", "value_set": ["a"], "row_condition": condition, "condition_parser": p},
        )
        for condition, p in (
            ('b == "a"', "pandas"),
            ('b != "a"', "pandas"),
            ("n == 1 and m != 2", "pandas"),
            ('not (b == "a")', "pandas"),
            ('(b == "a") | (m == 0)', "pandas"),
            ('b in ["a", "张三"]', "pandas"),
            ('b not in ["a", "张三"]', "pandas"),
            ("n.notnull()", "pandas"),
            ("f > 0", "pandas"),
            ('col("b") == "a"', "great_expectations"),
            ('col("b").notNull()', "great_expectations"),
        )
    ],
    (
        "expect_column_values_to_be_unique",
        {"column": "a", "row_condition": 'b == "a"', "condition_parser": "pandas"},
    ),
]


def a_rule(kind: str, kwargs: dict[str, Any]) -> Rule:
    fields = [kwargs.get(k) for k in ("column", "column_A", "column_B")]
    names = tuple(f for f in (*fields, *kwargs.get("column_list", ())) if f)
    return Rule(kind, "r", names, kind, kwargs, "error", None, None, "test")


Answer = tuple[str | None, bool, int, int, set[int]]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    yield Session()


def a_landing(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    table = pa.Table.from_pylist(rows, landing_schema(SUPPLY))
    table = table.add_column(0, "_row", pa.array(range(len(rows)), pa.int64()))
    connection.register("landed", table)
    connection.execute("CREATE TABLE landing AS FROM landed")
    return connection


def ours(connection: duckdb.DuckDBPyConnection, rule: Rule, rows: int) -> Answer | None:
    form = compile_rule(rule, CONTEXT)
    if form is None:
        return None
    outcome = scan(connection, rows, [(rule, form)], {})[0]
    keys = {key for (key,) in connection.execute("SELECT _row FROM broken").fetchall()}
    counts = (outcome.evaluated, outcome.failed) if outcome.rows else (0, 0)
    return outcome.exception, outcome.success, *counts, keys


def theirs(
    session: Session, connection: duckdb.DuckDBPyConnection, rule: Rule, rows: int
) -> Answer:
    connection.execute("CREATE OR REPLACE TEMP TABLE broken (_row BIGINT, rule INTEGER)")
    outcome = run_expectations(connection, CONTEXT, {0: rule}, rows, session)[0]
    keys = {key for (key,) in connection.execute("SELECT _row FROM broken").fetchall()}
    counts = (outcome.evaluated, outcome.failed) if outcome.rows else (0, 0)
    return outcome.exception, outcome.success, *counts, keys


ALL_NULL = [dict.fromkeys((*KINDS, "_faults"))] * 2


@pytest.mark.slow
def test_every_compiled_rule_answers_as_great_expectations_does(session: Session) -> None:
    compiled: set[str] = set()

    @settings(
        max_examples=2,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(rows)
    def hold(table: list[dict[str, Any]]) -> None:
        compare(table)

    def compare(table: list[dict[str, Any]]) -> None:
        connection = a_landing(table)
        for kind, kwargs in RULES:
            rule = a_rule(kind, kwargs)
            found = ours(connection, rule, len(table))
            if found is None:
                continue
            compiled.add(kind)
            expected = theirs(session, connection, rule, len(table))
            if expected[0] is not None and found[0] is None:
                continue  # pandas cannot compare None: the compiled rule can
            assert found == expected, (kind, kwargs, table)

    compare([])
    compare(ALL_NULL)
    hold()
    assert len(compiled) > 30


@pytest.mark.slow
def test_what_does_not_compile_runs_there_with_the_same_keys(session: Session) -> None:
    table = [ALL_NULL[0] | {"a": a, "n": n} for n, a in enumerate(["ab", "b", None, "ab", "c"])]
    connection = a_landing(table)
    cases = [
        ("expect_column_values_to_match_regex", {"column": "a", "regex": "a(?=b)"}, {1, 4}, 4),
        ("expect_column_values_to_be_decreasing", {"column": "n"}, {1, 2, 3, 4}, 5),
        ("expect_column_values_to_be_json_parseable", {"column": "a"}, {0, 1, 3, 4}, 4),
    ]
    for kind, kwargs, keys, evaluated in cases:
        rule = a_rule(kind, kwargs)
        assert compile_rule(rule, CONTEXT) is None
        error, success, of, failed, found = theirs(session, connection, rule, len(table))
        assert (error, success, of, failed, found) == (None, False, evaluated, len(keys), keys)


@pytest.mark.slow
def test_chunks_add_up_to_the_whole(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    table = [ALL_NULL[0] | {"a": a} for a in ["ab", "b", None, "ab", "c", "b", "ab"]]
    connection = a_landing(table)
    rule = a_rule("expect_column_values_to_match_regex", {"column": "a", "regex": "a(?=b)"})
    whole = theirs(session, connection, rule, len(table))
    monkeypatch.setattr("quality.expectations.run.CHUNK_ROWS", 2)
    assert theirs(session, connection, rule, len(table)) == whole


@pytest.mark.slow
def test_a_check_that_cannot_run_is_an_exception_not_a_bad_row(session: Session) -> None:
    connection = a_landing([ALL_NULL[0] | {"a": "x"}])
    rule = a_rule("expect_column_mean_to_be_between", {"column": "a", "min_value": 0})
    error, success, _, _, keys = theirs(session, connection, rule, 1)
    assert error is not None and not success and not keys
