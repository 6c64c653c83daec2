"""Expectations about one column, row by row; nulls are outside of their domain."""

from __future__ import annotations

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
    is_text,
    missing,
    present,
)
from quality.compile.regex import re2
from quality.compile.values import literal, literals, same_kind
from schemas.contract import Field

Kwargs = dict[str, Any]


def holds(good: str, kwargs: Kwargs, context: Context) -> RowTest:
    """The test whose non-null cells must satisfy `good` (never NULL for them)."""
    field = context.field(kwargs["column"])
    condition = condition_sql(kwargs, context)
    if condition is None and not is_float(field):
        # `good` of NULL is NULL, and so is its negation: a null cell never fails.
        column = sql.name(field.name)
        return RowTest(f"NOT ({good})", f"{column} IS NOT NULL", counted=field.name)
    domain = present(field) + (f" AND {condition}" if condition else "")
    return RowTest(f"({domain} AND NOT ({good}))", domain)


def _text_column(kwargs: Kwargs, context: Context) -> str:
    """The column, if it is text: other types are matched by how pandas spells them."""
    field = context.field(kwargs["column"])
    if not is_text(field):
        raise Uncompilable("not text")
    return sql.name(field.name)


def not_null(kwargs: Kwargs, context: Context) -> RowTest:
    condition = condition_sql(kwargs, context)
    empty = missing(context.field(kwargs["column"]))
    return RowTest(f"({condition} AND {empty})" if condition else empty, condition)


def null(kwargs: Kwargs, context: Context) -> RowTest:
    condition = condition_sql(kwargs, context)
    filled = present(context.field(kwargs["column"]))
    return RowTest(f"({condition} AND {filled})" if condition else filled, condition)


def unique(kwargs: Kwargs, context: Context) -> UniqueTest:
    field = context.field(kwargs["column"])
    condition = condition_sql(kwargs, context)
    counted = None if condition or is_float(field) else field.name
    domain = present(field) + (f" AND {condition}" if condition else "")
    return UniqueTest((field.name,), domain, counted)


def in_set(kwargs: Kwargs, context: Context) -> RowTest:
    return holds(_membership(kwargs, context), kwargs, context)


def not_in_set(kwargs: Kwargs, context: Context) -> RowTest:
    if not kwargs["value_set"]:
        return holds(f"{sql.name(kwargs['column'])} IS NOT NULL OR NULL", kwargs, context)
    return holds(f"NOT ({_membership(kwargs, context)})", kwargs, context)


def _membership(kwargs: Kwargs, context: Context) -> str:
    field, values = context.field(kwargs["column"]), kwargs["value_set"]
    if values is None:
        raise Uncompilable("no set")
    if not isinstance(values, list | tuple):
        raise BadArgument("value_set must be a list")
    if not all(v is None or same_kind(v, field) for v in values):
        raise Uncompilable("a set of another kind")
    column = sql.name(field.name)
    found = literals(values, field)
    return sql.member(column, found, is_text(field)) if found else f"({column} IS NULL AND NULL)"


def between(kwargs: Kwargs, context: Context) -> RowTest:
    field = context.field(kwargs["column"])
    return holds(bounds(sql.name(field.name), kwargs, field), kwargs, context)


def bounds(expression: str, kwargs: Kwargs, field: Field | None) -> str:
    """`min <= expression <= max`, either bound absent, strict where asked."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None and high is None:
        raise BadArgument("min_value and max_value cannot both be missing")
    for value in (low, high):
        if field is None and not (value is None or _is_number(value)):
            raise BadArgument("min_value and max_value must be numbers")

    def written(value: Any) -> str:
        return literal(value, field) if field else sql.literal(value)

    parts = []
    if low is not None:
        parts.append(f"{expression} {'>' if kwargs.get('strict_min') else '>='} {written(low)}")
    if high is not None:
        parts.append(f"{expression} {'<' if kwargs.get('strict_max') else '<='} {written(high)}")
    return " AND ".join(parts)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def lengths_between(kwargs: Kwargs, context: Context) -> RowTest:
    return holds(bounds(f"length({_text_column(kwargs, context)})", kwargs, None), kwargs, context)


def length_equal(kwargs: Kwargs, context: Context) -> RowTest:
    if not _is_number(kwargs["value"]):
        raise BadArgument("value must be a number")
    good = f"length({_text_column(kwargs, context)}) = {sql.literal(kwargs['value'])}"
    return holds(good, kwargs, context)


def matches(column: str, pattern: Any) -> str:
    """SQL of Python's `re.search`."""
    try:
        return f"regexp_matches({column}, {sql.text(re2(pattern))})"
    except BadArgument:
        raise
    except ValueError as error:
        raise Uncompilable(str(error)) from None


def regex(kwargs: Kwargs, context: Context) -> RowTest:
    return holds(matches(_text_column(kwargs, context), kwargs["regex"]), kwargs, context)


def not_regex(kwargs: Kwargs, context: Context) -> RowTest:
    good = f"NOT {matches(_text_column(kwargs, context), kwargs['regex'])}"
    return holds(good, kwargs, context)


def _many(kwargs: Kwargs, key: str) -> list[Any]:
    listed = kwargs[key]
    if not isinstance(listed, list) or not listed:
        raise BadArgument(f"{key} must be a list with at least one entry")
    return listed


def regex_list(kwargs: Kwargs, context: Context) -> RowTest:
    column = _text_column(kwargs, context)
    match_on = kwargs.get("match_on", "any")
    if match_on not in ("any", "all"):
        raise BadArgument("match_on must be any or all")
    word = " OR " if match_on == "any" else " AND "
    parts = [matches(column, pattern) for pattern in _many(kwargs, "regex_list")]
    return holds(word.join(parts), kwargs, context)


def not_regex_list(kwargs: Kwargs, context: Context) -> RowTest:
    column = _text_column(kwargs, context)
    parts = [matches(column, pattern) for pattern in _many(kwargs, "regex_list")]
    return holds(f"NOT ({' OR '.join(parts)})", kwargs, context)


def like(kwargs: Kwargs, context: Context) -> RowTest:
    """Great Expectations has no LIKE on pandas: SQL's own, case-sensitive, escape by backslash."""
    return holds(_like(_text_column(kwargs, context), kwargs["like_pattern"]), kwargs, context)


def not_like(kwargs: Kwargs, context: Context) -> RowTest:
    good = f"NOT {_like(_text_column(kwargs, context), kwargs['like_pattern'])}"
    return holds(good, kwargs, context)


def like_list(kwargs: Kwargs, context: Context) -> RowTest:
    column = _text_column(kwargs, context)
    parts = [_like(column, pattern) for pattern in _many(kwargs, "like_pattern_list")]
    match_on = kwargs.get("match_on", "any")
    if match_on not in ("any", "all"):
        raise BadArgument("match_on must be any or all")
    return holds((" OR " if match_on == "any" else " AND ").join(parts), kwargs, context)


def not_like_list(kwargs: Kwargs, context: Context) -> RowTest:
    column = _text_column(kwargs, context)
    parts = [_like(column, pattern) for pattern in _many(kwargs, "like_pattern_list")]
    return holds(f"NOT ({' OR '.join(parts)})", kwargs, context)


def _like(column: str, pattern: Any) -> str:
    if not isinstance(pattern, str):
        raise BadArgument("a LIKE pattern must be text")
    return f"({column} LIKE {sql.text(pattern)} ESCAPE '\\')"
