"""Rules on one field's type: the logical and the physical one, and their sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.contract import Field, LogicalType, Table
from schemas.messages import found
from schemas.problems import Problem
from schemas.rules.scope import field_place

TEXT_LENGTH = (1, 65535)  # 字符型, standards.md §1
PRECISION = (1, 38)  # 高精度型, standards.md §1

_SIZED = re.compile(r"\s*([a-z][a-z0-9_ ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\)[a-z ]*)?\s*")
_SUFFIX = re.compile(r" (with(out)? time zone|with local time zone|unsigned|zerofill|varying)\b")
_KINDS = {
    "text": (
        "char",
        "varchar",
        "nchar",
        "nvarchar",
        "character",
        "text",
        "tinytext",
        "mediumtext",
        "longtext",
        "clob",
        "enum",
        "varchar2",
        "nvarchar2",
    ),
    "integer": (
        "int",
        "integer",
        "smallint",
        "bigint",
        "tinyint",
        "mediumint",
        "int2",
        "int4",
        "int8",
        "serial",
        "bigserial",
        "year",
    ),
    "decimal": ("decimal", "numeric", "number", "money", "dec"),
    "float": ("double", "double precision", "float", "float4", "float8", "real"),
    "boolean": ("bool", "boolean", "bit"),
    "date": ("date",),
    "timestamp": ("timestamp", "timestamptz", "datetime"),
    "time": ("time", "timetz"),
    "json": ("json", "jsonb"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}

READABLE: dict[LogicalType, set[str]] = {
    LogicalType.INTEGER: {"integer", "decimal", "text"},
    LogicalType.NUMBER: {"integer", "decimal", "float", "text"},
    LogicalType.BOOLEAN: {"boolean", "integer", "text", "decimal"},
    LogicalType.DATE: {"date", "timestamp", "text", "integer", "decimal"},
    LogicalType.TIMESTAMP: {"timestamp", "date", "text", "integer", "decimal"},
    LogicalType.TIME: {"time", "text"},
    LogicalType.OBJECT: {"json", "text"},
    LogicalType.ARRAY: {"json", "text"},
}
"""Which kinds of column can hold a logical type; a string can stand in any column."""


def _matched(physical: str | None) -> re.Match[str] | None:
    """Name, size and scale of a type such as `decimal(18,2)` or `timestamp(6) with time zone`."""
    return _SIZED.fullmatch(_SUFFIX.sub("", (physical or "").lower()))


def physical_kind(physical: str | None) -> tuple[str | None, int | None]:
    """The kind of a column's type (text, integer, decimal …) and its size, where known."""
    match = _matched(physical)
    if match is None:
        return None, None
    return _KIND_OF.get(match.group(1)), int(match.group(2)) if match.group(2) else None


def check_type(table: Table, field: Field) -> Iterator[Problem]:
    """The physical type can hold the logical one; sizes are possible."""
    place = field_place(table, field, "physicalType")
    logical, physical = field.type.logical, field.physical_type
    match = _matched(physical)
    kind, size = physical_kind(physical)
    scale = int(match.group(3)) if match and match.group(3) else None
    wrong_scale = logical is LogicalType.INTEGER and kind == "decimal" and bool(scale)
    if kind and (wrong_scale or kind not in READABLE.get(logical, {kind})):
        yield found(
            table.path, place, "type_mismatch", physical=physical, actual=kind, logical=logical
        )
    low, high = PRECISION
    bad_size = size is not None and not low <= size <= high
    bad_scale = scale is not None and not 0 <= scale <= (size or 0)
    if kind == "decimal" and (bad_size or bad_scale):
        yield found(table.path, place, "precision_range", physical=physical)
    yield from _lengths(table, field, size if kind == "text" else None)


def _lengths(table: Table, field: Field, size: int | None) -> Iterator[Problem]:
    low, high = TEXT_LENGTH
    options = field_place(table, field, "logicalTypeOptions")
    if size is not None and not low <= size <= high:
        place = field_place(table, field, "physicalType")
        yield found(table.path, place, "length_range", found=size)
    if field.max_length is not None:
        if not low <= field.max_length <= high:
            yield found(table.path, f"{options}.maxLength", "length_range", found=field.max_length)
        if size is not None and field.max_length > size:
            yield found(
                table.path,
                f"{options}.maxLength",
                "length_mismatch",
                found=field.max_length,
                physical=field.physical_type,
            )
        if field.min_length is not None and field.min_length > field.max_length:
            yield found(
                table.path,
                options,
                "length_order",
                low=field.min_length,
                high=field.max_length,
            )
