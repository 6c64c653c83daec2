"""A subscriber's SQLite file: decimals, dates and times are text, exact as they were delivered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from hub.channels.database import opened
from hub.channels.face import Column, Face, no_such_type, rows, run, standard_quote
from hub.channels.protocol import Channel
from hub.channels.tables import TableChannel
from schemas.sharing import DatabaseInbox

WAIT_S = 60


@contextmanager
def open_sqlite(inbox: DatabaseInbox, department: str) -> Iterator[Channel]:
    """The subscriber's SQLite file; raises `DeliveryError`."""
    arguments = {"timeout": WAIT_S, "isolation_level": None}  # transactions begin where we say
    with opened(inbox, department, "sqlite", FACE, arguments) as connection:
        yield TableChannel(connection, FACE, department, inbox.schema_name)


def type_of(field: pa.Field) -> str:
    kind = field.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "INTEGER"
    if pa.types.is_floating(kind):
        return "REAL"
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise no_such_type(field)
    return "TEXT"


def columns(connection: Any, schema: str | None, table: str) -> dict[str, Column]:
    found = rows(connection, "SELECT * FROM pragma_table_info(?)", [table])
    return {
        name: Column(kind, bool(required) and default is None and not key)
        for _, name, kind, required, default, key in found
    }


def begin(connection: Any) -> None:
    run(connection, "BEGIN IMMEDIATE")


def insert(connection: Any, table: str, batch: pa.RecordBatch) -> None:
    names = ", ".join(map(standard_quote, batch.schema.names))
    marks = ", ".join(["?"] * batch.num_columns)
    columns = [_plain(column).to_pylist() for column in batch.columns]
    connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({marks})", zip(*columns, strict=True)
    )


def passes(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def kind(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    return f"{type(error).__name__} {name}".strip()


def _plain(column: pa.Array) -> pa.Array:
    kind = column.type
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return column if plain else column.cast(pa.string())


FACE = Face(
    mark="?",
    types={"id": "TEXT", "text": "TEXT", "number": "INTEGER", "moment": "TEXT", "long": "TEXT"},
    ending="",
    errors=(sqlite3.Error, OSError),
    quote=standard_quote, type_of=type_of, columns=columns, begin=begin, locking="",
    insert=insert, passes=passes, kind=kind,
)  # fmt: skip
