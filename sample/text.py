"""Columns of text: what a generated table is made of before any server sees it.

A cell is `str`, or None for an empty one; arrays are numpy arrays of objects, all of one length.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Text = NDArray[Any]  # dtype object: str or None
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Columns = dict[str, Text]

EPOCH = date(1900, 1, 1)  # days are counted from here
LAST = date(2049, 12, 31)
_FEN = 100


def texts(values: Sequence[Any]) -> Text:
    """A column of the given cells."""
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    return column


def same(text: str | None, rows: int) -> Text:
    """A column of one cell, repeated."""
    column = np.empty(rows, dtype=object)
    column[:] = text
    return column


def number_of(day: date) -> int:
    """A date as days since `EPOCH`."""
    return (day - EPOCH).days


def date_of(number: int) -> date:
    """The date that a number of days stands for."""
    return EPOCH + timedelta(days=int(number))


@cache
def _days(style: str) -> Text:
    every = np.arange(str(EPOCH), str(LAST + timedelta(days=1)), dtype="datetime64[D]")
    iso = np.datetime_as_string(every).tolist()
    spelt = (style.replace("%Y", d[:4]).replace("%m", d[5:7]).replace("%d", d[8:]) for d in iso)
    return texts(list(spelt))


def days(numbers: Numbers, style: str = "%Y-%m-%d") -> Text:
    """Days since `EPOCH` as dates in the given style; negative numbers are empty cells."""
    column = _days(style)[np.maximum(numbers, 0)]
    column[numbers < 0] = None
    return column


@cache
def _padded(width: int) -> Text:
    return texts([f"{n:0{width}d}" for n in range(10**width)])


def padded(numbers: Numbers, width: int) -> Text:
    """Non-negative numbers with leading zeros, `width` up to 12 digits."""
    if width <= 4:
        return _padded(width)[numbers]
    return padded(numbers // 10_000, width - 4) + _padded(4)[numbers % 10_000]


@cache
def _clock() -> Text:
    return texts([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(24 * 60 * 60)])


def moments(numbers: Numbers, seconds: Numbers) -> Text:
    """Wall-clock times `YYYY-MM-DD HH:MM:SS` from days and seconds of the day."""
    return days(numbers) + " " + _clock()[seconds]


def yuan(fen: Numbers) -> Text:
    """Whole fen as yuan with two decimals."""
    whole = texts([str(n) for n in (fen // _FEN).tolist()])
    return whole + "." + _padded(2)[fen % _FEN]


def plain(numbers: Numbers) -> Text:
    """Whole numbers without padding."""
    return texts([str(n) for n in numbers.tolist()])


def chosen(mask: Mask, yes: Text, no: Text | None = None) -> Text:
    """Cells of `yes` where the mask holds, else of `no` (default: empty)."""
    column = no.copy() if no is not None else same(None, len(yes))
    column[mask] = yes[mask]
    return column
