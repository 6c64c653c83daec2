"""Cells that lie scattered in one buffer, gathered into Arrow columns without a Python loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]  # a buffer has less than 2 GiB
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """One column of a block: where each row's bytes start and how many they are."""

    buffer: Bytes
    starts: Places
    lengths: Places  # 0 where there is no value
    valid: Mask

    def bytes_of(self, row: int) -> bytes | None:
        start, length = int(self.starts[row]), int(self.lengths[row])
        return self.buffer[start : start + length].tobytes() if self.valid[row] else None

    def numbers(self, dtype: str, offset: int = 0) -> npt.NDArray[np.int64]:
        """The fixed-width number at `offset` of each cell; whatever lies there if it is null."""
        # Behind a null stands the next cell, or the buffer's spare end.
        return overlapping(self.buffer, dtype)[self.starts + offset].astype(np.int64)


def overlapping(buffer: Bytes, dtype: str) -> npt.NDArray[np.integer]:
    """A view of the number that starts at every single byte."""
    kind = np.dtype(dtype)
    count = max(len(buffer) - kind.itemsize + 1, 0)
    return np.ndarray((count,), kind, buffer, strides=(1,))


SPARE = bytes(16)
TEXT = pa.string()


def sealed(buffer: bytearray, end: int) -> tuple[Bytes, bytearray]:
    """The first `end` bytes, without copying them, and the rest in a buffer of its own.

    Behind them come some spare bytes, so that a number can be looked at wherever a cell starts.
    """
    rest = buffer[end:]
    del buffer[end:]
    buffer += SPARE
    return np.frombuffer(buffer, np.uint8), rest


def bitmap(valid: Mask) -> pa.Buffer | None:
    """Arrow's validity bits; None where every row is valid."""
    return None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))


def fixed(values: npt.NDArray[np.generic], valid: Mask, kind: pa.DataType) -> pa.Array:
    """An Arrow column over a numpy array of its very layout."""
    buffers = [bitmap(valid), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(kind, len(valid), buffers)


def strings(cells: Cells, kind: pa.DataType = TEXT) -> pa.Array:
    """The cells' bytes copied together; as text they are not yet proven to be UTF-8."""
    rows = len(cells.starts)
    if not rows:
        return pa.array([], kind)
    # Cells and the gaps between them are the elements of one long binary array: taking every
    # second one copies the cells together in C++.
    edges = np.empty(2 * rows, np.int32)
    edges[0::2] = cells.starts
    edges[1::2] = cells.starts + cells.lengths
    buffers = [None, pa.py_buffer(edges), pa.py_buffer(cells.buffer)]
    whole = pa.Array.from_buffers(kind, 2 * rows - 1, buffers)
    packed = whole.take(pa.array(np.arange(0, 2 * rows, 2, dtype=np.int32)))
    if cells.valid.all():
        return packed
    return pa.Array.from_buffers(
        kind, rows, [bitmap(cells.valid), *packed.buffers()[1:]], offset=packed.offset
    )
