"""What the sources say of a run of entities, laid side by side as columns.

An entity's place in the run is its number, so that a row finds its entity by position. Values are
compared by the engine's 64-bit hash; texts are fetched only for what survives and what differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]

Kind = TypeVar("Kind", bound=np.generic)

NOBODY = -1
NEVER = np.iinfo(np.int64).min + 1  # the age of a value without one: older than any other
ABSENT = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Rows:
    """The rows that one source has of a run of entities; `at` is the entity of each row."""

    columns: dict[str, pa.Array]
    at: NDArray[np.int32]
    row: NDArray[np.int32]  # per entity the row, or NOBODY

    def known(self, name: str) -> pa.Array:
        """Per entity what its row says in one column; null where the source has no row."""
        return self.of(name, self.row)

    def of(self, name: str, rows: Numbers | NDArray[np.int32]) -> pa.Array:
        """One column of some rows; null for NOBODY."""
        return pick(self.columns[name], rows)

    def spread(self, values: NDArray[Kind], nothing: object) -> NDArray[Kind]:
        """Per entity the value of its row."""
        placed = np.full(len(self.row), nothing, values.dtype)
        placed[self.at] = values
        return placed


def seat(table: pa.Table, entities: int) -> Rows:
    """Rows by the entity that they speak of; `table` numbers it in `at`, from 0."""
    columns = {name: _own(whole(table[name])) for name in table.column_names}
    at = columns.pop("at").to_numpy()
    row = np.full(entities, NOBODY, np.int32)
    row[at] = np.arange(len(at), dtype=np.int32)
    return Rows(columns, at, row)


@dataclass(frozen=True)
class Said:
    """What sources say in one field, in order of authority: who gives it, and each value's hash."""

    given: dict[int, Flags]
    hashes: dict[int, Hashes]

    def givers(self) -> Numbers:
        """Per entity the sources that give the field, a bit each."""
        mask = np.zeros(len(next(iter(self.given.values()))), np.int64)
        for place, flags in self.given.items():
            mask |= flags.astype(np.int64) << place
        return mask


def said(rows: dict[int, Rows], columns: dict[int, tuple[str, str]]) -> Said:
    """Read one field; `columns` names the value and its hash per source, in order of authority."""
    given, hashes = {}, {}
    for place, (value, hashed) in columns.items():
        source = rows[place]
        given[place] = source.spread(_valid(source.columns[value]), False)
        if hashed:
            hashes[place] = source.spread(source.columns[hashed].to_numpy(), 0)
    return Said(given, hashes)


def first_given(field: Said) -> NDArray[np.int8]:
    """Per entity the first source that gives the field, or NOBODY."""
    chosen = _nobody(field)
    for place in reversed(field.given):
        chosen[field.given[place]] = place
    return chosen


def best_given(field: Said, scores: dict[int, Numbers]) -> NDArray[np.int8]:
    """Per entity the source with the greatest score; the first in order of authority of equals."""
    chosen = _nobody(field)
    best = np.full(len(chosen), ABSENT, np.int64)
    for place, given in field.given.items():
        better = given & (scores[place] > best)
        chosen[better] = place
        np.copyto(best, scores[place], where=better)
    return chosen


def votes(field: Said) -> dict[int, Numbers]:
    """Per source and entity how many sources say the same."""
    counted = {}
    for a in field.given:
        counted[a] = np.zeros(len(field.given[a]), np.int64)
        for b in field.given:
            same = field.hashes[a] == field.hashes[b]
            counted[a] += field.given[a] & field.given[b] & same
    return counted


def ages(source: Rows) -> Numbers:
    """Per entity how fresh its row is, in microseconds."""
    fresh = pc.fill_null(source.columns["fresh"].cast(pa.int64()), NEVER).to_numpy()
    return source.spread(fresh, ABSENT)


def _valid(column: pa.Array) -> Flags:
    valid: Flags = column.is_valid().to_numpy(zero_copy_only=False)
    return valid


def _nobody(field: Said) -> NDArray[np.int8]:
    return np.full(len(next(iter(field.given.values()))), NOBODY, np.int8)


def chosen_values(
    rows: dict[int, Rows], columns: dict[int, str], chosen: NDArray[np.int8]
) -> pa.Array:
    """Per entity the value of the source chosen, taken from all sources' columns at once."""
    index = np.full(len(chosen), NOBODY, np.int64)
    chunks, start = [], 0
    for place, name in columns.items():
        column = rows[place].columns[name]
        np.copyto(index, rows[place].row + np.int64(start), where=chosen == place)
        chunks.append(column)
        start += len(column)
    together = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
    return pick(together, index)


def disputes(field: Said, chosen: NDArray[np.int8], places: Sequence[int]) -> dict[int, Numbers]:
    """Per source the entities of which it does not say what survives, by hash."""
    surviving = np.zeros(len(chosen), np.uint64)
    for place in field.given:
        np.copyto(surviving, field.hashes[place], where=chosen == place)
    return {
        place: np.flatnonzero(field.given[place] & (field.hashes[place] != surviving))
        for place in places
    }


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _own(column: pa.Array) -> pa.Array:
    """The same texts in memory of their own: else one that is kept keeps all columns it came with.

    The engine gives a result back only as a whole, hashes and places of texts included.
    """
    if column.type != pa.string_view():
        return column
    valid, views, *texts = column.buffers()
    own = [pa.py_buffer(np.frombuffer(text, np.uint8).copy()) for text in texts]
    return pa.Array.from_buffers(
        column.type, len(column), [valid, views, *own], column.null_count, column.offset
    )


def pick(column: pa.Array, rows: Numbers | NDArray[np.int32]) -> pa.Array:
    """Some rows of a column; null for NOBODY. Texts are not copied, only where they lie."""
    if not len(column):
        return pa.nulls(len(rows), column.type)
    if column.type != pa.string_view():
        return column.take(pa.array(rows, mask=rows < 0))
    valid = rows >= 0
    if column.null_count:
        valid &= _valid(column)[rows]
    _, views, *texts = column.buffers()
    # 16 bytes a text: its length and its first letters, or the buffer and place where it lies.
    places = np.frombuffer(views, np.complex128)[column.offset : column.offset + len(column)]
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    picked = pa.py_buffer(places.take(rows, mode="wrap"))
    return pa.Array.from_buffers(column.type, len(rows), [bitmap, picked, *texts])
