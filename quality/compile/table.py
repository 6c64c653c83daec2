"""Expectations about the whole table: one aggregate each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quality import sql
from quality.compile.condition import condition_sql
from quality.compile.forms import (
    BadArgument,
    Context,
    TableTest,
    Uncompilable,
    is_float,
    is_number,
    present,
)
from quality.compile.values import literals, same_kind, typed
from quality.rule import compare
from schemas.contract import Field, LogicalType

Kwargs = dict[str, Any]


def _where(kwargs: Kwargs, context: Context, *more: str) -> str:
    condition = condition_sql(kwargs, context)
    parts = [*more, *([condition] if condition else [])]
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def within(kwargs: Kwargs, context: Context, field: Field | None) -> Callable[[Any], bool]:
    """Whether a figure lies between the bounds of a rule."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    for value in (low, high):
        if field is None and isinstance(value, bool | str):
            raise BadArgument("min_value and max_value must be numbers")
    if field is not None:
        low = None if low is None else typed(low, field)
        high = None if high is None else typed(high, field)

    def judge(found: Any) -> bool:
        if found is None:
            return False
        above = low is None or (found > low if kwargs.get("strict_min") else found >= low)
        below = high is None or (found < high if kwargs.get("strict_max") else found <= high)
        return bool(above and below)

    return judge


def row_count_between(kwargs: Kwargs, context: Context) -> TableTest:
    judge = within(kwargs, context, None)
    select = f"SELECT count(*) FROM {{table}}{_where(kwargs, context)}"
    return TableTest(select, lambda row: (judge(row[0]), row[0]), whole=True)


def row_count_equal(kwargs: Kwargs, context: Context) -> TableTest:
    wanted = kwargs["value"]
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise BadArgument("value must be a whole number")
    select = f"SELECT count(*) FROM {{table}}{_where(kwargs, context)}"
    return TableTest(select, lambda row: (row[0] == wanted, row[0]), whole=True)


def row_count_metric(kwargs: Kwargs, context: Context) -> TableTest:
    """ODCS rowCount."""
    return TableTest(
        "SELECT count(*) FROM {table}",
        lambda row: (compare(kwargs["operator"], row[0], kwargs["value"]), row[0]),
        whole=True,
    )


def _extreme(function: str) -> Callable[[Kwargs, Context], TableTest]:
    def build(kwargs: Kwargs, context: Context) -> TableTest:
        field = context.field(kwargs["column"])
        judge = within(kwargs, context, field)
        where = _where(kwargs, context, present(field))
        select = f"SELECT {function}({sql.name(field.name)}) FROM {{table}}{where}"
        return TableTest(select, lambda row: (judge(row[0]), row[0]))

    return build


minimum = _extreme("min")
maximum = _extreme("max")


def total(kwargs: Kwargs, context: Context) -> TableTest:
    """The sum of an exact column; binary sums depend on their order and run elsewhere."""
    field = context.field(kwargs["column"])
    if not is_number(field) or is_float(field):
        raise Uncompilable("not exact")
    judge = within(kwargs, context, field)
    column = f"{sql.name(field.name)}::DECIMAL(38, {field.type.scale or 0})"
    where = _where(kwargs, context, present(field))
    select = f"SELECT coalesce(sum({column}), 0) FROM {{table}}{where}"
    return TableTest(select, lambda row: (judge(row[0]), row[0]))


def mean(kwargs: Kwargs, context: Context) -> TableTest:
    """The mean of whole numbers; pandas adds decimals up as binary numbers, in their order."""
    field = context.field(kwargs["column"])
    if field.type.logical is not LogicalType.INTEGER:
        raise Uncompilable("not whole numbers")
    judge = within(kwargs, context, None)  # the mean is binary, and so are its bounds
    column, where = sql.name(field.name), _where(kwargs, context, present(field))
    select = f"SELECT sum({column}::HUGEINT), count({column}) FROM {{table}}{where}"

    def verdict(row: tuple[Any, ...]) -> tuple[bool, Any]:
        found = row[0] / row[1] if row[1] else None
        return judge(found), found

    return TableTest(select, verdict)


def most_common(kwargs: Kwargs, context: Context) -> TableTest:
    """Of the values that stand most often (all of them, when they are tied) one is in the set."""
    field, values = context.field(kwargs["column"]), kwargs["value_set"]
    if not isinstance(values, list | tuple):
        raise BadArgument("value_set must be a list")
    if is_float(field) or not all(v is None or same_kind(v, field) for v in values):
        raise Uncompilable("a set of another kind")
    column, where = sql.name(field.name), _where(kwargs, context, present(field))
    listed = literals(values, field)
    within_set = sql.member(column, listed) if listed else "FALSE"
    counts = f"SELECT {column}, count(*) AS often FROM {{table}}{where} GROUP BY {column}"
    select = (
        f"WITH counts AS ({counts}) SELECT count(*), count(*) FILTER ({within_set}) "
        "FROM counts WHERE often = (SELECT max(often) FROM counts)"
    )
    ties = bool(kwargs.get("ties_okay"))
    return TableTest(
        select, lambda row: (row[1] > 0 if ties else row[0] == 1 and row[1] == 1, row[0])
    )


def unique_count(kwargs: Kwargs, context: Context) -> TableTest:
    field = context.field(kwargs["column"])
    judge = within(kwargs, context, None)
    where = _where(kwargs, context, present(field))
    select = f"SELECT count(DISTINCT {sql.name(field.name)}) FROM {{table}}{where}"
    return TableTest(select, lambda row: (judge(row[0]), row[0]))


def unique_share(kwargs: Kwargs, context: Context) -> TableTest:
    field = context.field(kwargs["column"])
    judge = within(kwargs, context, None)
    where = _where(kwargs, context, present(field))
    column = sql.name(field.name)
    select = f"SELECT count(DISTINCT {column}), count(*) FROM {{table}}{where}"

    def verdict(row: tuple[Any, ...]) -> tuple[bool, Any]:
        share = row[0] / row[1] if row[1] else 0.0
        return judge(share), share

    return TableTest(select, verdict)


def filled_share(kwargs: Kwargs, context: Context) -> TableTest:
    field = context.field(kwargs["column"])
    judge = within(kwargs, context, None)
    select = f"SELECT count(*) FILTER ({present(field)}), count(*) FROM {{table}}"

    def verdict(row: tuple[Any, ...]) -> tuple[bool, Any]:
        share = row[0] / row[1] if row[1] else 0.0
        return judge(share), share

    return TableTest(select + _where(kwargs, context), verdict)


def _distinct(
    compare_sets: Callable[[set[Any], set[Any]], bool], least: int = 0
) -> Callable[[Kwargs, Context], TableTest]:
    def build(kwargs: Kwargs, context: Context) -> TableTest:
        field, values = context.field(kwargs["column"]), kwargs["value_set"]
        if not isinstance(values, list | tuple) or len(values) < least:
            raise BadArgument("value_set must be a list" + (" that is not empty" * least))
        if is_float(field) or not all(same_kind(value, field) for value in values):
            raise Uncompilable("a set of another kind")
        wanted = {typed(value, field) for value in values}
        where = _where(kwargs, context, present(field))
        select = f"SELECT list(DISTINCT {sql.name(field.name)}) FROM {{table}}{where}"
        # The values themselves are not kept: they may be personal.
        return TableTest(
            select,
            lambda row: (compare_sets(set(row[0] or ()), wanted), len(row[0] or ())),
        )

    return build


distinct_in_set = _distinct(lambda found, wanted: found <= wanted, least=1)
distinct_contain_set = _distinct(lambda found, wanted: wanted <= found)
distinct_equal_set = _distinct(lambda found, wanted: found == wanted)
