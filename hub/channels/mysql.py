"""A subscriber's MySQL or MariaDB: InnoDB alone, strict, nothing that commits by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pymysql

from hub.channels.database import opened
from hub.channels.face import Column, Face, no_such_type, rows, run
from hub.channels.protocol import RECORD, Channel
from hub.channels.tables import TableChannel
from schemas.sharing import DatabaseInbox

COLUMNS = """
SELECT c.column_name, c.column_type,
       c.is_nullable = 'NO' AND c.column_default IS NULL AND c.extra = '', t.engine
FROM information_schema.columns c JOIN information_schema.tables t
  ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = coalesce(%s, database()) AND c.table_name = %s
ORDER BY c.ordinal_position"""
WIDTH = re.compile(r"^((?:tiny|small|medium|big)?int)\(\d+\)")  # MariaDB shows it, MySQL 8 does not
LOCK_WAIT_S = 60
PASSING = {1040, 1053, 1159, 1161, 1205, 1213, 2002, 2003, 2006, 2013, 2014, 2055, 4031}
"""Too many connections, shutting down, network, lock wait, deadlock, connection lost."""
SETTINGS = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', "
    "innodb_lock_wait_timeout = {}"
)
DENIED = {1044, 1142, 1143, 1227, 1290}


@contextmanager
def open_mysql(inbox: DatabaseInbox, department: str) -> Iterator[Channel]:
    """The subscriber's MySQL or MariaDB; raises `DeliveryError`."""
    arguments = {"connect_timeout": 20, "charset": "utf8mb4", "read_timeout": 3600}
    settings = SETTINGS.format(LOCK_WAIT_S)
    with opened(inbox, department, "mysql+pymysql", FACE, arguments, settings) as connection:
        yield TableChannel(connection, FACE, department, inbox.schema_name)


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def type_of(field: pa.Field) -> str:
    kind = field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "varchar(64)" if field.name == RECORD else "longtext"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_boolean(kind):
        return "tinyint(1)"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "datetime(6)"  # UTC; its `timestamp` ends in 2038
    raise no_such_type(field)


def columns(connection: Any, schema: str | None, table: str) -> dict[str, Column]:
    found = {}
    for name, kind, demanded, engine in rows(connection, COLUMNS, [schema, table]):
        shown = kind if kind == "tinyint(1)" else WIDTH.sub(r"\1", kind)
        if (engine or "").lower() != "innodb":
            shown = f"of a table of {engine}, which has no transactions,"
        found[name] = Column(shown, bool(demanded))
    return found


def begin(connection: Any) -> None:
    run(connection, "START TRANSACTION")


def insert(connection: Any, table: str, batch: pa.RecordBatch) -> None:
    names = ", ".join(map(quote, batch.schema.names))
    marks = ", ".join(["%s"] * batch.num_columns)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    columns = [column.to_pylist() for column in batch.columns]
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(zip(*columns, strict=True)))


def passes(error: Exception) -> bool:
    return _number(error) in PASSING or isinstance(error, OSError)


def kind(error: Exception) -> str:
    if _number(error) in DENIED:
        return f"the account may not write there ({_number(error)})"
    return f"{type(error).__name__} {_number(error) or ''}".strip()


def _number(error: Exception) -> int | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None


FACE = Face(
    mark="%s",
    types={
        "id": "varchar(128)", "text": "varchar(255)", "long": "longtext", "number": "bigint",
        "moment": "datetime",
    },
    ending=" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    errors=(pymysql.Error, OSError),
    quote=quote, type_of=type_of, columns=columns, begin=begin, locking=" FOR UPDATE",
    insert=insert, passes=passes, kind=kind,
)  # fmt: skip
