"""Contracts and readings for the tests of databases, made in a line instead of a YAML file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy

from connectors.protocol import Chunk, Extract, Window
from connectors.registry import open_source
from schemas.contract import Field, FieldType, LogicalType, Supply
from schemas.properties import (
    Department,
    FieldProperties,
    Node,
    Pull,
    SupplyProperties,
    Title,
)

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = FieldType(LogicalType.STRING)
INTEGER = FieldType(LogicalType.INTEGER)
MONEY = FieldType(LogicalType.NUMBER, 18, 2)
EXACT = FieldType(LogicalType.NUMBER, 38, 10)
DOUBLE = FieldType(LogicalType.NUMBER)
BOOLEAN = FieldType(LogicalType.BOOLEAN)
DATE = FieldType(LogicalType.DATE)
MOMENT = FieldType(LogicalType.TIMESTAMP)
TIME = FieldType(LogicalType.TIME)
JSON = FieldType(LogicalType.OBJECT)
ARRAY = FieldType(LogicalType.ARRAY)


def field(
    name: str,
    kind: FieldType = TEXT,
    *,
    key: int | None = None,
    column: str | None = None,
    physical: str | None = None,
    **properties: Any,
) -> Field:
    """A field whose column bears its name."""
    return Field(
        name=name,
        column=column or name,
        type=kind,
        title=name,
        key_position=key,
        physical_type=physical,
        properties=FieldProperties(**properties),
    )


def supply(
    *fields: Field, table: str = "t", null_values: tuple[str, ...] = ("",), **pull: Any
) -> Supply:
    """A supply of department `police` over one table."""
    return Supply(
        name="police/t",
        version="1.0.0",
        status="active",
        title="表",
        title_en="table",
        physical_name=table,
        fields=fields,
        quality=(),
        sla=(),
        description=None,
        domain=None,
        path=Path("t.odcs.yaml"),
        document={},
        department=Department(name="police", title=Title(zh="公安", en="Police")),
        properties=SupplyProperties(pull=Pull(**pull), null_values=null_values),
    )


def execute(url: str, *statements: str) -> None:
    """Runs statements as the department would, each committed."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def pull(
    url: str,
    wanted: Supply,
    low: str | None = None,
    high: str | None = None,
    after: tuple[str, ...] | None = None,
    **node: Any,
) -> tuple[Extract, list[Chunk]]:
    """One whole window, read."""
    window = Window(as_of=AS_OF, low=low, high=high)
    with (
        open_source(Node(url=url, **node), "police", Path()) as source,
        source.read(wanted, window, after) as extract,
    ):
        return extract, list(extract.chunks)


def rows_of(chunks: list[Chunk]) -> pa.Table:
    """The chunks' rows in one table; there must be a chunk."""
    return pa.Table.from_batches([chunk.rows for chunk in chunks])
