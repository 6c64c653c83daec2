"""Expectations about the columns that there are: the contract's own, whatever the rows."""

from __future__ import annotations

from typing import Any

from quality.compile.forms import BadArgument, Context, TableTest
from quality.compile.table import within

Kwargs = dict[str, Any]


def _constant(success: bool, observed: Any) -> TableTest:
    return TableTest("SELECT 1", lambda row: (success, observed))


def _names(context: Context) -> list[str]:
    return [field.name for field in context.supply.fields]


def exists(kwargs: Kwargs, context: Context) -> TableTest:
    """As Great Expectations has it, `column_index` 0 is no index: the column may stand anywhere."""
    name, place, names = kwargs["column"], kwargs.get("column_index"), _names(context)
    if place is not None and (not isinstance(place, int) or isinstance(place, bool)):
        raise BadArgument("column_index must be a whole number")
    if not place:
        return _constant(name in names, name in names)
    there = -len(names) <= place < len(names) and names[place] == name
    return _constant(there, there)


def count_between(kwargs: Kwargs, context: Context) -> TableTest:
    judge, count = within(kwargs, context, None), len(context.supply.fields)
    return _constant(judge(count), count)


def count_equal(kwargs: Kwargs, context: Context) -> TableTest:
    wanted, count = kwargs["value"], len(context.supply.fields)
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise BadArgument("value must be a whole number")
    return _constant(count == wanted, count)


def match_set(kwargs: Kwargs, context: Context) -> TableTest:
    wanted, names = kwargs["column_set"], set(_names(context))
    if not isinstance(wanted, list | tuple):
        raise BadArgument("column_set must be a list")
    exact = kwargs.get("exact_match", True)
    success = names == set(wanted) if exact else set(wanted) <= names
    return _constant(success, len(names))


def match_ordered_list(kwargs: Kwargs, context: Context) -> TableTest:
    wanted, names = kwargs["column_list"], _names(context)
    if not isinstance(wanted, list | tuple):
        raise BadArgument("column_list must be a list")
    return _constant(names == list(wanted), len(names))
