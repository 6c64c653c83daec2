"""Cells that are not what the contract promised, and how a batch carries them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.arrow import FAULT

FaultCode = Literal[
    "not_integer",
    "not_number",
    "not_boolean",
    "not_date",
    "not_timestamp",
    "not_time",
    "not_text",  # bytes that are no UTF-8, or a NUL
    "not_json",
    "out_of_range",  # a legal value there that the type here cannot hold: BC, infinity, 24:00
    "scale_lost",  # more decimals than promised
    "too_wide",  # a file's row with more cells than its header
    "too_short",
    "bad_quote",  # a file's row whose quoting is malformed or never closed
    "no_header",  # a file's row without a header that the contract knows
]


class Fault(NamedTuple):
    """One bad cell: the row's place in its batch, the contract's field, why, the text shown."""

    row: int
    field: str
    code: FaultCode
    text: str


class Illegal(ValueError):
    """Raised by the parsers of single cells; always caught within this package."""

    def __init__(self, code: FaultCode) -> None:
        super().__init__(code)
        self.code: FaultCode = code


def faults_column(faults: Iterable[Fault], rows: int) -> pa.ListArray:
    """The `_faults` column of a batch of `rows` rows: null where every cell was legal."""
    ordered = sorted(faults, key=lambda fault: fault.row)
    if not ordered:
        return pa.nulls(rows, pa.list_(FAULT))
    counts = np.zeros(rows, dtype=np.int32)
    for row, of_row in groupby(ordered, key=lambda fault: fault.row):
        counts[row] = len(list(of_row))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    entries = pa.StructArray.from_arrays(
        [pa.array([getattr(f, name) for f in ordered], pa.string()) for name in FAULT.names],
        fields=list(FAULT),
    )
    return pa.ListArray.from_arrays(
        pa.array(offsets), entries, mask=pa.array(counts == 0), type=pa.list_(FAULT)
    )


def faults_in(column: pa.Array) -> list[Fault]:
    """The faults that a reader found before typing, such as rows that were too wide."""
    return [
        Fault(row, entry["field"], entry["code"], entry["text"])
        for row, entries in enumerate(column.to_pylist())
        for entry in entries or ()
    ]
