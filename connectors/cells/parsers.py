"""Which parser reads the single cells of a field: the definition that column casts agree with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.cells import moments, numbers, words
from schemas.arrow import arrow_type
from schemas.contract import Field, LogicalType

Parser = Callable[[str], Any]


def zone_of(field: Field, timezone: str) -> ZoneInfo | None:
    """The zone of timestamps without one; None where wall-clock time is kept."""
    return ZoneInfo(field.properties.timezone or timezone) if field.type.aware else None


def parser_of(field: Field, timezone: str) -> Parser:
    """A function from one cell's text to its value, raising `Illegal`."""
    kind, formats = field.type, field.properties.formats
    match kind.logical:
        case LogicalType.INTEGER:
            wide = pa.types.is_decimal(arrow_type(kind))
            return lambda text: numbers.integer(text, kind, wide)
        case LogicalType.NUMBER if kind.scale is None:
            return numbers.double
        case LogicalType.NUMBER:
            return lambda text: numbers.decimal(text, kind)
        case LogicalType.BOOLEAN:
            return words.boolean
        case LogicalType.DATE:
            return lambda text: moments.day(text, formats)
        case LogicalType.TIMESTAMP:
            zone = zone_of(field, timezone)
            return lambda text: moments.instant(text, zone, formats)
        case LogicalType.TIME:
            return lambda text: moments.clock(text, formats)
        case LogicalType.OBJECT:
            return lambda text: words.document(text, array=False)
        case LogicalType.ARRAY:
            return lambda text: words.document(text, array=True)
        case _:
            return words.plain
