"""For every compiled expectation, arguments and tables as hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from quality.identifiers import IDENTIFIERS
from tests.quality.landed import KINDS

WORDS = ["a", "b", "A", "ab", "aab", "张三", "李四·王", "１２", "12", "", " ", "a\n"]
WORDS += ["a%b", "a_b", "𠮷", "e\u0301", "é", "𠮷𠮷", "ß", "İ"]
NUMBERS = [
    "11010519491231002X",
    "11010519491231002x",
    "110105194912310021",
    "１１０１０５１９４９１２３１００２Ｘ",
    "440524188001010014",
    "110105194902300021",
    "990101491231001",
    "990101491231996",
    "990101491332002",
    "91350100M000100Y43",
    "91350100M000100Y44",
    "913501008288360750",
    "D2143569X",
    "D2143569-X",
    "D21435691",
    "990101D2143569X",
    "110108000000016",
    "110108000000017",
    "990101",
    "990102",
    "110000",
    "9901",
    "",
    "x",
]
DAYS = [date(2020, 1, 30), date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 29)]
MOMENTS = [datetime(2020, 1, 31, 23, 30, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)]
BORN = [date(1949, 12, 31), date(1880, 1, 1), date(1849, 12, 31), date(1949, 12, 13)]
AMOUNTS = [Decimal(text) for text in ("-1.00", "0.50", "0.25", "2.00", "3.75")]
SHARES = [Decimal(text) for text in ("0.5000", "0.1250", "2.0000")]
FLOATS = [-1.5, 0.0, 0.25, 3.0]
CELLS: dict[str, SearchStrategy[Any]] = {
    "a": st.sampled_from(WORDS),
    "b": st.sampled_from(WORDS[:6]),
    "n": st.integers(-3, 4),
    "m": st.integers(-3, 4),
    "x": st.sampled_from(AMOUNTS),
    "y": st.sampled_from(SHARES),
    "f": st.sampled_from(FLOATS),
    "d": st.sampled_from(DAYS),
    "e": st.sampled_from(DAYS),
    "t": st.sampled_from(MOMENTS),
    "number": st.sampled_from(NUMBERS),
    "code": st.sampled_from(["990101", "990102", "990108", "990999", "9901"]),
    "sex": st.sampled_from(["0", "1", "2", "9", "男"]),
    "born": st.sampled_from(BORN),
}
FILLED = st.fixed_dictionaries({**CELLS, "_faults": st.none()})
GAPPED = st.fixed_dictionaries(
    {**{name: st.none() | cell for name, cell in CELLS.items()}, "_faults": st.none()}
)
TABLES = st.lists(GAPPED, min_size=12, max_size=24) | st.lists(FILLED, min_size=8, max_size=16)

_EXACT = ["n", "m", "x", "y"]
_MOSTLY = {"mostly": st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0])}


def _compared(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {
        "type": "comparison",
        "column": {"name": name},
        "operator": operator,
        "parameter": value,
    }


_NULL_B = {"type": "nullity", "column": {"name": "b"}, "is_null": False}
_CONDITIONS = st.sampled_from(
    [
        ('b == "a"', "pandas"),
        ('b != "a"', "pandas"),
        ("n == 1 and m != 2", "pandas"),
        ("n == 1 & m != 2", "pandas"),
        ('not (b == "a")', "pandas"),
        ('(b == "a") | (m == 0)', None),
        ('b in ["a", "张三"]', "pandas"),
        ('b not in ["a", "张三"]', "pandas"),
        ("n.notnull()", "pandas"),
        ("x.isnull() or f > 0", "pandas"),
        ('col("b") == "a"', "great_expectations"),
        ('col("b").notNull()', "great_expectations"),
        ('col("n") != 1', "great_expectations__experimental__"),
        (_compared("b", "!=", "a"), None),
        (_compared("n", "NOT_IN", [0, 1]), None),
        (_NULL_B, None),
        ({"type": "and", "conditions": [_NULL_B, _compared("n", "==", 2)]}, None),
        ({"type": "or", "conditions": [_NULL_B, _compared("m", "IN", [2, 3])]}, None),
        ({"type": "pass_through", "pass_through_filter": 'b == "a"'}, None),
    ]
)


def _rule(must: dict[str, Any], may: dict[str, Any] | None = None, rows: bool = True) -> Any:
    """Arguments with, now and then, `mostly` and a row condition."""
    optional = {**(may or {}), "row": _CONDITIONS, **(_MOSTLY if rows else {})}
    return st.fixed_dictionaries(must, optional=optional).map(_spread)


def _spread(kwargs: dict[str, Any]) -> dict[str, Any]:
    condition, parser = kwargs.pop("row", (None, None))
    if condition is not None:
        kwargs["row_condition"] = condition
    if parser is not None:
        kwargs["condition_parser"] = parser
    return kwargs


def _written(name: str) -> SearchStrategy[Any]:
    """A value as a contract writes it: decimals as plain numbers."""
    if KINDS[name].scale is not None:
        return CELLS[name].map(float) | st.integers(-1, 3)
    return CELLS[name]


def _of(names: list[str], build: Any) -> Any:
    return st.sampled_from(names).flatmap(build)


def _named(*names: str) -> dict[str, Any]:
    return {"column": st.sampled_from(names)}


def _set(
    names: list[str], rows: bool = True, may: dict[str, Any] | None = None, least: int = 0
) -> Any:
    def build(name: str) -> Any:
        values = st.lists(_written(name), min_size=least, max_size=4, unique=True)
        return _rule({"column": st.just(name), "value_set": values}, may, rows)

    return _of(names, build)


def _between(values: SearchStrategy[Any], must: dict[str, Any], rows: bool = True) -> Any:
    """One bound or both, in order, strict or not."""
    strict = {"strict_min": st.booleans(), "strict_max": st.booleans()}
    low = _rule({**must, "min_value": values}, strict, rows)
    high = _rule({**must, "max_value": values}, strict, rows)
    both = _rule({**must, "pair": st.tuples(values, values).map(sorted)}, strict, rows).map(_pair)
    return low | high | both


def _pair(kwargs: dict[str, Any]) -> dict[str, Any]:
    kwargs["min_value"], kwargs["max_value"] = kwargs.pop("pair")
    return kwargs


def _ranged(names: list[str], rows: bool = True) -> Any:
    return _of(names, lambda name: _between(_written(name), {"column": st.just(name)}, rows))


PATTERNS = ["^a", "b$", "^a$", "a|张", r"^\d+$", r"\D", r"^[a-z]{1,2}$", r"\s", "[^a]", ".", ""]
PATTERNS += ["(a)+b?", r"^a\Z", r"^[\u4e00-\u9fff·]+$", r"\S", "𠮷", "e.", "^..$", r"[^\s]"]
_PATTERN = st.sampled_from(PATTERNS)
_LIKE = st.sampled_from(["a%", "%b", "_", "a\\%b", "a\\_b", "__", "%", "12", "%张%"])
_ANY = {"match_on": st.sampled_from(["any", "all"])}
_FREE_PAIR = {
    "ignore_row_if": st.sampled_from(
        ["both_values_are_missing", "either_value_is_missing", "neither"]
    )
}
_FREE_LIST = {
    "ignore_row_if": st.sampled_from(["all_values_are_missing", "any_value_is_missing", "never"])
}
_TEXT = _named("a", "b")


def _pairs(*pairs: tuple[str, str], may: dict[str, Any] | None = None, **must: Any) -> Any:
    return st.sampled_from(pairs).flatmap(
        lambda p: _rule(
            {"column_A": st.just(p[0]), "column_B": st.just(p[1]), **must}, _FREE_PAIR | (may or {})
        )
    )


def _lists(*lists: list[str], **must: Any) -> Any:
    return _rule({"column_list": st.sampled_from(lists), **must}, _FREE_LIST)


_SHARE = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
_FEW = st.integers(0, 12)

STRATEGIES: dict[str, SearchStrategy[dict[str, Any]]] = {
    "expect_column_values_to_not_be_null": _rule(_named(*KINDS)),
    "expect_column_values_to_be_null": _rule(_named(*KINDS)),
    "expect_column_values_to_be_unique": _rule(_named(*KINDS)),
    "expect_column_values_to_be_in_set": _set(["a", "n", "x", "y", "f", "d", "t"]),
    "expect_column_values_to_not_be_in_set": _set(["a", "n", "x", "y", "f", "d"]),
    "expect_column_values_to_be_between": _ranged(["n", "x", "y", "f", "d", "t"]),
    "expect_column_value_lengths_to_be_between": _between(st.integers(0, 3), _TEXT),
    "expect_column_value_lengths_to_equal": _rule({**_TEXT, "value": st.integers(0, 3)}),
    "expect_column_values_to_match_regex": _rule({**_TEXT, "regex": _PATTERN}),
    "expect_column_values_to_not_match_regex": _rule({**_TEXT, "regex": _PATTERN}),
    "expect_column_values_to_match_regex_list": _rule(
        {**_TEXT, "regex_list": st.lists(_PATTERN, min_size=1, max_size=3)}, _ANY
    ),
    "expect_column_values_to_not_match_regex_list": _rule(
        {**_TEXT, "regex_list": st.lists(_PATTERN, min_size=1, max_size=3)}
    ),
    "expect_column_values_to_match_like_pattern": _rule({**_TEXT, "like_pattern": _LIKE}),
    "expect_column_values_to_not_match_like_pattern": _rule({**_TEXT, "like_pattern": _LIKE}),
    "expect_column_values_to_match_like_pattern_list": _rule(
        {**_TEXT, "like_pattern_list": st.lists(_LIKE, min_size=1, max_size=3)}, _ANY
    ),
    "expect_column_values_to_not_match_like_pattern_list": _rule(
        {**_TEXT, "like_pattern_list": st.lists(_LIKE, min_size=1, max_size=3)}
    ),
    "expect_column_values_to_be_increasing": _rule(
        _named("n", "m", "f"), {"strictly": st.booleans()}
    ),
    "expect_column_values_to_be_decreasing": _rule(
        _named("n", "m", "f"), {"strictly": st.booleans()}
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": _pairs(
        ("n", "m"), ("d", "e"), ("x", "y"), may={"or_equal": st.booleans()}
    ),
    "expect_column_pair_values_to_be_equal": _pairs(("a", "b"), ("n", "m"), ("n", "x"), ("d", "e")),
    "expect_column_pair_values_to_be_in_set": _pairs(
        ("a", "n"),
        value_pairs_set=st.lists(
            st.tuples(st.none() | CELLS["a"], st.none() | CELLS["n"]).map(list), max_size=6
        ),
    ),
    "expect_compound_columns_to_be_unique": _lists(["a", "n"], ["b", "n"], ["d", "x", "f"]),
    "expect_multicolumn_sum_to_equal": _lists(["n", "m"], sum_total=st.integers(-2, 3)),
    "expect_multicolumn_values_to_be_equal": _lists(["a", "b"], ["n", "m"], ["d", "e"]),
    "expect_select_column_values_to_be_unique_within_record": _lists(["n", "m"], ["a", "b"]),
    "expect_table_row_count_to_be_between": _between(st.integers(0, 24), {}, False),
    "expect_table_row_count_to_equal": _rule({"value": st.integers(0, 24)}, rows=False),
    "expect_table_row_count_to_equal_other_table": st.fixed_dictionaries(
        {"other_table_name": st.sampled_from(["test/other", "test/table"])}
    ),
    "expect_table_column_count_to_be_between": st.fixed_dictionaries(
        {"min_value": st.integers(12, 15), "max_value": st.integers(13, 16)}
    ),
    "expect_table_column_count_to_equal": st.fixed_dictionaries({"value": st.integers(13, 15)}),
    "expect_table_columns_to_match_set": st.fixed_dictionaries(
        {"column_set": st.sampled_from([list(KINDS), [*reversed(KINDS)], ["a", "n"], ["zz", "a"]])},
        optional={"exact_match": st.booleans()},
    ),
    "expect_table_columns_to_match_ordered_list": st.fixed_dictionaries(
        {"column_list": st.sampled_from([list(KINDS), [*reversed(KINDS)], ["a", "n"]])}
    ),
    "expect_column_to_exist": st.fixed_dictionaries(
        {"column": st.sampled_from(["a", "b", "zz"])},
        optional={"column_index": st.integers(-15, 15)},
    ),
    "expect_column_min_to_be_between": _ranged(["n", "x", "f", "d"], False),
    "expect_column_max_to_be_between": _ranged(["n", "x", "f", "d"], False),
    "expect_column_sum_to_be_between": _of(
        ["n", "x"], lambda n: _between(st.integers(-5, 20), {"column": st.just(n)}, False)
    ),
    "expect_column_mean_to_be_between": _between(
        st.sampled_from([-0.5, 0, 0.5, 1]), _named("n", "m"), False
    ),
    "expect_column_most_common_value_to_be_in_set": _set(
        ["b", "n", "d", "code"], False, {"ties_okay": st.booleans()}
    ),
    "expect_column_unique_value_count_to_be_between": _between(_FEW, _named(*KINDS), False),
    "expect_column_proportion_of_unique_values_to_be_between": _between(
        _SHARE, _named(*KINDS), False
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": _between(
        _SHARE, _named(*KINDS), False
    ),
    "expect_column_distinct_values_to_be_in_set": _set(["b", "n", "d"], False, least=1),
    "expect_column_distinct_values_to_contain_set": _set(["b", "n", "d"], False),
    "expect_column_distinct_values_to_equal_set": _set(["code", "n"], False),
    "unexpected_rows_expectation": st.fixed_dictionaries(
        {
            "unexpected_rows_query": st.sampled_from(
                [
                    "SELECT * FROM {batch} WHERE n > 1",
                    "SELECT _row, a FROM {batch} WHERE a IS NULL;",
                    "SELECT b, count(*) AS k FROM {batch} GROUP BY b HAVING count(*) > 2",
                    "SELECT one.* FROM {batch} AS one JOIN {batch} AS two ON one.n = two.m",
                    "SELECT * FROM {batch} WHERE FALSE",
                ]
            )
        }
    ),
    "expect_query_results_to_match_comparison": st.fixed_dictionaries(
        {
            "base_query": st.sampled_from(
                ["SELECT a, n FROM {batch}", "SELECT DISTINCT n FROM {batch} WHERE n > 0"]
            ),
            "comparison_data_source_name": st.just("test/other"),
            "comparison_query": st.sampled_from(
                ["SELECT a, n FROM {batch}", "SELECT n FROM {batch} WHERE n > 0"]
            ),
        },
        optional=_MOSTLY,
    ),
    "expect_column_values_to_be_in_codelist": _rule({**_TEXT, "codelist": st.just("colour")}),
    "expect_column_values_to_exist_in_supply": _of(
        ["a", "n"],
        lambda n: _rule(
            {"column": st.just(n), "supply": st.just("test/other"), "field": st.just(n)}
        ),
    ),
    "expect_column_values_to_be_division_in_force": _rule(
        _named("code"), {"as_of": st.sampled_from(["2020-01-31", "2020-02-01"])}
    ),
    "expect_column_pair_values_to_be_division_in_force": _pairs(("code", "d")),
    "expect_resident_number_to_agree": _rule(
        {"column": st.just("number"), "sex": st.just("sex"), "birth_date": st.just("born")},
        _FREE_LIST,
    ),
} | {
    f"expect_column_values_to_be_valid_{kind}": _rule(
        _named("number", "code"), {"verdict": st.sampled_from([v.name for v in verdicts])}
    )
    for kind, verdicts in IDENTIFIERS.items()
}
