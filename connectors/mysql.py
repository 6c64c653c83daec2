"""MySQL and MariaDB: one consistent snapshot, rows of the text protocol in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pymysql
import sqlalchemy

from connectors.ahead import ahead
from connectors.cells import type_rows
from connectors.faces import Face, Part
from connectors.gather import strings
from connectors.mysql_wire import Block, blocks
from connectors.plan import Plan, Query, null_values
from connectors.protocol import LiveColumn, Source, Totals
from connectors.sql_source import open_database
from connectors.white_space import WHITE_SPACE
from schemas.contract import Field, LogicalType, Supply
from schemas.properties import Node

TABLE = """
SELECT column_name, column_type, is_nullable = 'YES', column_key = 'PRI'
FROM information_schema.columns
WHERE table_schema = coalesce(%s, database()) AND table_name = %s
ORDER BY ordinal_position"""
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
HEX = re.compile(r"0x[0-9A-F]+", re.ASCII)
EXACT = re.compile(r"(tiny|small|medium|big)?int|decimal")
BYTES = re.compile(r"(tiny|medium|long)?blob|(var)?binary")
SHAPES = re.compile(r"geometry|point|linestring|polygon|multi|geom")
NUMERIC = re.compile(r"(tiny|small|medium|big)?int|decimal|year|bit")
TEXTS = re.compile(r"(var)?char|(tiny|medium|long)?text|enum|set")


def open_mysql(node: Node, department: str, scratch: Path) -> AbstractContextManager[Source]:
    """An open MySQL or MariaDB front end; see `connectors.sql_source.open_database`."""
    return open_database(_face, node, department, scratch)


def _face(node: Node) -> Face:
    return Face(
        drivers=dict.fromkeys(("mysql", "mariadb", "mariadb+pymysql"), "mysql+pymysql"),
        errors=(pymysql.Error, OSError),
        connect_args={
            "connect_timeout": 20, "charset": "utf8mb4",
            "read_timeout": node.statement_timeout_s + 60,
        },
        quote=quote, literal=literal, rank=rank, begin=_begin, end=_end, live=_live,
        high=lambda connection, plan, low: _high(connection, plan, low, node.timezone),
        totals=_totals,
        parts=lambda connection, query: _parts(connection, query, node.timezone),
    )  # fmt: skip


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def literal(text: str, column: LiveColumn) -> str:
    """Numbers stay bare: beside a quoted one the server would compare as doubles."""
    kind = column.physical_type
    number = NUMERIC.match(kind) and NUMBER.fullmatch(text)
    if number or (BYTES.match(kind) and HEX.fullmatch(text)):
        return text
    return _string(text)


def rank(column: LiveColumn) -> str:
    """Text as bytes: a collation may call two different keys equal."""
    name = quote(column.name)
    if not TEXTS.match(column.physical_type):
        return name
    return f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _driver(connection: sqlalchemy.Connection) -> Any:
    """pymysql's connection, whose inner parts have no types."""
    return connection.connection.driver_connection


def _rows(connection: sqlalchemy.Connection, sql: str, *values: object) -> tuple[Any, ...]:
    with _driver(connection).cursor() as cursor:
        cursor.execute(sql, values or None)
        return tuple(cursor.fetchall())


def _begin(connection: sqlalchemy.Connection, node: Node) -> None:
    if "MariaDB" in _driver(connection).get_server_info():
        timeout = f"max_statement_time = {node.statement_timeout_s}"
    else:
        timeout = f"max_execution_time = {node.statement_timeout_s * 1000}"
    settings = f"SET SESSION {timeout}, time_zone = '+00:00', sql_mode = 'NO_BACKSLASH_ESCAPES'"
    for statement in (
        f"{settings}, net_write_timeout = 600",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ):
        _rows(connection, statement)


def _end(connection: sqlalchemy.Connection) -> None:
    driver = _driver(connection)
    result = driver._result
    if not driver.open or (result is not None and result.unbuffered_active):
        if result is not None:
            result.unbuffered_active = False  # or pymysql would read all that is left
        driver._force_close()
        connection.invalidate()  # the next reading connects anew
        return
    driver.rollback()


def _live(connection: sqlalchemy.Connection, schema: str | None, table: str) -> list[LiveColumn]:
    return [
        LiveColumn(name, kind, bool(nullable), bool(key))
        for name, kind, nullable, key in _rows(connection, TABLE, schema, table)
    ]


def _high(
    connection: sqlalchemy.Connection, plan: Plan, low: str | None, timezone: str
) -> str | None:
    mark = plan.watermark
    assert mark is not None
    name, conditions = quote(mark.name), []
    if mark.physical_type.startswith(("timestamp", "datetime", "date")):
        [(now,)] = _rows(connection, "SELECT utc_timestamp(6)")
        now -= plan.supply.pull.lag
        if not mark.physical_type.startswith("timestamp"):
            field = plan.supply.by_name[plan.supply.pull.watermark or ""]
            zone = ZoneInfo(field.properties.timezone or timezone)
            now = now.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        conditions.append(f"{name} <= {_string(now.isoformat(' ', 'microseconds'))}")
    if low is not None:
        conditions.append(f"{name} > {literal(low, mark)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    [(high,)] = _rows(connection, f"SELECT cast(max({name}) AS char) FROM {plan.table}{where}")
    return None if high is None else str(high)


def _totals(connection: sqlalchemy.Connection, plan: Plan, condition: str | None) -> Totals:
    fields = [f for f in plan.summed if EXACT.match(plan.found[f.name].physical_type)]
    sums = [f"coalesce(sum({plan.column(field)}), 0)" for field in fields]
    wanted = ", ".join(["count(*)", _digest(plan) or "NULL", *sums])
    where = f" WHERE {condition}" if condition else ""
    [(rows, digest, *found)] = _rows(connection, f"SELECT {wanted} FROM {plan.table}{where}")
    exact = {f.name: Decimal(value) for f, value in zip(fields, found, strict=True)}
    return Totals(rows, exact, None if digest is None else str(digest))


def _digest(plan: Plan) -> str | None:
    if not plan.digested:
        return None
    parts = ", ".join(_shown(plan, field) for field in plan.digested)
    digits = f"conv(substr(md5(concat_ws(char(31), {parts})), 1, 15), 16, 10)"
    return f"cast(coalesce(sum(cast({digits} AS unsigned)), 0) AS char)"


def _shown(plan: Plan, field: Field) -> str:
    """A key's cell as it lands: UTF-8, trimmed, null where the contract says so."""
    column = plan.found[field.name]
    text = _expression(field, column)
    if TEXTS.match(column.physical_type):
        text = f"convert({text} USING utf8mb4)"
        if field.properties.trim:
            blank = f"[{WHITE_SPACE}]+"
            text = f"regexp_replace({text}, {_string(f'^{blank}|{blank}$')}, '')"
    for word in null_values(field, plan.supply):
        text = f"nullif({text}, {_string(word)})"
    return text


def _expression(field: Field, column: LiveColumn) -> str:
    """The column as text that says what it holds; bytes and bits have no text of their own."""
    name, kind = quote(column.name), column.physical_type
    if BYTES.match(kind):
        return f"concat('0x', hex({name}))"
    if SHAPES.match(kind):
        return f"st_astext({name})"
    if kind.startswith("bit"):
        width = re.sub(r"\D", "", kind) or "1"
        bits = f"lpad(bin({name}), {width}, '0')"
        return bits if field.type.logical is LogicalType.STRING else f"({name} + 0)"
    return name


def _parts(connection: sqlalchemy.Connection, query: Query, timezone: str) -> Iterator[Part]:
    plan = query.plan
    fields = plan.fields
    expressions = [_expression(field, plan.found[field.name]) for field in fields]
    supply = _in_session_zone(plan)
    sql = query.sql(expressions or ["NULL"])
    for block in ahead(blocks(_driver(connection), sql, supply.pull.chunk_rows)):
        yield _part(block, query, supply, timezone)


def _part(block: Block, query: Query, supply: Supply, timezone: str) -> Part:
    plan = query.plan
    columns = dict(zip((f.name for f in plan.fields), block.columns(len(plan.fields)), strict=True))
    names = {plan.found[name]: name for name in columns}
    # Copied out: the block's buffer need not outlive the decoding.
    order = [strings(columns[names[column]], pa.binary()) for column in query.order]
    arrays = {name: strings(cells) for name, cells in columns.items()}
    if not arrays:
        arrays = {"": pa.nulls(len(block.starts), pa.string())}
    typed = type_rows(pa.RecordBatch.from_pydict(arrays), supply, timezone)

    def texts(row: int) -> tuple[str, ...]:
        return tuple((cells[row].as_py() or b"").decode(errors="replace") for cells in order)

    return Part(typed, texts)


def _in_session_zone(plan: Plan) -> Supply:
    """The supply with its TIMESTAMP columns in UTC, as the session shows them.

    DATETIME keeps what was written and stays wall-clock time of the node.
    """
    fields = tuple(
        replace(f, properties=f.properties.model_copy(update={"timezone": "UTC"}))
        if f.name in plan.found and plan.found[f.name].physical_type.startswith("timestamp")
        else f
        for f in plan.supply.fields
    )
    return replace(plan.supply, fields=fields)
