"""What tells one database from another, for those who write into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from hub.channels.protocol import RECORD
from hub.errors import DeliveryError


@dataclass(frozen=True)
class Column:
    """One column of a table as it stands; `demanded`: a row cannot leave it out."""

    type: str
    demanded: bool


@dataclass(frozen=True)
class Face:
    """One kind of database over a driver's connection, which commits nothing by itself."""

    mark: str  # what stands for a value in a statement
    types: Mapping[str, str]  # id, text, long, number, moment: of the hub's own tables
    ending: str  # of CREATE TABLE
    errors: tuple[type[Exception], ...]
    quote: Callable[[str], str]  # an identifier
    type_of: Callable[[pa.Field], str]  # spelled as the server shows it afterwards
    columns: Callable[[Any, str | None, str], dict[str, Column]]  # of schema, table; none: no table
    begin: Callable[[Any], None]  # the transaction of a delivery
    locking: str  # after a SELECT: nobody else delivers until the transaction ends
    insert: Callable[[Any, str, pa.RecordBatch], None]  # into a quoted table
    passes: Callable[[Exception], bool]  # what may pass: no connection, a lock, a deadlock
    kind: Callable[[Exception], str]  # never the message, which may quote a row


def run(connection: Any, statement: str, values: Sequence[object] = ()) -> int:
    """Execute one statement; the number of rows that it touched."""
    cursor = connection.cursor()
    try:
        cursor.execute(statement, tuple(values))
        return int(cursor.rowcount)
    finally:
        cursor.close()


def rows(connection: Any, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """The rows of a small query."""
    cursor = connection.cursor()
    try:
        cursor.execute(query, tuple(values))
        return [tuple(row) for row in cursor.fetchall()]
    finally:
        cursor.close()


def expected(face: Face, schema: pa.Schema) -> dict[str, str]:
    """Name and type of every column that the hub writes."""
    return {field.name: face.type_of(field) for field in schema}


def create_table(face: Face, name: str, schema: pa.Schema) -> str:
    """CREATE TABLE of the rows of a grant, known by their record ids."""
    lines = [
        f"{face.quote(column)} {kind}{' NOT NULL PRIMARY KEY' if column == RECORD else ''}"
        for column, kind in expected(face, schema).items()
    ]
    return f"CREATE TABLE {name} ({', '.join(lines)}){face.ending}"


def misfit(face: Face, found: Mapping[str, Column], schema: pa.Schema) -> str | None:
    """What the subscriber changed in its table, in words; None: everything fits."""
    wanted = expected(face, schema)
    for name, kind in wanted.items():
        if name not in found:
            return f"column {name} is not there"
        if found[name].type != kind:
            return f"column {name} is {found[name].type} instead of {kind}"
    for name, column in found.items():
        if name not in wanted and column.demanded:
            return f"column {name}, which the grant does not have, must not be empty"
    return None


def standard_quote(name: str) -> str:
    """An identifier as the SQL standard quotes it."""
    return '"' + name.replace('"', '""') + '"'


def no_such_type(field: pa.Field) -> DeliveryError:
    return DeliveryError(f"field {field.name} has a type that no column holds: {field.type}")
