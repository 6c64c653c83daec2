"""Expectations of our own: identifiers, code lists, ODCS metrics, cells of their type."""

from __future__ import annotations

from typing import Any

from quality import sql
from quality.compile.column import holds, matches
from quality.compile.forms import BadArgument, Context, FaultTest, RowTest, Uncompilable, is_text
from quality.compile.forms import missing as nothing
from quality.compile.values import literals
from quality.identifiers import IDENTIFIERS

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
    return holds(sql.member(spelt, listed) if listed else "FALSE", kwargs, context)


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
