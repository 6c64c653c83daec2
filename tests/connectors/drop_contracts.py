"""Contracts for the tests of file drops, made in a line instead of a YAML file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.protocol import Source, Totals
from schemas.contract import Field, FieldType, LogicalType, Supply
from schemas.properties import (
    Department,
    FieldProperties,
    Files,
    Pull,
    SupplyProperties,
    Title,
)

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {
    "text": FieldType(LogicalType.STRING),
    "integer": FieldType(LogicalType.INTEGER),
    "money": FieldType(LogicalType.NUMBER, 18, 2),
    "double": FieldType(LogicalType.NUMBER),
    "date": FieldType(LogicalType.DATE),
    "timestamp": FieldType(LogicalType.TIMESTAMP),
    "time": FieldType(LogicalType.TIME),
    "boolean": FieldType(LogicalType.BOOLEAN),
    "json": FieldType(LogicalType.OBJECT),
}


def field(name: str, kind: str = "text", *, title: str = "", **properties: Any) -> Field:
    """A field whose column bears its name."""
    return Field(
        name=name,
        column=name,
        type=KINDS[kind],
        title=title,
        properties=FieldProperties(**properties),
    )


def supply(*fields: Field, chunk_rows: int = 200_000, **files: Any) -> Supply:
    """A supply of files; a name alone stands for a text field."""
    files = {"pattern": "*", "settle": "PT0S", "format": "csv", **files}
    return Supply(
        name="civil/residents",
        version="1.0.0",
        status="active",
        title="居民",
        title_en="residents",
        physical_name="residents",
        fields=fields,
        quality=(),
        sla=(),
        description=None,
        domain=None,
        path=Path("residents.odcs.yaml"),
        document={},
        department=Department(name="civil", title=Title(zh="民政局", en="Civil Affairs")),
        properties=SupplyProperties(
            files=Files.model_validate(files), pull=Pull(chunk_rows=chunk_rows)
        ),
    )


def read_all(source: Source, promised: Supply) -> list[tuple[str, pa.Table, Totals]]:
    """Every window's file name, rows and totals, oldest first."""
    found = []
    for window in source.windows(promised, None, AS_OF, frozenset()):
        with source.read(promised, window) as extract:
            batches = [chunk.rows for chunk in extract.chunks]
            assert extract.totals is not None and window.file is not None
            rows = pa.Table.from_batches(batches) if batches else pa.table({})
            found.append((window.file, rows, extract.totals))
    return found
