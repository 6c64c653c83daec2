"""The registry of file formats: one line a format, chosen by contract or by file extension."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from connectors.csv_file import open_csv
from connectors.excel_file import open_excel
from connectors.opened import OpenedFile, OpenFile
from connectors.parquet_file import open_parquet
from connectors.protocol import SourceRefused
from schemas.contract import Supply

FORMATS: dict[str, OpenFile] = {"csv": open_csv, "excel": open_excel, "parquet": open_parquet}
EXTENSIONS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
}


def open_file(path: Path, name: str, supply: Supply, timezone: str) -> OpenedFile:
    """Open a fetched file; `name` is the delivered one, whose extension tells the format.

    Raises `SourceRefused` when neither the contract nor the extension names a format.
    """
    files = supply.properties.files
    kind: str | None = files.format if files else None
    kind = kind or EXTENSIONS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise SourceRefused(f"{name}: the contract names no format, and its extension tells none")
    return FORMATS[kind](path, supply, timezone)
