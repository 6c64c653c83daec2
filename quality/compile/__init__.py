"""From an expectation to a DuckDB predicate: one dict says what compiles, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from quality.compile import column, columns, order, other, ours, query, several, table
from quality.compile.forms import BadArgument, Context, Form, Uncompilable
from quality.errors import RuleError
from quality.identifiers import IDENTIFIERS
from quality.rule import Rule
from schemas.contract import Catalog, Supply

Build = Callable[[dict[str, Any], Context], Form]
OWN_PREFIX = "hub_"
ROWS = ("mostly", "row_condition", "condition_parser")
TABLE = ("row_condition", "condition_parser")
RANGE = ("min_value", "max_value", "strict_min", "strict_max")

SQL_ALONE = frozenset(
    {
        "expect_column_values_to_match_like_pattern",
        "expect_column_values_to_not_match_like_pattern",
        "expect_column_values_to_match_like_pattern_list",
        "expect_column_values_to_not_match_like_pattern_list",
        "expect_query_results_to_match_comparison",
        "expect_table_row_count_to_equal_other_table",
        "unexpected_rows_expectation",
    }
)
"""Types that Great Expectations cannot run over pandas: they compile or are refused."""


@dataclass(frozen=True)
class Compiler:
    """The arguments that a type takes, and what builds its test."""

    build: Build
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def _column(build: Build, *required: str, optional: tuple[str, ...] = ()) -> Compiler:
    return Compiler(build, ("column", *required), (*optional, *ROWS))


def _pair(build: Build, *required: str, optional: tuple[str, ...] = ()) -> Compiler:
    return Compiler(build, ("column_A", "column_B", *required), ("ignore_row_if", *optional, *ROWS))


def _columns(build: Build, *required: str) -> Compiler:
    return Compiler(build, ("column_list", *required), ("ignore_row_if", *ROWS))


def _figure(build: Build, *required: str, optional: tuple[str, ...] = ()) -> Compiler:
    return Compiler(build, required, (*optional, *TABLE))


COMPILERS: dict[str, Compiler] = {
    "expect_column_values_to_not_be_null": _column(column.not_null),
    "expect_column_values_to_be_null": _column(column.null),
    "expect_column_values_to_be_unique": _column(column.unique),
    "expect_column_values_to_be_in_set": _column(column.in_set, "value_set"),
    "expect_column_values_to_not_be_in_set": _column(column.not_in_set, "value_set"),
    "expect_column_values_to_be_between": _column(column.between, optional=RANGE),
    "expect_column_value_lengths_to_be_between": _column(column.lengths_between, optional=RANGE),
    "expect_column_value_lengths_to_equal": _column(column.length_equal, "value"),
    "expect_column_values_to_match_regex": _column(column.regex, "regex"),
    "expect_column_values_to_not_match_regex": _column(column.not_regex, "regex"),
    "expect_column_values_to_match_regex_list": _column(
        column.regex_list, "regex_list", optional=("match_on",)
    ),
    "expect_column_values_to_not_match_regex_list": _column(column.not_regex_list, "regex_list"),
    "expect_column_values_to_match_like_pattern": _column(column.like, "like_pattern"),
    "expect_column_values_to_not_match_like_pattern": _column(column.not_like, "like_pattern"),
    "expect_column_values_to_match_like_pattern_list": _column(
        column.like_list, "like_pattern_list", optional=("match_on",)
    ),
    "expect_column_values_to_not_match_like_pattern_list": _column(
        column.not_like_list, "like_pattern_list"
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair(
        several.pair_greater, optional=("or_equal",)
    ),
    "expect_column_pair_values_to_be_equal": _pair(several.pair_equal),
    "expect_column_pair_values_to_be_in_set": _pair(several.pair_in_set, "value_pairs_set"),
    "expect_compound_columns_to_be_unique": _columns(several.compound_unique),
    "expect_multicolumn_sum_to_equal": _columns(several.sum_equal, "sum_total"),
    "expect_multicolumn_values_to_be_equal": _columns(several.values_equal),
    "expect_select_column_values_to_be_unique_within_record": _columns(
        several.unique_within_record
    ),
    "expect_table_row_count_to_be_between": _figure(table.row_count_between, optional=RANGE),
    "expect_table_row_count_to_equal": _figure(table.row_count_equal, "value"),
    "expect_table_row_count_to_equal_other_table": _figure(
        other.row_count_equal_other, "other_table_name"
    ),
    "expect_table_column_count_to_be_between": Compiler(
        columns.count_between, (), ("min_value", "max_value")
    ),
    "expect_table_column_count_to_equal": Compiler(columns.count_equal, ("value",)),
    "expect_table_columns_to_match_set": Compiler(
        columns.match_set, ("column_set",), ("exact_match",)
    ),
    "expect_table_columns_to_match_ordered_list": Compiler(
        columns.match_ordered_list, ("column_list",)
    ),
    "expect_column_to_exist": Compiler(columns.exists, ("column",), ("column_index",)),
    "expect_column_values_to_be_increasing": _column(order.increasing, optional=("strictly",)),
    "expect_column_values_to_be_decreasing": _column(order.decreasing, optional=("strictly",)),
    "expect_column_mean_to_be_between": _figure(table.mean, "column", optional=RANGE),
    "expect_column_most_common_value_to_be_in_set": _figure(
        table.most_common, "column", "value_set", optional=("ties_okay",)
    ),
    "unexpected_rows_expectation": Compiler(query.unexpected_rows, ("unexpected_rows_query",)),
    "expect_query_results_to_match_comparison": Compiler(
        other.query_results_match,
        ("base_query", "comparison_data_source_name", "comparison_query"),
        ("mostly",),
    ),
    "expect_column_min_to_be_between": _figure(table.minimum, "column", optional=RANGE),
    "expect_column_max_to_be_between": _figure(table.maximum, "column", optional=RANGE),
    "expect_column_sum_to_be_between": _figure(table.total, "column", optional=RANGE),
    "expect_column_unique_value_count_to_be_between": _figure(
        table.unique_count, "column", optional=RANGE
    ),
    "expect_column_proportion_of_unique_values_to_be_between": _figure(
        table.unique_share, "column", optional=RANGE
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": _figure(
        table.filled_share, "column", optional=RANGE
    ),
    "expect_column_distinct_values_to_be_in_set": _figure(
        table.distinct_in_set, "column", "value_set"
    ),
    "expect_column_distinct_values_to_contain_set": _figure(
        table.distinct_contain_set, "column", "value_set"
    ),
    "expect_column_distinct_values_to_equal_set": _figure(
        table.distinct_equal_set, "column", "value_set"
    ),
    "expect_column_values_to_be_in_codelist": _column(ours.in_codelist, "codelist"),
    "expect_column_values_to_be_division_in_force": _column(
        ours.division_in_force, optional=("as_of", "codelist")
    ),
    "expect_column_pair_values_to_be_division_in_force": _pair(
        ours.division_in_force_on, optional=("codelist",)
    ),
    "expect_column_values_to_exist_in_supply": _column(other.exists_in_supply, "supply", "field"),
    "expect_resident_number_to_agree": Compiler(
        ours.number_agrees, ("column",), ("birth_date", "sex", "ignore_row_if", *ROWS)
    ),
    "hub_not_missing": Compiler(ours.not_missing, ("column", "missing")),
    "hub_valid": Compiler(ours.valid, ("column",), ("validValues", "pattern")),
    "hub_row_count": Compiler(table.row_count_metric, ("operator", "value")),
    "hub_query": Compiler(query.query, ("query", "operator", "value")),
    "hub_cell_is_of_its_type": Compiler(ours.of_its_type, ("column",)),
} | {
    f"expect_column_values_to_be_valid_{kind}": _column(
        ours.identifier(kind), optional=("verdict",)
    )
    for kind in IDENTIFIERS
}


def compile_rule(rule: Rule, context: Context) -> Form | None:
    """The test of a rule; None: Great Expectations must run it. Raises `RuleError`."""
    compiler = COMPILERS.get(rule.type)
    if compiler is None:
        return None
    try:
        _check_arguments(rule, compiler)
        return compiler.build(rule.kwargs, context)
    except Uncompilable as error:
        if rule.type.startswith(OWN_PREFIX) or rule.type in SQL_ALONE:
            reason = f"{rule.type} cannot be run here: {error}"
            raise RuleError(context.supply.name, rule.path, reason) from None
        return None
    except BadArgument as error:
        raise RuleError(context.supply.name, rule.path, f"{rule.type}: {error}") from None


def _check_arguments(rule: Rule, compiler: Compiler) -> None:
    lacking = [name for name in compiler.required if name not in rule.kwargs]
    unknown = sorted(set(rule.kwargs) - set(compiler.required) - set(compiler.optional))
    if lacking:
        raise BadArgument(f"the argument {', '.join(lacking)} is missing")
    if unknown:
        raise BadArgument(f"unknown argument {', '.join(unknown)}")
    mostly = rule.kwargs.get("mostly", 1.0)
    share = isinstance(mostly, int | float) and not isinstance(mostly, bool) and 0 <= mostly <= 1
    if not share:
        raise BadArgument("mostly must be a share between 0 and 1")


def misconfigured(rule: Rule, supply: Supply, catalog: Catalog) -> str | None:
    """Why a rule cannot run, found before there is a row; None when it can."""
    context = Context(supply, catalog, date(2000, 1, 1))
    if "$PARAMETER" in str(rule.kwargs):
        return f"{rule.type}: a $PARAMETER has no value here: write the value itself"
    if rule.type != "hub_cell_is_of_its_type" and rule.type != "expect_column_to_exist":
        unknown = [name for name in rule.fields if name not in supply.by_name]
        if unknown:
            return f"{rule.type}: the contract has no field {', '.join(unknown)}"
    try:
        form = compile_rule(rule, context)
    except RuleError as error:
        return error.reason
    if form is None:
        from quality.expectations import problem_of

        return problem_of(rule)
    return None
