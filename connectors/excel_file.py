"""Excel drops: every cell as the text that the sheet shows, then typed like all others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from connectors.excel_cells import SheetRow, sheet_rows
from connectors.excel_marks import marks_of
from connectors.headers import Header, folded, match_header, unnamed_drift
from connectors.opened import OpenedFile, RowFault, Sums, TextRow, shaped, typed
from connectors.protocol import LiveColumn, SourceUnreadable, Totals
from schemas.contract import Supply
from schemas.properties import Files

STEP = 20_000  # rows of a chunk, held as Python strings


def open_excel(path: Path, supply: Supply, timezone: str) -> OpenedFile:
    """Open the contract's sheet, or the first visible one; `skipRows` counts the sheet's rows.

    Rows without content are no records; a cell that is merged downwards counts for all its rows.
    Raises `SourceUnreadable` when it is no workbook, or has no such sheet.
    """
    files = supply.properties.files or Files(pattern="*")
    try:
        sheet = _sheet(path, files)
        marks = marks_of(path, sheet.name)
    except (CalamineError, BadZipFile, ParseError, OSError, KeyError, ValueError) as error:
        raise SourceUnreadable(f"{path.name} cannot be read as a workbook") from error

    def records() -> Iterator[SheetRow]:
        rows = sheet_rows(sheet, marks, files.skip_rows)
        return (row for row in rows if any(map(str.strip, row.cells)))

    header = match_header(_trimmed(next(records(), SheetRow([], {})).cells), supply)
    first = 1 if header.positions else 0
    totals, unnamed = _count(islice(records(), first, None), header, supply)
    return OpenedFile(
        columns=tuple(LiveColumn(name, "cell") for name in header.headings),
        drift=header.drift + tuple(map(unnamed_drift, unnamed)),
        totals=totals,
        batches=_batches(islice(records(), first, None), header, supply, timezone),
    )


def _sheet(path: Path, files: Files) -> CalamineSheet:
    workbook = CalamineWorkbook.from_path(path)
    sheets = [s for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    for found in sheets:
        shown = files.sheet is None and found.visible == SheetVisibleEnum.Visible
        if shown or (files.sheet is not None and folded(found.name) == folded(files.sheet)):
            return workbook.get_sheet_by_name(found.name)
    names = ", ".join(found.name for found in sheets)
    wanted = "visible sheet" if files.sheet is None else f"sheet {files.sheet!r}"
    raise SourceUnreadable(f"{path.name} has no {wanted}; its sheets: {names}")


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _count(
    rows: Iterator[SheetRow], header: Header, supply: Supply
) -> tuple[Totals, tuple[int, ...]]:
    count, sums, filled = 0, Sums(header, supply), set[int]()
    while chunk := [row.cells for row in islice(rows, STEP)]:
        count += len(chunk)
        sums.add(chunk)
        filled |= {at for at in header.unnamed if any(row[at].strip() for row in chunk)}
    return Totals(count, sums.sums), tuple(sorted(filled))


def _batches(
    rows: Iterator[SheetRow], header: Header, supply: Supply, timezone: str
) -> Iterator[pa.RecordBatch]:
    fields = {place: name for name, place in header.positions.items()}
    size = min(STEP, supply.pull.chunk_rows)
    while chunk := [_text_row(row, header, fields) for row in islice(rows, size)]:
        yield typed(chunk, header, supply, timezone)


def _text_row(row: SheetRow, header: Header, fields: dict[int, str]) -> TextRow:
    bad: list[RowFault] = []
    cells: list[str | None] = list(row.cells)
    for place, (code, text) in row.faults.items():
        if place in fields:
            bad.append((fields[place], code, text))
            cells[place] = None
    return TextRow(cells, shaped(row.cells, header).faults + tuple(bad))
