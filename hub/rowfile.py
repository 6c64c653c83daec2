"""Rows handed to people: one query written as CSV, Excel or Parquet, by the file's extension."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from duckdb import DuckDBPyConnection, IOException

from hub.errors import SettingsError
from hub.store import literal

CSV = ".csv"
MARK = b"\xef\xbb\xbf"  # tells Excel that a CSV file is UTF-8
EXCEL = ".xlsx"
EXCEL_ROWS = 1_048_575  # a sheet holds no more below its header
TITLE = 31  # characters that the name of a sheet may have
_OPTIONS = {CSV: "FORMAT csv, HEADER", ".parquet": "FORMAT parquet"}


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


def hand_over(written: Path, out: Path) -> None:
    """Copy to a file that only its owner may read, from its first byte on; all of it or nothing."""
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        handle = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as target, written.open("rb") as source:
                if out.suffix == CSV:
                    target.write(MARK)
                shutil.copyfileobj(source, target)
            fresh.replace(out)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(out, error) from error


def write_book(target: Path, sheets: Sequence[tuple[str, Sequence[Sequence[str | None]]]]) -> None:
    """Write several sheets of text, each with its title; raises `SettingsError`.

    A title is cut and rid of signs as Excel demands.
    """
    from openpyxl import Workbook
    from openpyxl.workbook.child import INVALID_TITLE_REGEX

    for title, rows in sheets:
        if len(rows) > EXCEL_ROWS:
            raise SettingsError(f"{len(rows):,} rows do not fit into the sheet {title}")
    book = Workbook(write_only=True)
    for title, rows in sheets:
        _fill_sheet(book.create_sheet(INVALID_TITLE_REGEX.sub(" ", title)[:TITLE]), rows)
    with target.open("wb") as file:
        book.save(file)


def _write_sheet(rows: Sequence[Sequence[str | None]], file: IO[bytes]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _fill_sheet(book.create_sheet(), rows)
    book.save(file)


def _fill_sheet(sheet: Any, rows: Sequence[Sequence[str | None]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

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
