"""Cells of an order's file: as text that a sheet cannot run, and that is read back the same."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from hub.store import identifier, literal
from schemas.contract import Field, LogicalType, Supply

RISKY = "^['=+@\\-\\t\\r]"
"""How a cell begins that a spreadsheet might run, or that stands behind a guard already."""
NUMBER = "^[+-]?[0-9]+([.,][0-9]+)*$"
GUARD = "'"


def cell_sql(field: Field, supply: Supply, faults: str | None = None) -> str:
    """One cell as text: an illegal one as the source showed it, a moment in the node's time."""
    name = identifier(field.name)
    text = f"{name}::VARCHAR"
    if field.type.logical is LogicalType.TIMESTAMP:
        text = _moment(field, supply, name)
    if faults is None:
        return text
    own = f"list_filter({faults}, lambda f: f.field = {literal(field.name)})[1].text"
    return f"coalesce({own}, {text})"


def _moment(field: Field, supply: Supply, name: str) -> str:
    form = "'%Y-%m-%d %H:%M:%S.%f'"
    if not field.type.aware:
        return f"strftime({name}, {form})"
    zone = literal(field.properties.timezone or supply.department.timezone)
    local = f"timezone({zone}, {name})"
    # An hour that the clocks repeat is written with its offset, so that it stays the same one.
    return (
        f"CASE WHEN timezone({zone}, {local}) = {name} THEN strftime({local}, {form}) "
        f"ELSE strftime({name}, {form}) || '+00:00' END"
    )


def safe_sql(text: str) -> str:
    """The text with a guard in front when a spreadsheet might run it; plain numbers never are."""
    risky = f"regexp_matches({text}, {literal(RISKY)})"
    number = f"regexp_matches({text}, {literal(NUMBER)})"
    return f"CASE WHEN {risky} AND NOT {number} THEN {literal(GUARD)} || {text} ELSE {text} END"


def unguarded(column: pa.Array) -> pa.Array:
    """A text column without the guards that `safe_sql` put there."""
    return pc.replace_substring_regex(column, "^'(['=+@\\-\\t\\r])", "\\1")
