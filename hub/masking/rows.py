"""The rows of a grant: each condition as SQL that is false where it cannot be read."""

from __future__ import annotations

from collections.abc import Collection

from hub.masking.types import typed_sql
from hub.store import identifier, literal
from schemas.contract import Dataset, Field, LogicalType
from schemas.properties import ZONE
from schemas.sharing import Condition, Scalar
from schemas.terms import day, readable

NOBODY = "false"


def condition_sql(condition: Condition, dataset: Dataset, held: Collection[str] | None) -> str:
    """One condition over the columns of `q`; never null.

    A condition on a column that the release lacks, or with a value that is not of the field's
    type, admits no row.
    """
    field = dataset.by_name.get(condition.field)
    if field is None or (held is not None and field.name not in held):
        return NOBODY
    value = typed_sql("q", field)
    tests = []
    if condition.present is not None:
        tests.append(f"q.{identifier(field.name)} IS {'NOT ' if condition.present else ''}NULL")
    if condition.one_of is not None:
        listed = (_equal(value, one, field) for one in condition.one_of)
        tests.append(f"({' OR '.join(listed)})")
    if condition.starts_with is not None:
        begun = (_begins(value, prefix, field) for prefix in condition.starts_with)
        tests.append(f"({' OR '.join(begun)})")
    if condition.since is not None:
        tests.append(_compared(value, ">=", condition.since, field))
    if condition.before is not None:
        tests.append(_compared(value, "<", condition.before, field))
    return f"coalesce({' AND '.join(tests)}, {NOBODY})"


def _equal(value: str, one: Scalar, field: Field) -> str:
    if field.type.logical is LogicalType.TIMESTAMP:
        return NOBODY
    return _compared(value, "=", one, field)


def _begins(value: str, prefix: str, field: Field) -> str:
    if field.type.logical is not LogicalType.STRING or "\0" in prefix:
        return NOBODY
    return f"starts_with({value}, {literal(prefix)})"


def _compared(value: str, operator: str, one: Scalar, field: Field) -> str:
    if not readable(one, field):
        return NOBODY
    match field.type.logical:
        case LogicalType.DATE:
            return f"{value} {operator} DATE {literal(str(day(one)))}"
        case LogicalType.TIMESTAMP:
            local = f"timezone({literal(ZONE)}, CAST({value} AS TIMESTAMPTZ))"
            return f"{local} {operator} TIMESTAMP {literal(f'{day(one)} 00:00:00')}"
        case LogicalType.BOOLEAN:
            return f"CAST({value} AS INTEGER) {operator} {int(one)}"  # type: ignore[arg-type]
        case LogicalType.INTEGER | LogicalType.NUMBER:
            return f"{value} {operator} {int(one)}"  # type: ignore[arg-type]
        case _:
            return f"{value} {operator} {literal(str(one))}"
