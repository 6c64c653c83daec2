"""Front-end databases: tables made after their contract, filled by each server's bulk load.

Tables carry no key and no NOT NULL, as front-end databases do; that is how bad rows get in. An
index on (watermark, key) is made after the load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from sample.text import Columns
from schemas.contract import Supply

_TYPES = {"mysql": {"timestamp": "datetime"}}
_ROWS = 2_000


def open_database(url: str) -> Engine:
    """An engine that writes fast: a sample city that breaks while it is built is built again."""
    mysql = url.startswith(("mysql", "mariadb"))
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"local_infile": True} if mysql else {}
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hurry)
    return engine


def _hurry(connection: Any, _: Any) -> None:
    for setting in ("journal_mode = OFF", "synchronous = OFF"):
        connection.execute(f"PRAGMA {setting}")


def create_table(connection: Connection, supply: Supply, renamed: dict[str, str]) -> None:
    """Make the supply's table anew; `renamed` maps columns that have lost their promised name."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    types = _TYPES.get(connection.dialect.name, {})
    columns = ", ".join(
        f"{quote(renamed.get(f.column, f.column))} "
        f"{types.get(f.physical_type or '', f.physical_type)}"
        for f in supply.fields
    )
    table = quote(supply.physical_name)
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
    tail = " CHARACTER SET utf8mb4" if connection.dialect.name == "mysql" else ""
    connection.exec_driver_sql(f"CREATE TABLE {table} ({columns}){tail}")


def create_index(connection: Connection, supply: Supply) -> None:
    """The index that a keyset read by (watermark, key) needs."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    names = [f.column for f in supply.key]
    if supply.pull.watermark:
        names.insert(0, supply.by_name[supply.pull.watermark].column)
    if names:
        listed = ", ".join(quote(name) for name in names)
        index = quote(f"ix_{supply.name.replace('/', '_')}")
        table = quote(supply.physical_name)
        connection.exec_driver_sql(f"CREATE INDEX {index} ON {table} ({listed})")


def insert(connection: Connection, supply: Supply, columns: Columns) -> None:
    """Append rows in their order."""
    cells = [columns[field.name].tolist() for field in supply.fields]
    rows = zip(*cells, strict=True)
    match connection.dialect.name:
        case "postgresql":
            _copy(connection, supply, rows)
        case _:
            _execute_many(connection, supply, rows)


def _execute_many(connection: Connection, supply: Supply, rows: Iterable[Sequence[Any]]) -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(supply.fields))
    statement = f"INSERT INTO {quote(supply.physical_name)} VALUES ({marks})"
    cursor = connection.connection.cursor()
    for part in _parts(rows):
        cursor.executemany(statement, part)
    cursor.close()


def _parts(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    part: list[Sequence[Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _ROWS:
            yield part
            part = []
    if part:
        yield part


def update(
    connection: Connection, supply: Supply, columns: Columns, renamed: dict[str, str]
) -> None:
    """Write rows over those with the same key."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    key = supply.key[0]
    others = [f for f in supply.fields if f is not key]
    sets = ", ".join(f"{quote(renamed.get(f.column, f.column))} = {mark}" for f in others)
    statement = (
        f"UPDATE {quote(supply.physical_name)} SET {sets} WHERE {quote(key.column)} = {mark}"
    )
    cells = [columns[f.name].tolist() for f in (*others, key)]
    _many(connection, statement, list(zip(*cells, strict=True)))


def delete(connection: Connection, supply: Supply, keys: Sequence[str]) -> None:
    """Remove the rows with these keys."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    statement = (
        f"DELETE FROM {quote(supply.physical_name)} WHERE {quote(supply.key[0].column)} = {mark}"
    )
    _many(connection, statement, [(key,) for key in keys])


def _many(connection: Connection, statement: str, rows: list[Any]) -> None:
    cursor = connection.connection.cursor()
    if rows:
        cursor.executemany(statement, rows)
    cursor.close()


_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPED = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


def _copy(connection: Connection, supply: Supply, rows: Iterable[Sequence[Any]]) -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    driver: Any = connection.connection.cursor()
    with driver, driver.copy(f"COPY {quote(supply.physical_name)} FROM STDIN") as copy:
        for part in _parts(rows):
            copy.write("".join("\t".join(map(_copied, row)) + "\n" for row in part))


def _copied(cell: str | None) -> str:
    if cell is None:
        return r"\N"
    return _SPECIAL.sub(lambda found: _ESCAPED[found.group()], cell)
