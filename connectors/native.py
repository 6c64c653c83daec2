"""Native Arrow values as the text that their source shows, so that one law types all of them."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds


def as_text(column: pa.Array) -> pa.Array:
    """The column as strings, exact and in ISO 8601; bytes that are no UTF-8 stay as they are."""
    kind = column.type
    if kinds.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if kinds.is_null(kind):
        return pa.nulls(len(column), pa.string())
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return column.cast(pa.binary()).cast(pa.string(), safe=False)
    if kinds.is_float16(kind):
        return column.cast(pa.float32()).cast(pa.string())
    if kinds.is_nested(kind) or kinds.is_duration(kind):
        cells = [None if cell is None else _document(cell) for cell in column.to_pylist()]
        return pa.array(cells, pa.string())
    return column.cast(pa.string())


def _document(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
