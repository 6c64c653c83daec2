"""Expectations about several columns of one row; `ignore_row_if` says which rows are free."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from quality import sql
from quality.compile.condition import condition_sql
from quality.compile.forms import (
    BadArgument,
    Context,
    RowTest,
    Uncompilable,
    UniqueTest,
    is_float,
    is_number,
    is_text,
    missing,
    present,
)
from quality.compile.values import literal, same_kind
from schemas.contract import Field

Kwargs = dict[str, Any]
PAIR_FREE = {"both_values_are_missing": " OR ", "either_value_is_missing": " AND ", "neither": None}
LIST_FREE = {"all_values_are_missing": " OR ", "any_value_is_missing": " AND ", "never": None}


def _domain(
    fields: list[Field], kwargs: Kwargs, context: Context, free: dict[str, str | None], default: str
) -> str | None:
    ignored = kwargs.get("ignore_row_if", default)
    if ignored not in free:
        raise BadArgument(f"ignore_row_if must be one of {', '.join(free)}")
    word = free[ignored]
    parts = ["(" + word.join(present(field) for field in fields) + ")"] if word else []
    condition = condition_sql(kwargs, context)
    return " AND ".join(parts + ([condition] if condition else [])) or None


def _test(good: str, domain: str | None) -> RowTest:
    """A comparison with nothing is not met, as pandas has it."""
    bad = f"NOT coalesce({good}, FALSE)"
    return RowTest(f"({domain} AND {bad})" if domain else f"({bad})", domain)


def tested(
    good: str,
    fields: list[Field],
    kwargs: Kwargs,
    context: Context,
    free: dict[str, str | None],
) -> RowTest:
    """The test of our own expectations about several columns; `free` names its kind of domain."""
    return _test(good, _domain(fields, kwargs, context, free, next(iter(free))))


def _pair(kwargs: Kwargs, context: Context) -> tuple[Field, Field]:
    first, second = context.field(kwargs["column_A"]), context.field(kwargs["column_B"])
    if not comparable(first, second):
        raise Uncompilable("columns of different kinds")
    return first, second


def comparable(first: Field, second: Field) -> bool:
    """Whether Python and SQL compare the two columns alike."""
    if is_float(first) != is_float(second):
        return False
    if (is_number(first) and is_number(second)) or (is_text(first) and is_text(second)):
        return True
    return first.type.logical is second.type.logical


def pair_greater(kwargs: Kwargs, context: Context) -> RowTest:
    first, second = _pair(kwargs, context)
    domain = _domain([first, second], kwargs, context, PAIR_FREE, "both_values_are_missing")
    sign = ">=" if kwargs.get("or_equal") else ">"
    good = f"{sql.name(first.name)} {sign} {sql.name(second.name)}"
    if is_float(first):
        good = f"{good} AND {present(first)} AND {present(second)}"
    return _test(good, domain)


def pair_equal(kwargs: Kwargs, context: Context) -> RowTest:
    first, second = _pair(kwargs, context)
    domain = _domain([first, second], kwargs, context, PAIR_FREE, "both_values_are_missing")
    good = f"{sql.name(first.name)} = {sql.name(second.name)}"
    if is_float(first):
        good = f"{good} AND {present(first)}"
    return _test(good, domain)


def pair_in_set(kwargs: Kwargs, context: Context) -> RowTest:
    first, second = context.field(kwargs["column_A"]), context.field(kwargs["column_B"])
    domain = _domain([first, second], kwargs, context, PAIR_FREE, "both_values_are_missing")
    pairs = kwargs["value_pairs_set"]
    if not isinstance(pairs, list | tuple):
        raise BadArgument("value_pairs_set must be a list of pairs")
    cases = []
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise BadArgument("value_pairs_set must be a list of pairs")
        tests = [_equals(field, value) for field, value in zip((first, second), pair, strict=True)]
        cases.append(" AND ".join(tests))
    return _test(" OR ".join(f"({case})" for case in cases) or "FALSE", domain)


def _equals(field: Field, value: Any) -> str:
    if value is None:
        return missing(field)
    if not same_kind(value, field):
        raise Uncompilable("a value of another kind")
    return f"{sql.name(field.name)} = {literal(value, field)}"


def _listed(kwargs: Kwargs, context: Context) -> list[Field]:
    names = kwargs["column_list"]
    if not isinstance(names, list | tuple) or not names:
        raise BadArgument("column_list must be a list of fields")
    return [context.field(name) for name in names]


def compound_unique(kwargs: Kwargs, context: Context) -> UniqueTest:
    fields = _listed(kwargs, context)
    domain = _domain(fields, kwargs, context, LIST_FREE, "all_values_are_missing")
    return UniqueTest(tuple(field.name for field in fields), domain)


def sum_equal(kwargs: Kwargs, context: Context) -> RowTest:
    fields = _listed(kwargs, context)
    if any(not is_number(field) or is_float(field) for field in fields):
        raise Uncompilable("binary sums depend on their order")
    total = kwargs["sum_total"]
    if not isinstance(total, int | float) or isinstance(total, bool):
        raise BadArgument("sum_total must be a number")
    domain = _domain(fields, kwargs, context, LIST_FREE, "all_values_are_missing")
    parts = " + ".join(f"{sql.name(f.name)}::DECIMAL(38, {f.type.scale or 0})" for f in fields)
    return _test(f"{parts} = {sql.literal(total)}", domain)


def values_equal(kwargs: Kwargs, context: Context) -> RowTest:
    first, *others = _listed(kwargs, context)
    if not all(comparable(first, other) for other in others) or is_float(first):
        raise Uncompilable("columns of different kinds")
    domain = _domain([first, *others], kwargs, context, LIST_FREE, "all_values_are_missing")
    names = [(sql.name(first.name), sql.name(other.name)) for other in others]
    return _test(" AND ".join(f"{a} IS NOT DISTINCT FROM {b}" for a, b in names) or "TRUE", domain)


def unique_within_record(kwargs: Kwargs, context: Context) -> RowTest:
    fields = _listed(kwargs, context)
    if any(not comparable(fields[0], other) or is_float(other) for other in fields):
        raise Uncompilable("columns of different kinds")
    domain = _domain(fields, kwargs, context, LIST_FREE, "all_values_are_missing")
    names = combinations([sql.name(field.name) for field in fields], 2)
    good = " AND ".join(f"{a} IS DISTINCT FROM {b}" for a, b in names) or "TRUE"
    return _test(good, domain)
