"""Expectations of our own: identifiers, code lists, ODCS metrics, cells of their type."""

from __future__ import annotations

from datetime import date
from typing import Any

from quality import sql
from quality.compile.column import holds, matches
from quality.compile.forms import (
    DIVISION_LISTS,
    BadArgument,
    Context,
    FaultTest,
    RowTest,
    Uncompilable,
    is_text,
)
from quality.compile.forms import missing as nothing
from quality.compile.several import LIST_FREE, PAIR_FREE, tested
from quality.compile.values import literals
from quality.identifiers import IDENTIFIERS
from quality.identifiers.agreement import agrees_sql
from quality.periods import Period, in_force_sql, on_day, periods_of
from schemas.contract import Field, LogicalType

Kwargs = dict[str, Any]


def identifier(kind: str) -> Any:
    """The compiler of `expect_column_values_to_be_valid_<kind>`."""

    def build(kwargs: Kwargs, context: Context) -> RowTest:
        field = context.field(kwargs["column"])
        if not is_text(field):
            raise BadArgument(f"an identifier is text; field {field.name} is {field.type.logical}")
        column, wanted = sql.name(field.name), kwargs.get("verdict")
        verdicts = [v for v in IDENTIFIERS[kind] if v.name == wanted or not wanted]
        if not verdicts:
            known = ", ".join(v.name for v in IDENTIFIERS[kind])
            raise BadArgument(f"verdict must be one of {known}")
        if not wanted:  # the whole number: what is only a warning by itself is left out
            verdicts = [v for v in verdicts if v.severity == "error"]
        faces = [v.sql(column, context.reference) for v in verdicts]
        if len(faces) == 1:
            return holds(faces[0], kwargs, context)
        # A verdict of None says that another one fails; NULL cells stay outside.
        good = " AND ".join(f"coalesce({face}, TRUE)" for face in faces)
        return holds(f"{column} IS NULL OR ({good})", kwargs, context)

    return build


def in_codelist(kwargs: Kwargs, context: Context) -> RowTest:
    field = context.field(kwargs["column"])
    name = kwargs.get("codelist")
    if name not in context.catalog.codelists:
        raise BadArgument(f"the catalog has no code list {name!r}")
    codes = sorted(context.catalog.codelists[name].canonical)
    column = sql.name(field.name)
    spelt = column if is_text(field) else f"{column}::VARCHAR"
    listed = [sql.text(code) for code in codes]
    return holds(sql.member(spelt, listed, joined=True) if listed else "FALSE", kwargs, context)


def division_in_force(kwargs: Kwargs, context: Context) -> RowTest:
    """The code is in force on the day of the batch, or on `as_of`."""
    field, periods = _coded(kwargs["column"], kwargs, context)
    day = kwargs.get("as_of") or context.as_of
    try:
        day = day if isinstance(day, date) else date.fromisoformat(day)
    except (TypeError, ValueError):
        raise BadArgument("as_of must be a date; write YYYY-MM-DD") from None
    listed = [sql.text(code) for code in on_day(day, periods)]
    good = sql.member(sql.name(field.name), listed, joined=True) if listed else "FALSE"
    return holds(f"{sql.name(field.name)} IS NULL OR {good}", kwargs, context)


def division_in_force_on(kwargs: Kwargs, context: Context) -> RowTest:
    """The code of `column_A` was in force on the day in `column_B` of the same row."""
    field, periods = _coded(kwargs["column_A"], kwargs, context)
    other = context.field(kwargs["column_B"])
    if other.type.logical is not LogicalType.DATE:
        raise BadArgument(f"column_B must be a date; {other.name} is {other.type.logical}")
    good = in_force_sql(sql.name(field.name), sql.name(other.name), periods)
    both = {"ignore_row_if": "either_value_is_missing"} | kwargs
    return tested(good, [field, other], both, context, PAIR_FREE)


def _coded(name: Any, kwargs: Kwargs, context: Context) -> tuple[Field, tuple[Period, ...]]:
    field = context.field(name)
    if not is_text(field):
        raise BadArgument(f"a code is text; field {field.name} is {field.type.logical}")
    wanted = kwargs.get("codelist")
    for known in DIVISION_LISTS if wanted is None else (wanted,):
        if known in context.catalog.codelists:
            return field, periods_of(context.catalog.codelists[known])
    raise BadArgument(f"the catalog has no code list {wanted or 'division'!r}")


def number_agrees(kwargs: Kwargs, context: Context) -> RowTest:
    """A resident number does not contradict the birth date or the sex of its row."""
    number = context.field(kwargs["column"])
    if not is_text(number):
        raise BadArgument(f"an identifier is text; field {number.name} is {number.type.logical}")
    born = context.field(kwargs["birth_date"]) if kwargs.get("birth_date") else None
    sex = context.field(kwargs["sex"]) if kwargs.get("sex") else None
    if born is None and sex is None:
        raise BadArgument("birth_date or sex must be named")
    if born is not None and born.type.logical is not LogicalType.DATE:
        raise BadArgument(f"birth_date must be a date; {born.name} is {born.type.logical}")
    if sex is not None and not (is_text(sex) or sex.type.logical is LogicalType.INTEGER):
        raise BadArgument(f"sex must be a code; {sex.name} is {sex.type.logical}")
    spelt = None
    if sex is not None:
        spelt = sql.name(sex.name) if is_text(sex) else f"{sql.name(sex.name)}::VARCHAR"
    day = None if born is None else sql.name(born.name)
    good = agrees_sql(sql.name(number.name), day, spelt)
    fields = [field for field in (number, born, sex) if field is not None]
    return tested(good, fields, kwargs, context, LIST_FREE)


def not_missing(kwargs: Kwargs, context: Context) -> RowTest:
    """ODCS missingValues: null is missing where the list holds null."""
    field = context.field(kwargs["column"])
    values, column = kwargs["missing"], sql.name(field.name)
    parts = [nothing(field)] if None in values else []
    found = literals(values, field)
    if found:
        parts.append(f"coalesce({sql.member(column, found)}, FALSE)")
    return RowTest(f"({' OR '.join(parts)})" if parts else "FALSE")


def valid(kwargs: Kwargs, context: Context) -> RowTest:
    """ODCS invalidValues: outside of `validValues`, or not matching `pattern`; null is neither."""
    field = context.field(kwargs["column"])
    column, parts = sql.name(field.name), []
    if "validValues" in kwargs:
        parts.append(sql.member(column, literals(kwargs["validValues"], field)))
    if "pattern" in kwargs:
        if not is_text(field):
            raise BadArgument(f"a pattern is for text; field {field.name} is {field.type.logical}")
        try:
            parts.append(matches(column, kwargs["pattern"]))
        except Uncompilable as error:
            raise BadArgument(f"the pattern uses what the hub cannot run: {error}") from None
    return holds(" AND ".join(f"({part})" for part in parts), kwargs, context)


def of_its_type(kwargs: Kwargs, context: Context) -> FaultTest:
    return FaultTest(kwargs["column"])
