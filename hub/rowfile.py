"""Rows handed to people: one query written as CSV, Excel or Parquet, by the file's extension."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from duckdb import DuckDBPyConnection, IOException

from hub.errors import SettingsError
from hub.store import literal

EXCEL = ".xlsx"
EXCEL_ROWS = 1_048_575  # a sheet holds no more below its header
_OPTIONS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet"}


def require_known(target: Path) -> None:
    """Raise `SettingsError` for an extension that rows cannot be written as."""
    if target.suffix not in (*_OPTIONS, EXCEL):
        raise SettingsError(f"cannot write {target.suffix!r}: use .csv, .xlsx or .parquet")


def unwritable(target: Path, error: Exception) -> SettingsError:
    """The error of a file that cannot be written, in the system's own words, which hold no row."""
    why = error.strerror if isinstance(error, OSError) else None
    return SettingsError(f"{target} cannot be written{f': {why}' if why else ''}")


def write_rows(connection: DuckDBPyConnection, query: str, target: Path) -> int:
    """Write the query's rows and return how many there are; raises `SettingsError`.

    Excel cells are text, so that numbers of 18 digits and leading zeros survive.
    """
    require_known(target)
    if target.suffix != EXCEL:
        options = _OPTIONS[target.suffix]
        copy = f"COPY ({query}) TO {literal(target)} ({options})"
        try:
            row = connection.execute(copy).fetchone()
        except IOException as error:
            raise unwritable(target, error) from error
        return int(row[0]) if row else 0
    found = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})")
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    if len(rows) > EXCEL_ROWS:
        raise SettingsError(f"{len(rows):,} rows do not fit into a sheet: write .csv or .parquet")
    try:
        # Opened before the book is begun: openpyxl prints a traceback of one it cannot save.
        with target.open("wb") as file:
            _write_sheet([names, *rows], file)
    except OSError as error:
        raise unwritable(target, error) from error
    return len(rows)


def _write_sheet(rows: Sequence[Sequence[str | None]], file: IO[bytes]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = []
        for text in row:
            # A sheet cannot hold control characters; quarantined cells may.
            fit = ILLEGAL_CHARACTERS_RE.sub(lambda c: f"\\x{ord(c.group()):02x}", text or "")
            cell = WriteOnlyCell(sheet, fit or None)
            if fit:
                cell.data_type = "s"  # what a department sent never runs as a formula
            cells.append(cell)
        sheet.append(cells)
    book.save(file)
