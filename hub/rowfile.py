"""Rows handed to people: one query written as CSV, Excel or Parquet, by the file's extension."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from hub.errors import SettingsError
from hub.store import literal

EXCEL = ".xlsx"
EXCEL_ROWS = 1_048_575  # a sheet holds no more below its header
_OPTIONS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet"}


def require_known(target: Path) -> None:
    """Raise `SettingsError` for an extension that rows cannot be written as."""
    if target.suffix not in (*_OPTIONS, EXCEL):
        raise SettingsError(f"cannot write {target.suffix!r}: use .csv, .xlsx or .parquet")


def write_rows(connection: DuckDBPyConnection, query: str, target: Path) -> int:
    """Write the query's rows and return how many there are; raises `SettingsError`.

    Excel cells are text, so that numbers of 18 digits and leading zeros survive.
    """
    require_known(target)
    if target.suffix != EXCEL:
        options = _OPTIONS[target.suffix]
        row = connection.execute(f"COPY ({query}) TO {literal(target)} ({options})").fetchone()
        return int(row[0]) if row else 0
    frame = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})").df()
    if len(frame) > EXCEL_ROWS:
        raise SettingsError(f"{len(frame):,} rows do not fit into a sheet: write .csv or .parquet")
    frame.to_excel(target, index=False, engine="openpyxl")
    return len(frame)
