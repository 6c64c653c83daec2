"""Arguments of rules as SQL literals of the field's own type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from quality import sql
from quality.compile.forms import BadArgument, Uncompilable, is_float, is_number, is_text
from schemas.contract import Field, LogicalType


def typed(value: Any, field: Field) -> Any:
    """The value in the field's type; raises `BadArgument` where the two cannot be compared.

    Floats against exact decimals become the decimal number that was written: 0.1 is a tenth.
    """
    logical = field.type.logical
    if logical is LogicalType.BOOLEAN and isinstance(value, bool):
        return value
    if is_number(field) and isinstance(value, int | float | Decimal) and value is not True:
        if isinstance(value, float) and not is_float(field):
            return Decimal(repr(value))
        return value
    if is_text(field) and isinstance(value, str):
        return value
    if logical is LogicalType.DATE:
        return _day(value, field)
    if logical is LogicalType.TIMESTAMP:
        return _moment(value, field)
    raise BadArgument(
        f"field {field.name} is {logical}; {type(value).__name__} cannot be compared with it"
    )


def _day(value: Any, field: Field) -> date:
    if isinstance(value, datetime):
        raise BadArgument(f"field {field.name} is a date; a date and time was given")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadArgument(f"field {field.name} is a date; write YYYY-MM-DD") from None


def _moment(value: Any, field: Field) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise BadArgument(f"field {field.name} is a timestamp; write ISO 8601") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise BadArgument(f"field {field.name} is a timestamp; write ISO 8601")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def literal(value: Any, field: Field) -> str:
    """The SQL literal of a value in the field's type."""
    known = typed(value, field)
    try:
        written = sql.literal(known)
    except ValueError as error:
        raise Uncompilable(str(error)) from None
    return f"{written}::DOUBLE" if is_float(field) else written


def same_kind(value: Any, field: Field) -> bool:
    """Whether Python's `==` between a cell and the value can be true at all."""
    if isinstance(value, bool):
        return field.type.logical is LogicalType.BOOLEAN
    if is_text(field):
        return isinstance(value, str)
    if is_number(field):
        return isinstance(value, int | float | Decimal)
    return isinstance(value, date | str)


def literals(values: Any, field: Field) -> list[str]:
    """The literals of a set; null belongs to no set. Raises `BadArgument` on another kind."""
    if not isinstance(values, list | tuple | set | frozenset):
        raise BadArgument("a set of values must be a list")
    return [literal(value, field) for value in values if value is not None]
