"""Chunks that can be resumed after: they end only where the order's value changes."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from connectors.faces import Part
from connectors.protocol import Chunk


def unordered(parts: Iterator[Part]) -> Iterator[Chunk]:
    """Chunks of rows that have no place in an order; a broken pull takes them anew."""
    for part in parts:
        yield Chunk(part.rows)


def whole_ties(parts: Iterator[Part]) -> Iterator[Chunk]:
    """Chunks that never split rows of equal (watermark, key).

    Otherwise the rows of a tie that lie behind the cut would be skipped by a resumed pull. The
    rows of a cut tie move on to the next chunk.
    """
    held: Part | None = None
    for part in parts:
        if held is not None:
            cut = _tie_start(held, part.order_texts(0))
            if cut:
                yield Chunk(held.rows.slice(0, cut), held.order_texts(cut - 1))
            part = _joined(held, cut, part)
        held = part
    if held is not None:
        yield Chunk(held.rows, held.order_texts(held.rows.num_rows - 1))


def _tie_start(part: Part, texts: tuple[str, ...]) -> int:
    """The row from which the end of `part` equals `texts`."""
    row: int = part.rows.num_rows
    while row and part.order_texts(row - 1) == texts:
        row -= 1
    return row


def _joined(held: Part, cut: int, part: Part) -> Part:
    moved = held.rows.num_rows - cut
    if not moved:
        return part
    table = pa.Table.from_batches([held.rows.slice(cut), part.rows]).combine_chunks()

    def texts(row: int) -> tuple[str, ...]:
        return held.order_texts(cut + row) if row < moved else part.order_texts(row - moved)

    return Part(table.to_batches()[0], texts)
