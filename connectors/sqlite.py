"""SQLite: an embedded front end, where any column may hold any type."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy

from connectors.cells.rows import without_nulls
from connectors.faces import Face, Part
from connectors.plan import Plan, Query
from connectors.protocol import LiveColumn, Source, SourceMissing, Totals
from connectors.shown import Show, Undecodable, shown, text_column
from connectors.sql_source import open_database
from connectors.texts import typed_part
from connectors.watermark import clock_like
from schemas.contract import Field, FieldType, LogicalType
from schemas.properties import Node

BINARY = FieldType(LogicalType.NUMBER)
EXACT = Context(prec=120)
STEPS = 100_000  # of SQLite's virtual machine between looks at the clock


@contextmanager
def open_sqlite(node: Node, department: str, scratch: Path) -> Iterator[Source]:
    """An open SQLite file; see `connectors.sql_source.open_database`.

    Raises `SourceMissing` where there is no such file, which SQLite would create.
    """
    name = sqlalchemy.make_url(node.url).database
    if not name or not Path(name).is_file():
        raise SourceMissing(f"{department}: there is no database file {name}")
    with open_database(_face, node, department, scratch) as source:
        yield source


def _face(node: Node) -> Face:
    return Face(
        drivers={"sqlite": "sqlite+pysqlite"},
        errors=(sqlite3.Error,),
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 20},
        quote=quote,
        literal=lambda text, column: _string(text),  # the column's affinity converts it
        rank=lambda column: quote(column.name) + " COLLATE BINARY",
        begin=_begin,
        end=lambda connection: _end(_driver(connection)),
        live=lambda connection, schema, table: _live(_driver(connection), table),
        high=lambda connection, plan, low: _high(_driver(connection), plan, low, node.timezone),
        totals=lambda connection, plan, where: _totals(_driver(connection), plan, where),
        parts=lambda connection, query: _parts(_driver(connection), query, node.timezone),
    )


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _driver(connection: sqlalchemy.Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _begin(connection: sqlalchemy.Connection, node: Node) -> None:
    driver = _driver(connection)
    driver.text_factory = _text
    deadline = time.monotonic() + node.statement_timeout_s
    driver.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    driver.execute("PRAGMA query_only = ON")
    driver.execute("BEGIN")


def _end(driver: sqlite3.Connection) -> None:
    if driver.in_transaction:
        driver.rollback()


def _text(data: bytes) -> str | Undecodable:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Undecodable(data)


def _live(driver: sqlite3.Connection, table: str) -> list[LiveColumn]:
    return [
        # Only INTEGER PRIMARY KEY, the row id, forbids null by itself.
        LiveColumn(name, kind, not (required or (key and kind.upper() == "INTEGER")), bool(key))
        for _, name, kind, required, _, key, hidden in driver.execute(
            f"PRAGMA table_xinfo({quote(table)})"
        )
        if hidden != 1
    ]


def _high(driver: sqlite3.Connection, plan: Plan, low: str | None, timezone: str) -> str | None:
    """Embedded, the source's clock is this machine's."""
    mark = plan.watermark
    assert mark is not None
    name = quote(mark.name)
    conditions = [f"{name} > {_string(low)}"] if low is not None else [f"{name} IS NOT NULL"]
    newest = f"SELECT max({name}) FROM {plan.table} WHERE {conditions[0]}"
    [(high,)] = driver.execute(newest)
    text = shown(high)
    field = plan.supply.by_name[plan.supply.pull.watermark or ""]
    zone = ZoneInfo(field.properties.timezone or timezone)
    now = datetime.now(UTC) - plan.supply.pull.lag
    clock = clock_like(text, now, zone) if isinstance(text, str) else None
    if clock is not None and isinstance(text, str) and text > clock:
        [(high,)] = driver.execute(f"{newest} AND {name} <= {_string(clock)}")
        text = shown(high)
    return text if isinstance(text, str) else None


def _totals(driver: sqlite3.Connection, plan: Plan, condition: str | None) -> Totals:
    """Rows, sums and digest, counted from the values themselves: SQLite adds as doubles."""
    summed, key = plan.summed, plan.digested
    wanted = [*summed, *key]
    names = ", ".join([*(plan.column(field) for field in wanted), "1"])
    where = f" WHERE {condition}" if condition else ""
    cursor = driver.execute(f"SELECT {names} FROM {plan.table}{where}")
    rows, digest = 0, 0
    sums = {field.name: Decimal(0) for field in summed}
    while batch := cursor.fetchmany(plan.supply.pull.chunk_rows):
        rows += len(batch)
        columns = dict(zip((f.name for f in wanted), zip(*batch, strict=True), strict=False))
        for field in summed:
            sums[field.name] = EXACT.add(
                sums[field.name], _sum(columns[field.name], _show_of(field))
            )
        if key:
            digest += _digest([(f, columns[f.name]) for f in key], plan)
    return Totals(rows, sums, str(digest) if key else None)


def _show_of(field: Field) -> Show:
    """SQLite shows fifteen digits of a REAL; more only where a decimal field has room for them.

    12345678901234.56 is money as it was written, 7.700000000000001 the dust of an addition.
    """
    scale = field.type.scale

    def show(value: Any) -> str | Undecodable | None:
        if not isinstance(value, float) or field.type == BINARY:
            return shown(value)
        whole = repr(value)
        if scale is not None and "e" not in whole and len(whole.partition(".")[2]) <= scale:
            return whole
        return f"{value:.15g}"

    return show


def _sum(values: tuple[object, ...], show: Show) -> Decimal:
    total = Decimal(0)
    for value in values:
        if value is not None:
            try:
                number = Decimal(str(show(value)).strip())
            except InvalidOperation:
                continue  # no number: a fault of its row, and of no sum
            if number.is_finite():
                total = EXACT.add(total, number)
    return total


def _digest(key: list[tuple[Field, tuple[object, ...]]], plan: Plan) -> int:
    columns = [without_nulls(text_column(list(v)), f, plan.supply).to_pylist() for f, v in key]
    total = 0
    for parts in zip(*columns, strict=True):
        joined = "\x1f".join(part for part in parts if part is not None)
        total += int(hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()[:15], 16)
    return total


def _parts(driver: sqlite3.Connection, query: Query, timezone: str) -> Iterator[Part]:
    cursor = driver.execute(query.sql([query.plan.column(f) for f in query.plan.fields] or ["1"]))
    while rows := cursor.fetchmany(query.plan.supply.pull.chunk_rows):
        yield typed_part(rows, query, timezone, _show_of)
