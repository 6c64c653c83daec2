"""Reads a city back as text, past every connector of the hub."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import sqlalchemy

from sample.drops import file_name
from sample.target import Target
from schemas.catalog import load_catalog
from schemas.contract import Supply

CATALOG = Path(__file__).parents[2] / "schemas"
DAY = date(2026, 7, 1)
Rows = list[dict[str, str | None]]


def read_city(target: Target, day: date = DAY) -> dict[str, Rows]:
    """All supplies, rows by field name in the order of the front end."""
    catalog = load_catalog(CATALOG, target.home)
    return {name: read_supply(target, s, day) for name, s in catalog.supplies.items()}


def read_supply(target: Target, supply: Supply, day: date = DAY) -> Rows:
    """One supply; cells as text, columns by position so that renamed ones count."""
    if supply.properties.files:
        cells = _read_file(target.drop(supply.department.name) / file_name(supply, day), supply)
    else:
        cells = _read_table(target.database(supply.department.name), supply)
    names = [field.name for field in supply.fields]
    return [dict(zip(names, map(_text, row), strict=True)) for row in cells]


def _read_table(url: str, supply: Supply) -> list[Any]:
    engine = sqlalchemy.create_engine(url)
    quoted = engine.dialect.identifier_preparer.quote_identifier(supply.physical_name)
    with engine.connect() as connection:
        rows = list(connection.exec_driver_sql(f"SELECT * FROM {quoted}"))
    engine.dispose()
    return rows


def _read_file(path: Path, supply: Supply) -> list[Any]:
    files = supply.properties.files
    assert files is not None
    if path.suffix == ".csv":
        with path.open(encoding=files.encodings[0], newline="") as lines:
            return list(csv.reader(lines))[1:]
    if path.suffix == ".parquet":
        return [list(row.values()) for row in pq.read_table(path).to_pylist()]
    book = openpyxl.load_workbook(path, read_only=True)
    return list(book[files.sheet or book.sheetnames[0]].iter_rows(min_row=2, values_only=True))


def _text(cell: Any) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, float):
        return f"{cell:.6f}".rstrip("0").rstrip(".")
    text = str(cell)
    if "." in text and text.replace(".", "", 1).removeprefix("-").isdigit():
        return text.rstrip("0").rstrip(".")
    return text


def names_on_disk(folder: Path) -> list[bytes]:
    """File names as bytes, sorted."""
    return sorted(os.fsencode(path.name) for path in folder.iterdir())
