"""Columns of a binary COPY to Arrow: numpy for what every value vouches for, cells for the rest.

Each decoder gives the column and a mask of doubtful rows: legal values there that the contract's
type may not hold. Those are rendered as text and judged cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.cells.parsers import zone_of
from connectors.gather import Cells, Ints, Mask, fixed
from schemas.arrow import arrow_type
from schemas.contract import Field, LogicalType

EPOCH_DAYS = 10_957  # 2000-01-01 on the Unix clock
EPOCH_US = EPOCH_DAYS * 86_400_000_000
YEAR_1, YEAR_9999 = -719_162, 2_932_896  # first and last day that a date here can hold
DAY_US = 86_400_000_000
INT64_DIGITS = 18
GROUP = 4  # decimal digits of numeric's groups
NEGATIVE = 0x4000
NOTHING = INT64_DIGITS // GROUP + 1
POWERS = np.array([10 ** (GROUP * power) for power in range(NOTHING)] + [0], np.int64)

Decoded = tuple[pa.Array, Mask]
Decoder = Callable[[Cells, Field, str], Decoded]


def decoder_of(base_type: str, field: Field) -> Decoder | None:
    """The decoder of a column's base type to a field's type; None: ask for text instead."""
    kind = field.type
    match base_type, kind.logical:
        case (("smallint" | "integer" | "bigint"), LogicalType.INTEGER):
            return _INTEGERS[base_type] if arrow_type(kind) == pa.int64() else None
        case "numeric", LogicalType.NUMBER if kind.scale is not None:
            return decimals if (kind.precision or 38) <= INT64_DIGITS else None
        case "double precision", LogicalType.NUMBER if kind.scale is None:
            return doubles
        case "boolean", LogicalType.BOOLEAN:
            return booleans
        case "date", LogicalType.DATE:
            return dates
        case "timestamp without time zone", LogicalType.TIMESTAMP:
            return timestamps
        case "timestamp with time zone", LogicalType.TIMESTAMP if kind.aware:
            return instants
    return None


def _integers(dtype: str) -> Decoder:
    def decode(cells: Cells, field: Field, timezone: str) -> Decoded:
        return fixed(cells.numbers(dtype), cells.valid, pa.int64()), _none(cells)

    return decode


_INTEGERS = {"smallint": _integers(">i2"), "integer": _integers(">i4"), "bigint": _integers(">i8")}


def booleans(cells: Cells, field: Field, timezone: str) -> Decoded:
    bits = np.packbits(cells.numbers("u1").astype(bool), bitorder="little")
    return fixed(bits, cells.valid, pa.bool_()), _none(cells)


def doubles(cells: Cells, field: Field, timezone: str) -> Decoded:
    values = cells.numbers(">i8").view(np.float64)
    doubt = cells.valid & ~np.isfinite(values)
    return fixed(values, cells.valid & ~doubt, pa.float64()), doubt


def dates(cells: Cells, field: Field, timezone: str) -> Decoded:
    days = cells.numbers(">i4") + EPOCH_DAYS
    doubt = cells.valid & ((days < YEAR_1) | (days > YEAR_9999))
    return fixed(days.astype(np.int32), cells.valid & ~doubt, pa.date32()), doubt


def instants(cells: Cells, field: Field, timezone: str) -> Decoded:
    values, doubt = _micros(cells)
    return fixed(values, cells.valid & ~doubt, arrow_type(field.type)), doubt


def timestamps(cells: Cells, field: Field, timezone: str) -> Decoded:
    zone: ZoneInfo | None = zone_of(field, timezone)
    if zone is None or zone.key == "UTC":
        return instants(cells, field, timezone)
    values, doubt = _micros(cells)
    shown = fixed(values, cells.valid & ~doubt, pa.timestamp("us"))
    try:
        stored = pc.assume_timezone(shown, zone.key, ambiguous="earliest")
    except pa.ArrowInvalid:
        stored, doubt = _around_gaps(shown, zone, doubt)
    early = pc.less(stored.cast(pa.int64()), YEAR_1 * DAY_US)
    if pc.any(early, min_count=0).as_py():  # the first hours of year 1, east of Greenwich
        doubt = doubt | pc.fill_null(early, False).to_numpy(zero_copy_only=False)
        stored = pc.if_else(early, pa.scalar(None, stored.type), stored)
    return stored.cast(arrow_type(field.type)), doubt


def _around_gaps(shown: pa.Array, zone: ZoneInfo, doubt: Mask) -> Decoded:
    """Wall-clock times of which some fall into an hour that the clocks left out."""
    stored = pc.assume_timezone(shown, zone.key, ambiguous="earliest", nonexistent="earliest")
    skipped = pc.not_equal(pc.local_timestamp(stored), shown)
    gaps = pc.fill_null(skipped, False).to_numpy(zero_copy_only=False)
    return pc.if_else(skipped, pa.scalar(None, stored.type), stored), doubt | gaps


def decimals(cells: Cells, field: Field, timezone: str) -> Decoded:
    """numeric as ndigits, weight, sign, dscale and groups of four decimal digits (numeric_send).

    Summed in whole groups behind the point, then divided once to the contract's scale. More than
    eighteen digits that way are left to the cells.
    """
    precision, scale = field.type.precision or 38, field.type.scale or 0
    head = cells.numbers(">i8")
    count, weight, sign = head >> 48, (head << 16) >> 48, (head >> 16) & 0xFFFF
    groups = -(-scale // GROUP)
    usable = cells.valid & (sign <= NEGATIVE)
    usable &= (weight + 1 + groups <= INT64_DIGITS // GROUP) | (count == 0)
    usable &= count - 1 - weight <= groups
    total = np.zeros(len(count), np.int64)
    for group in range(int(count[usable].max(initial=0))):
        power = np.where(usable & (count > group), weight - group + groups, NOTHING)
        total += cells.numbers(">i2", 8 + 2 * group) * POWERS[power]
    total, lost = np.divmod(total, 10 ** (groups * GROUP - scale)) if scale % GROUP else (total, 0)
    usable &= (lost == 0) & (total < 10**precision)
    total = np.where(sign == NEGATIVE, -total, total)
    halves = np.empty((len(total), 2), np.int64)
    halves[:, 0], halves[:, 1] = total, total >> 63
    return fixed(halves, usable, arrow_type(field.type)), cells.valid & ~usable


def _micros(cells: Cells) -> tuple[Ints, Mask]:
    values = cells.numbers(">i8")
    early, late = YEAR_1 * DAY_US - EPOCH_US, (YEAR_9999 + 1) * DAY_US - EPOCH_US
    doubt = cells.valid & ((values < early) | (values >= late))
    return np.where(doubt, 0, values) + EPOCH_US, doubt


def _none(cells: Cells) -> Mask:
    return np.zeros(len(cells.valid), bool)
