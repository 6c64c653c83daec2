"""The one quoting function for names and the one for literals."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any


def name(identifier: str) -> str:
    """A column or table name, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal. NUL cannot stand in a DuckDB literal and is refused."""
    if "\0" in value:
        raise ValueError("a literal holds a NUL character")
    return "'" + value.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """A literal of the value's own type; floats are written as the decimal number they show."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return "'NaN'::DOUBLE" if value != value else f"{Decimal(repr(value)):f}"
        case Decimal():
            return f"{value:f}"
        case datetime():
            kind = "TIMESTAMP" if value.tzinfo is None else "TIMESTAMPTZ"
            return f"{kind} {text(value.isoformat(sep=' '))}"
        case date():
            return f"DATE {text(value.isoformat())}"
        case str():
            return text(value)
    raise ValueError(f"no literal for a {type(value).__name__}")


MANY = 200  # members from which a join is quicker than a list: ten times, at 3,000


def member(expression: str, values: list[str], joined: bool = False) -> str:
    """`expression IN (…)` over literals already quoted; an empty set holds nothing.

    `joined`: the predicate stands where a subquery may, so that a long set can be joined.
    """
    if not values:
        return f"({expression} IS NULL AND NULL)"
    if joined and len(values) > MANY:
        return f"{expression} IN (SELECT unnest([{', '.join(values)}]))"
    return f"{expression} IN ({', '.join(values)})"
