"""One column of text to its type: whole-column casts, and cell by cell only where they fail."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.cells.faults import Fault, Illegal
from connectors.cells.parsers import Parser, parser_of, zone_of
from connectors.cells.spellings import plain_moments, plain_numbers
from schemas.arrow import arrow_type
from schemas.contract import Field, FieldType, LogicalType

SMALL = 256  # cells; parsing so many one by one costs about as much as one failing cast
SPLIT = 8
CLOCK = "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?$"
SPACE, TILDE = 0x20, 0x7E  # between them ASCII prints
DECIMAL_DIGITS = 38
DAY = 86_400_000_000  # microseconds
YEAR_1 = -719_162 * DAY  # 0001-01-01 on the Unix clock


class CastFailed(Exception):
    """The fast path cannot vouch for this column; raised and caught in this module."""


def type_column(shown: pa.Array, field: Field, timezone: str) -> tuple[pa.Array, list[Fault]]:
    """The typed column and its faults; `shown` is text, trimmed, with null for no value."""
    numeric = field.type.logical in (LogicalType.INTEGER, LogicalType.NUMBER)
    plain = plain_numbers(shown, field) if numeric else shown
    work = _Column(shown, plain, field, timezone, parser_of(field, timezone))
    if field.type.logical in (LogicalType.DATE, LogicalType.TIMESTAMP):
        plain = plain_moments(shown, field.properties.formats)
    parts = work.typed(plain, 0)
    return (pa.concat_arrays(parts) if len(parts) != 1 else parts[0]), work.faults


class _Column:
    """The recursion's state: what was shown, what parsers read, the faults found so far."""

    def __init__(
        self, shown: pa.Array, readable: pa.Array, field: Field, timezone: str, parse: Parser
    ) -> None:
        self.shown, self.readable = shown, readable
        self.field, self.timezone, self.parse = field, timezone, parse
        self.type = arrow_type(field.type)
        self.faults: list[Fault] = []

    def typed(self, plain: pa.Array, start: int) -> list[pa.Array]:
        try:
            return [_cast(plain, self.field, self.timezone)]
        except (pa.ArrowInvalid, CastFailed):
            if len(plain) <= SMALL:
                return [self._cells(start, len(plain))]
        step = -(-len(plain) // SPLIT)
        pieces = range(0, len(plain), step)
        return [a for at in pieces for a in self.typed(plain.slice(at, step), start + at)]

    def _cells(self, start: int, count: int) -> pa.Array:
        values = []
        for row, text in enumerate(self.readable.slice(start, count).to_pylist(), start):
            value = None
            if text is not None:
                try:
                    value = self.parse(text)
                except Illegal as found:
                    shown = self.shown[row].as_py()
                    self.faults.append(Fault(row, self.field.name, found.code, shown))
            values.append(value)
        return pa.array(values, self.type)


def _cast(text: pa.Array, field: Field, timezone: str) -> pa.Array:
    """The column by one cast; raises where any cell is in doubt."""
    kind = field.type
    match kind.logical:
        case LogicalType.INTEGER:
            _sure(not _holds(text, b"xX"))  # Arrow reads 0x10 as sixteen
            return _whole_or_decimal(text, kind)
        case LogicalType.NUMBER if kind.scale is not None:
            return _whole_or_decimal(text, kind)
        case LogicalType.NUMBER:
            return _doubles(text)
        case LogicalType.BOOLEAN:
            return _booleans(text)
        case LogicalType.DATE:
            days = text.cast(pa.date32())
            _sure(_least(days.cast(pa.int32())) >= YEAR_1 // DAY)
            return days
        case LogicalType.TIMESTAMP:
            return _timestamps(text, field, timezone)
        case LogicalType.TIME:
            _sure(pc.all(pc.match_substring_regex(text, CLOCK), min_count=0).as_py())
            return text
        case LogicalType.OBJECT | LogicalType.ARRAY:
            raise CastFailed
        case _:
            _sure(not _holds(text, b"\0"))
            return text


def _whole_or_decimal(text: pa.Array, kind: FieldType) -> pa.Array:
    # In Arrow's parser of decimals 7e-230 is zero, and what is longer than 38 may wrap around.
    _sure(not _holds(text, b"eE"))
    _sure((pc.max(pc.binary_length(text)).as_py() or 0) <= DECIMAL_DIGITS)
    return text.cast(arrow_type(kind))


def _doubles(text: pa.Array) -> pa.Array:
    values = text.cast(pa.float64())
    finite = pc.all(pc.is_finite(values), min_count=0).as_py()
    # Fifteen digits always survive a binary float; what is longer must be shown as it came.
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    _sure(finite and not _holds(text, b"eE"))
    if longest > 15:
        same = pc.equal(pc.cast(values, pa.string()), text)
        _sure(pc.all(pc.or_(same, pc.less(pc.binary_length(text), 16)), min_count=0).as_py())
    return values


def _booleans(text: pa.Array) -> pa.Array:
    if pc.all(pc.is_in(text, _TF), skip_nulls=True, min_count=0).as_py():
        return pc.equal(text, "t")
    if pc.all(pc.is_in(text, _01), skip_nulls=True, min_count=0).as_py():
        return pc.equal(text, "1")
    raise CastFailed


def _timestamps(text: pa.Array, field: Field, timezone: str) -> pa.Array:
    utc = arrow_type(field.type)
    zone = zone_of(field, timezone)
    if zone is not None and len(text) > text.null_count and _offset_first(text):
        moments = text.cast(utc)
    elif zone is None or zone.key == "UTC":
        moments = text.cast(pa.timestamp("us")).cast(utc)
    else:
        naive = text.cast(pa.timestamp("us"))
        # An hour that the clocks skip raises here and is judged cell by cell.
        moments = pc.assume_timezone(naive, zone.key, ambiguous="earliest").cast(utc)
    _sure(_least(moments.cast(pa.int64())) >= YEAR_1)
    return moments


def _offset_first(text: pa.Array) -> bool:
    first = pc.drop_null(text.slice(0, 1000))
    sample = first[0].as_py() if len(first) else ""
    return sample.endswith("Z") or "+" in sample[10:] or "-" in sample[10:]


def _least(values: pa.Array) -> int:
    """The smallest value; of nothing but nulls, zero."""
    least: int = pc.min(values).as_py() or 0
    return least


def is_dense(text: pa.Array) -> bool:
    """Whether all cells are of printing ASCII characters, the space excluded."""
    data = _bytes(text)
    return not bool(((data <= SPACE) | (data > TILDE)).any())


def _bytes(text: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of all cells on end."""
    data = text.buffers()[2]
    if data is None or len(text) == 0:
        return np.empty(0, np.uint8)
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def _holds(text: pa.Array, letters: bytes) -> bool:
    """Whether any of the bytes occurs among the column's cells."""
    data = _bytes(text)
    return any(bool((data == letter).any()) for letter in letters)


def _sure(certain: bool) -> None:
    if not certain:
        raise CastFailed


_TF = pa.array(["t", "f"])
_01 = pa.array(["1", "0"])
