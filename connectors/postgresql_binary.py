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
from connectors.gather import Cells, Ints, Mask, fixed, overlapping
from schemas.arrow import arrow_type
from schemas.contract import Field, LogicalType

EPOCH_DAYS = 10_957  # 2000-01-01 on the Unix clock
EPOCH_US = EPOCH_DAYS * 86_400_000_000
YEAR_1, YEAR_9999 = -719_162, 2_932_896  # first and last day that a date here can hold
DAY_US = 86_400_000_000
INT64_DIGITS = 18
MOST_GROUPS = 7  # of four digits: what 18 digits around a decimal point can touch

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
    stored = pc.assume_timezone(shown, zone.key, ambiguous="earliest", nonexistent="earliest")
    skipped = pc.not_equal(pc.local_timestamp(stored), shown)
    if pc.any(skipped, min_count=0).as_py():  # an hour that the clocks leave out
        gaps = pc.fill_null(skipped, False).to_numpy(zero_copy_only=False)
        doubt = doubt | gaps
        stored = pc.if_else(skipped, pa.scalar(None, stored.type), stored)
    early = pc.less(stored.cast(pa.int64()), YEAR_1 * DAY_US)
    if pc.any(early, min_count=0).as_py():  # the first hours of year 1, east of Greenwich
        doubt = doubt | pc.fill_null(early, False).to_numpy(zero_copy_only=False)
        stored = pc.if_else(early, pa.scalar(None, stored.type), stored)
    return stored.cast(arrow_type(field.type)), doubt


def decimals(cells: Cells, field: Field, timezone: str) -> Decoded:
    """numeric as ndigits, weight, sign, dscale and groups of four decimal digits (numeric_send)."""
    precision, scale = field.type.precision or 38, field.type.scale or 0
    count, weight = cells.numbers(">i2"), cells.numbers(">i2", 2)
    sign = cells.numbers(">u2", 4)
    wide = (4 * (weight + 1) + scale > INT64_DIGITS) & (count > 0)
    doubt = (sign > 0x4000) | wide | (count > MOST_GROUPS)
    total = np.zeros(len(count), np.int64)
    usable = cells.valid & ~doubt
    for group in range(int(count[usable].max(initial=0))):
        rows = np.flatnonzero(usable & (count > group))
        digits = _at(cells, rows, 8 + 2 * group)
        power = 4 * (weight[rows] - group) + scale
        small = np.minimum(power, 0)
        divisor = 10 ** np.minimum(-small, 4)
        share, lost = np.divmod(digits, divisor)
        doubt[rows[(lost != 0) | ((power <= -4) & (digits != 0))]] = True
        total[rows] += share * 10 ** np.clip(power, 0, INT64_DIGITS)
    total = np.where(sign == 0x4000, -total, total)
    doubt |= np.abs(total) >= 10**precision
    doubt &= cells.valid
    halves = np.empty((len(total), 2), np.int64)
    halves[:, 0], halves[:, 1] = total, total >> 63
    return fixed(halves, cells.valid & ~doubt, arrow_type(field.type)), doubt


def _at(cells: Cells, rows: Ints, offset: int) -> Ints:
    return overlapping(cells.buffer, ">i2")[cells.starts[rows] + offset].astype(np.int64)


def _micros(cells: Cells) -> tuple[Ints, Mask]:
    values = cells.numbers(">i8")
    early, late = YEAR_1 * DAY_US - EPOCH_US, (YEAR_9999 + 1) * DAY_US - EPOCH_US
    doubt = cells.valid & ((values < early) | (values >= late))
    return np.where(doubt, 0, values) + EPOCH_US, doubt


def _none(cells: Cells) -> Mask:
    return np.zeros(len(cells.valid), bool)
