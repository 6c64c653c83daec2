"""The cells of a sheet as the text that a person sees there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from python_calamine import CalamineSheet

from connectors.cells.faults import FaultCode
from connectors.excel_marks import Marks

DIGITS = 10**15  # a spreadsheet number keeps 15 digits; what was typed beyond them is gone
CellFault = tuple[FaultCode, str]
Value = int | float | str | bool | time | date | datetime | timedelta


class SheetRow(NamedTuple):
    """One row; `faults` are by the place of the cell, whose text then stands there only."""

    cells: list[str]
    faults: dict[int, CellFault]


def sheet_rows(sheet: CalamineSheet, marks: Marks, skip: int) -> Iterator[SheetRow]:
    """All rows below the first `skip` of the sheet, blank ones included."""
    left = sheet.start[1] if sheet.start else 0
    fill = _merged_downwards(sheet)
    held: dict[int, Value] = {}
    for number, values in islice(enumerate(sheet.iter_rows()), skip, None):
        row = SheetRow([], {})
        for place, value in enumerate(values):
            at = (number, left + place)
            if at in fill:
                if fill[at] == number:
                    held[at[1]] = value
                value = held.get(at[1], value)
            text, fault = cell_text(value)
            if at in marks:
                text, fault = marks[at]
            row.cells.append(text)
            if fault:
                row.faults[place] = (fault, text)
        yield row


def cell_text(value: Value) -> tuple[str, FaultCode | None]:
    """A cell as shown: whole numbers without a point, moments in ISO 8601."""
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, str):
        return value, None
    if isinstance(value, int | float):
        text = f"{Decimal(f'{value:.15g}'):f}"
        return text, "out_of_range" if abs(value) >= DIGITS else None
    if isinstance(value, datetime):
        return value.isoformat(" "), None
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}", None
    return value.isoformat(), None


def _merged_downwards(sheet: CalamineSheet) -> dict[tuple[int, int], int]:
    """Cells of merged areas one column wide, with the row that holds their value."""
    return {
        (row, left): top
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if left == right
        for row in range(top, bottom + 1)
    }
