"""A subscriber's PostgreSQL: rows go in by COPY."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql

from hub.channels.database import opened
from hub.channels.face import Column, Face, no_such_type, rows, run, standard_quote
from hub.channels.protocol import Channel
from hub.channels.tables import TableChannel
from schemas.sharing import DatabaseInbox

COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = coalesce(%s, current_schema()) AND c.relname = %s AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
LOCK_WAIT_S = 60
ARGUMENTS = {"connect_timeout": 20, "keepalives_idle": 60, "keepalives_interval": 20,
             "keepalives_count": 6}  # fmt: skip
"""A server that is gone without a word is noticed within minutes, not hours."""
PASSING = ("08", "40", "53", "55P03", "57P")
"""Connection, rollback (deadlock), resources, lock not available, shutting down."""


@contextmanager
def open_postgresql(inbox: DatabaseInbox, department: str) -> Iterator[Channel]:
    """The subscriber's PostgreSQL; raises `DeliveryError`."""
    with opened(inbox, department, "postgresql+psycopg", FACE, ARGUMENTS) as open_:
        yield TableChannel(open_, FACE, department, inbox.schema_name)


def type_of(field: pa.Field) -> str:
    kind = field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    if pa.types.is_floating(kind):
        return "double precision"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "timestamp with time zone"
    raise no_such_type(field)


def columns(connection: Any, schema: str | None, table: str) -> dict[str, Column]:
    found = rows(connection, COLUMNS, [schema, table])
    return {name: Column(kind, demanded) for name, kind, demanded in found}


def begin(connection: Any) -> None:
    run(connection, f"SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'")
    run(connection, "SET LOCAL TimeZone = 'UTC'")
    run(connection, "SET LOCAL DateStyle = 'ISO, YMD'")


def insert(connection: Any, table: str, batch: pa.RecordBatch) -> None:
    text = io.BytesIO()
    # Text is quoted and an empty cell is not, so that the two do not look alike.
    pyarrow.csv.write_csv(batch, text, pyarrow.csv.WriteOptions(include_header=False))
    names = ", ".join(map(standard_quote, batch.schema.names))
    statement = f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '', ENCODING 'UTF8')"
    with connection.cursor() as cursor, cursor.copy(sql.SQL(statement)) as copy:
        copy.write(text.getbuffer())


def passes(error: Exception) -> bool:
    state = getattr(error, "sqlstate", None)
    if state is None:
        return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, OSError))
    return str(state).startswith(PASSING)


def kind(error: Exception) -> str:
    if isinstance(
        error, (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    ):
        return f"the account may not write there ({error.sqlstate})"
    return f"{type(error).__name__} {getattr(error, 'sqlstate', None) or ''}".strip()


FACE = Face(
    mark="%s",
    types={
        "id": "varchar(128)", "text": "text", "long": "text", "number": "bigint",
        "moment": "timestamp",
    },
    ending="",
    errors=(psycopg.Error, OSError),
    quote=standard_quote, type_of=type_of, columns=columns, begin=begin, locking=" FOR UPDATE",
    insert=insert, passes=passes, kind=kind,
)  # fmt: skip
