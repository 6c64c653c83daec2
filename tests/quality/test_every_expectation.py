"""Every expectation that Great Expectations registers works in a contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from quality.compile import COMPILERS, OWN_PREFIX, compile_rule
from quality.errors import RuleError
from quality.expectations import run_expectations
from quality.expectations.run import ROW_BY_ROW, Session, seen_by
from quality.rule import Outcome
from quality.rules import rules_of
from quality.scan import scan
from schemas.contract import QualityEntry
from tests.quality.landed import CATALOG, CONTEXT, EMPTY_ROW, SUPPLY, landed, theirs

BINS = {"bins": [0, 1, 2, 3], "weights": [0.4, 0.3, 0.3]}
JSON_SCHEMA = {"type": "integer"}
ROWS = [
    EMPTY_ROW | {"a": text, "b": "x", "n": n, "f": float(n), "d": date(2020, 1, n + 1)}
    for n, text in enumerate(["1", "2020-01-02", "{}", "a"])
]
# (arguments, evaluated and failing rows; None: the rule is about the table)
FALLING_BACK: dict[str, tuple[dict[str, Any], tuple[int, int] | None, bool]] = {
    "expect_column_kl_divergence_to_be_less_than": (
        {"column": "f", "partition_object": BINS, "threshold": 0.9},
        None,
        True,
    ),
    "expect_column_median_to_be_between": ({"column": "n", "max_value": 1}, None, False),
    "expect_column_quantile_values_to_be_between": (
        {
            "column": "n",
            "quantile_ranges": {"quantiles": [0.0, 1.0], "value_ranges": [[0, 0], [3, 3]]},
        },
        None,
        True,
    ),
    "expect_column_stdev_to_be_between": ({"column": "n", "max_value": 1}, None, False),
    "expect_column_type_to_be": ({"column": "n", "type_": "int64"}, None, True),
    "expect_column_value_z_scores_to_be_less_than": (
        {"column": "n", "threshold": 1, "double_sided": True},
        (4, 2),
        False,
    ),
    "expect_column_values_to_be_dateutil_parseable": ({"column": "a"}, (4, 2), False),
    "expect_column_values_to_be_in_type_list": (
        {"column": "a", "type_list": ["str"]},
        (4, 0),
        True,
    ),
    "expect_column_values_to_be_json_parseable": ({"column": "a"}, (4, 2), False),
    "expect_column_values_to_be_of_type": ({"column": "a", "type_": "str"}, (4, 0), True),
    "expect_column_values_to_match_json_schema": (
        {"column": "a", "json_schema": JSON_SCHEMA, "row_condition": "n in [0, 2]"},
        (2, 1),
        False,
    ),
    "expect_column_values_to_match_strftime_format": (
        {"column": "a", "strftime_format": "%Y-%m-%d"},
        (4, 3),
        False,
    ),
    "expect_column_values_to_not_be_outliers": (
        {"column": "n", "method": "iqr", "multiplier": 0.1},
        (4, 2),
        False,
    ),
}


def registered() -> set[str]:
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    from quality.expectations.run import great_expectations

    great_expectations()
    return set(list_registered_expectation_implementations())


def in_a_contract(kind: str, kwargs: dict[str, Any]) -> Any:
    entry = {
        "type": "custom",
        "engine": "greatExpectations",
        "implementation": {"type": kind, "kwargs": kwargs},
    }
    quality = (QualityEntry(entry, None, "schema[0].quality[0]"),)
    return rules_of(replace(SUPPLY, quality=quality), CATALOG)[-1]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    yield Session()


@pytest.mark.slow
def test_every_registered_expectation_compiles_or_falls_back() -> None:
    """A new version of Great Expectations that adds a type fails here until it is handled."""
    compiled = {kind for kind in COMPILERS if not kind.startswith(OWN_PREFIX)}
    assert compiled | FALLING_BACK.keys() == registered()
    assert not compiled & FALLING_BACK.keys()


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(FALLING_BACK))
def test_what_does_not_compile_runs_on_great_expectations(kind: str, session: Session) -> None:
    kwargs, counts, success = FALLING_BACK[kind]
    rule = in_a_contract(kind, kwargs)
    assert compile_rule(rule, CONTEXT) is None
    connection = landed(ROWS)
    connection.execute("CREATE TEMP TABLE broken (_row BIGINT, rule INTEGER)")
    found = run_expectations(connection, CONTEXT, {0: rule}, len(ROWS), session)[0]
    assert (found.exception, found.success, found.rows) == (None, success, counts is not None)
    told = counts if counts is not None else (1, int(not success))
    assert (found.evaluated, found.failed) == told
    keys = connection.execute("SELECT count(DISTINCT _row) FROM broken").fetchone()
    assert keys == (counts[1] if counts else 0,)


@pytest.mark.slow
def test_a_rule_sees_its_own_columns_alone() -> None:
    rule = in_a_contract("expect_column_values_to_be_json_parseable", {"column": "a"})
    assert seen_by(rule, SUPPLY) == ["a"]
    conditional = replace(rule, kwargs=rule.kwargs | {"row_condition": "born.isnull()"})
    # `b` and `n` are spelt inside of `born`: a column too many is no harm, one too few is.
    assert {"a", "born"} <= set(seen_by(conditional, SUPPLY)) < set(SUPPLY.by_name)


def test_what_judges_one_row_is_cut_into_chunks() -> None:
    assert {
        "expect_column_values_to_be_json_parseable",
        "expect_column_values_to_match_strftime_format",
        "expect_column_values_to_match_json_schema",
        "expect_column_values_to_be_dateutil_parseable",
    } <= ROW_BY_ROW
    assert not {kind for kind in ROW_BY_ROW if "unique_value" in kind or "z_score" in kind}


@pytest.mark.slow
def test_chunks_add_up_to_the_whole(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["ab", "b", None, "ab", "c", "b", "ab"]
    connection = landed([EMPTY_ROW | {"a": word} for word in words])
    rule = in_a_contract(
        "expect_column_values_to_match_regex", {"column": "a", "regex": "a(?=b)", "mostly": 0.5}
    )
    assert compile_rule(rule, CONTEXT) is None
    whole = theirs(session, connection, rule, len(words))
    monkeypatch.setattr("quality.expectations.run.CHUNK_ROWS", 2)
    assert theirs(session, connection, rule, len(words)) == whole
    assert (whole.success, whole.counts, whole.keys) == (True, (6, 3), frozenset({1, 4, 5}))


@pytest.mark.slow
def test_a_check_that_cannot_run_is_an_exception_not_a_bad_row(session: Session) -> None:
    connection = landed([EMPTY_ROW | {"a": "x"}])
    rule = in_a_contract("expect_column_mean_to_be_between", {"column": "a", "min_value": 0})
    found = theirs(session, connection, rule, 1)
    assert found.exception is not None and not found.success and not found.keys


def scanned(kind: str, kwargs: dict[str, Any]) -> tuple[Outcome, list[int]]:
    rule = in_a_contract(kind, kwargs)
    form = compile_rule(rule, CONTEXT)
    assert form is not None
    connection = landed(ROWS)
    outcome = scan(connection, len(ROWS), [(rule, form)], {})[0]
    return outcome, sorted(k for (k,) in connection.execute("SELECT _row FROM broken").fetchall())


def test_a_query_for_unexpected_rows_names_them_when_it_can() -> None:
    kind = "unexpected_rows_expectation"
    found, keys = scanned(kind, {"unexpected_rows_query": "SELECT * FROM {batch} WHERE n > 1"})
    assert (found.success, found.rows, found.evaluated, found.failed, keys) == (
        False,
        True,
        4,
        2,
        [2, 3],
    )
    grouped = "SELECT b, count(*) AS k FROM {batch} GROUP BY b HAVING count(*) > 3"
    found, keys = scanned(kind, {"unexpected_rows_query": grouped})
    assert (found.success, found.rows, found.failed, found.observed, keys) == (
        False,
        False,
        1,
        1,
        [],
    )


REFUSED = [
    ("unexpected_rows_expectation", {"unexpected_rows_query": "SELECT * FROM t_other"}, "own"),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "SELECT z FROM {batch}"}, "cannot"),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "SELECT {n} FROM {batch}"}, "batch"),
    ("expect_table_row_count_to_equal_other_table", {"other_table_name": "x"}, "no supply 'x'"),
    (
        "expect_query_results_to_match_comparison",
        {
            "base_query": "SELECT 1 FROM {batch}",
            "comparison_data_source_name": "snowflake",
            "comparison_query": "SELECT 1",
        },
        "no supply 'snowflake'",
    ),
    ("expect_column_values_to_match_like_pattern", {"column": "n", "like_pattern": "1"}, "text"),
    (
        "expect_column_values_to_be_in_set",
        {"column": "a", "value_set": {"$PARAMETER": "words"}},
        r"\$PARAMETER",
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "a", "value_set": ["a"], "row_condition": "b == 1", "condition_parser": "sql"},
        "condition_parser",
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "a", "value_set": ["a"], "row_condition": "zz == 1"},
        "no field 'zz'",
    ),
    (
        "expect_column_values_to_exist_in_supply",
        {"column": "a", "supply": "test/other", "field": "n"},
        "cannot be compared",
    ),
    ("expect_resident_number_to_agree", {"column": "number"}, "must be named"),
    (
        "expect_column_pair_values_to_be_division_in_force",
        {"column_A": "code", "column_B": "a"},
        "must be a date",
    ),
]


@pytest.mark.parametrize(("kind", "kwargs", "reason"), REFUSED)
def test_what_cannot_mean_anything_is_refused_with_its_place(
    kind: str, kwargs: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RuleError, match=reason) as refusal:
        in_a_contract(kind, kwargs)
    assert refusal.value.path == "schema[0].quality[0]"


@pytest.mark.parametrize(
    ("said", "entry", "severity"),
    [
        ("critical", {}, "error"),
        ("warning", {}, "warning"),
        ("info", {"severity": "info"}, "info"),
        (None, {"severity": "warning"}, "warning"),
        (None, {}, "error"),
        ("warning", {"severity": "error"}, None),
        ("fatal", {}, None),
    ],
)
def test_great_expectations_severity_is_heeded(
    said: str | None, entry: dict[str, Any], severity: str | None
) -> None:
    body = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}}
    body |= {"severity": said} if said else {}
    written = {"type": "custom", "engine": "greatExpectations", "implementation": body} | entry
    quality = (QualityEntry(written, None, "schema[0].quality[0]"),)
    supply = replace(SUPPLY, quality=quality, path=Path("t.odcs.yaml"))
    if severity is None:
        with pytest.raises(RuleError, match="severity"):
            rules_of(supply, CATALOG)
    else:
        assert rules_of(supply, CATALOG)[-1].severity == severity
