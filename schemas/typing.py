"""ODCS types as the hub's field types."""

from __future__ import annotations

import re

from schemas.contract import FieldType, LogicalType

_SIZED = re.compile(r"^\s*([a-z ]+?)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*([a-z ]*)$")
_FLOATS = {"double", "double precision", "float", "float4", "float8", "real"}
_TIMESTAMPS = ("timestamp", "datetime")
_BY_PHYSICAL = {
    "int": LogicalType.INTEGER,
    "integer": LogicalType.INTEGER,
    "smallint": LogicalType.INTEGER,
    "tinyint": LogicalType.INTEGER,
    "mediumint": LogicalType.INTEGER,
    "bigint": LogicalType.INTEGER,
    "decimal": LogicalType.NUMBER,
    "numeric": LogicalType.NUMBER,
    "number": LogicalType.NUMBER,
    "money": LogicalType.NUMBER,
    "bool": LogicalType.BOOLEAN,
    "boolean": LogicalType.BOOLEAN,
    "date": LogicalType.DATE,
    "time": LogicalType.TIME,
    "json": LogicalType.OBJECT,
    "jsonb": LogicalType.OBJECT,
}


def field_type(logical: str | None, physical: str | None) -> FieldType:
    """The field type that a property's `logicalType` and `physicalType` promise together.

    Precision and scale come from the physical type, since ODCS has no place for them:
    `decimal(18,2)` is exact, `double` is binary, a bare `numeric` is decimal(38,10) and a value
    that does not fit it is a fault, never rounded.
    """
    text = (physical or "").strip().lower()
    sized = _SIZED.match(text)
    base = (sized.group(1) if sized else text).replace(" unsigned", "").strip()
    first = int(sized.group(2)) if sized else None
    second = int(sized.group(3)) if sized and sized.group(3) else None
    kind = LogicalType(logical) if logical else _by_physical(base)
    if kind is LogicalType.DATE and base.startswith(_TIMESTAMPS):
        kind = LogicalType.TIMESTAMP  # ODCS 3.0 has no timestamp of its own
    if kind is LogicalType.INTEGER:
        return FieldType(kind, precision=_integer_digits(text, base, first))
    if kind is LogicalType.NUMBER:
        if base in _FLOATS or base == "":
            return FieldType(kind)
        if base == "money":
            return FieldType(kind, 19, 2)
        if first is None:
            return FieldType(kind, 38, 10)
        return FieldType(kind, min(first, 38), second or 0)
    return FieldType(kind)


def _integer_digits(text: str, base: str, size: int | None) -> int | None:
    if base in {"decimal", "numeric", "number"}:
        return size
    return 20 if base == "bigint" and "unsigned" in text else None


def _by_physical(base: str) -> LogicalType:
    if base in _FLOATS:
        return LogicalType.NUMBER
    if base.startswith(_TIMESTAMPS):
        return LogicalType.TIMESTAMP
    return _BY_PHYSICAL.get(base, LogicalType.STRING)
