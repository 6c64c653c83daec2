"""Parcels of invented rows: whole versions, and the changes between them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hub.channels.protocol import CHANGE, RECORD, Content, Notice, Packed, Parcel
from hub.recalls import COLUMNS

GRANT, DATASET = "G2026-000007", "people"
SCHEMA = pa.schema(
    [
        (RECORD, pa.string()),
        ("name", pa.string()),
        ("age", pa.int64()),
        ("balance", pa.decimal128(18, 2)),
        ("share", pa.float64()),
        ("alive", pa.bool_()),
        ("born", pa.date32()),
        ("seen_at", pa.timestamp("us", tz="UTC")),
    ]
)
Row = dict[str, Any]
ODD = (
    "",
    "空 白",
    'quo"te',
    "a,b",
    "line\nbreak",
    "\\N",
    "back\\slash",
    "欧阳娜娜𠮷",
    "%s",
    "it's",
)


def row(number: int, version: int) -> Row:
    """One row; every fifth changes with each version, and every cell is null somewhere."""
    moved = version if number % 5 == version % 5 else 0
    made: Row = {
        "name": ODD[number % len(ODD)],
        "age": number * 7 - 100 + moved,
        "balance": Decimal(number * 997 + moved).scaleb(-2),
        "share": number / 7,
        "alive": number % 2 == 0,
        "born": date(1900, 1, 1) + timedelta(days=number),
        "seen_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=number),
    }
    for place, name in enumerate(made):
        if number % 11 == place:
            made[name] = None
    return {RECORD: hashlib.md5(str(number).encode()).hexdigest(), **made}


@lru_cache
def rows(version: int, count: int) -> Mapping[str, Row]:
    """All rows of a version by record id: some left, some came since the version before."""
    numbers = range(version * 3, count + version * 10)
    made = (row(number, version) for number in numbers if number % 13 != version % 13)
    return {each[RECORD]: each for each in made}


def changes(old: Mapping[str, Row], new: Mapping[str, Row]) -> list[Row]:
    """The difference as a change feed, by record id."""
    found = []
    for key in sorted({**old, **new}):
        if key not in new:
            found.append({**old[key], CHANGE: "delete"})
        elif key not in old:
            found.append({**new[key], CHANGE: "insert"})
        elif old[key] != new[key]:
            found.append({**old[key], CHANGE: "update_preimage"})
            found.append({**new[key], CHANGE: "update_postimage"})
    return found


def packed(folder: Path, name: str, listed: list[Row], kind: str) -> Packed:
    """Rows as one Parquet file."""
    schema = SCHEMA.append(pa.field(CHANGE, pa.string())) if kind == "changes" else SCHEMA
    path = folder / name
    table = pa.Table.from_pylist(sorted(listed, key=lambda each: each[RECORD]), schema)
    pq.write_table(table, path, row_group_size=1000)
    data = path.read_bytes()
    return Packed(path, name, hashlib.sha256(data).hexdigest(), len(data), len(listed))


def whole(folder: Path, version: int, count: int, anew: bool = False) -> Parcel:
    """All rows of a version."""
    file = packed(folder, "rows-1.parquet", list(rows(version, count).values()), "rows")
    content = Content("rows", version, (file,))
    return _parcel(version, None, (content,), anew)


def change(folder: Path, base: int, version: int, count: int) -> Parcel:
    """What changed after `base`, version by version."""
    contents = []
    for step in range(base + 1, version + 1):
        listed = changes(rows(step - 1, count), rows(step, count))
        file = packed(folder, f"changes-{step:06d}-1.parquet", listed, "changes")
        contents.append(Content("changes", step, (file,)))
    return _parcel(version, base, tuple(contents), False)


def notice(folder: Path, cells: Mapping[str, list[str]], mended_in: int = 5) -> Notice:
    """A recall of some fields of some records."""
    said = {"recall_id": "c0ffee", "grant_id": GRANT, "first_version": 2, "mended_in": mended_in}
    listed = [
        {**said, "record_id": record, "field": field, "change": "updated", "now_record": None}
        for record, fields in cells.items()
        for field in fields
    ]
    path = folder / "c0ffee.parquet"
    pq.write_table(pa.Table.from_pylist(listed, COLUMNS), path)
    data = path.read_bytes()
    file = Packed(path, path.name, hashlib.sha256(data).hexdigest(), len(data), len(listed))
    return Notice("c0ffee", said, file)


def delivery(version: int) -> str:
    return hashlib.sha256(f"delivery {version}".encode()).hexdigest()


def _parcel(version: int, base: int | None, contents: tuple[Content, ...], anew: bool) -> Parcel:
    follows = None if base is None else delivery(base)
    return Parcel(
        delivery(version), GRANT, "welfare", DATASET, version, base, follows, SCHEMA, contents, anew
    )
