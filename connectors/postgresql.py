"""PostgreSQL: one snapshot, rows by binary COPY."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path

import psycopg
import sqlalchemy

from connectors.ahead import ahead
from connectors.faces import Face, Part
from connectors.plan import Plan, Query, null_values
from connectors.postgresql_copy import blocks
from connectors.postgresql_rows import reader_of
from connectors.protocol import LiveColumn, Source, Totals
from connectors.sql_source import open_database
from connectors.white_space import WHITE_SPACE
from schemas.contract import Field
from schemas.properties import Node

TABLE = """
SELECT a.attname, format_type(
         CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
         CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
       NOT (a.attnotnull OR t.typnotnull),
       coalesce(a.attnum = ANY (k.conkey), false)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
EXACT = re.compile(r"(numeric|smallint|integer|bigint)\b(?!.*\[)")
TEXTS = re.compile(r"(text|character varying|character)\b")
KEEP_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 4}
SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
}


def open_postgresql(node: Node, department: str, scratch: Path) -> AbstractContextManager[Source]:
    """An open PostgreSQL front end; see `connectors.sql_source.open_database`."""
    return open_database(_face, node, department, scratch)


def _face(node: Node) -> Face:
    return Face(
        drivers={"postgresql": "postgresql+psycopg"},
        errors=(psycopg.Error, OSError),
        connect_args={"client_encoding": "utf8", "connect_timeout": 20, **KEEP_ALIVE},
        quote=quote,
        literal=literal,
        rank=lambda column: quote(column.name),  # equal in a collation means equal
        begin=_begin,
        end=_end,
        live=_live,
        high=lambda connection, plan, low: _high(connection, plan, low, node.timezone),
        totals=_totals,
        parts=lambda connection, query: _parts(connection, query, node.timezone),
    )


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str, column: LiveColumn) -> str:
    return f"CAST({_string(text)} AS {column.physical_type})"


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _begin(connection: sqlalchemy.Connection, node: Node) -> None:
    driver = _driver(connection)
    driver.rollback()
    driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    driver.execute(f"SET LOCAL statement_timeout = '{node.statement_timeout_s}s'")
    for name, value in SETTINGS.items():
        driver.execute(f"SET LOCAL {name} = {_string(value)}")


def _end(connection: sqlalchemy.Connection) -> None:
    driver = _driver(connection)
    driver.rollback()


def _driver(connection: sqlalchemy.Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _live(connection: sqlalchemy.Connection, schema: str | None, table: str) -> list[LiveColumn]:
    name = ".".join(quote(part) for part in (schema, table) if part)
    rows = _driver(connection).execute(TABLE, (name,)).fetchall()
    return [LiveColumn(*row) for row in rows]


def _high(
    connection: sqlalchemy.Connection, plan: Plan, low: str | None, timezone: str
) -> str | None:
    mark = plan.watermark
    assert mark is not None
    field = plan.supply.by_name[plan.supply.pull.watermark or ""]
    name, conditions = quote(mark.name), []
    zone = _string(field.properties.timezone or timezone)
    now = f"now() - interval '{plan.supply.pull.lag.total_seconds():f} seconds'"
    if mark.physical_type.endswith("with time zone"):
        conditions.append(f"{name} <= {now}")
    elif mark.physical_type.startswith(("timestamp", "date")):
        conditions.append(f"{name} <= CAST(({now}) AT TIME ZONE {zone} AS {mark.physical_type})")
    if low is not None:
        conditions.append(f"{name} > {literal(low, mark)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    row = (
        _driver(connection).execute(f"SELECT max({name})::text FROM {plan.table}{where}").fetchone()
    )
    return row[0] if row else None


def _totals(connection: sqlalchemy.Connection, plan: Plan, condition: str | None) -> Totals:
    fields = [f for f in plan.summed if EXACT.match(plan.found[f.name].physical_type)]
    sums = [f"sum({plan.column(field)})" for field in fields]
    digest = _digest(plan)
    wanted = ["count(*)", digest or "NULL", *sums]
    where = f" WHERE {condition}" if condition else ""
    row = (
        _driver(connection)
        .execute(f"SELECT {', '.join(wanted)} FROM {plan.table}{where}")
        .fetchone()
    )
    assert row is not None
    found = {f.name: Decimal(v or 0) for f, v in zip(fields, row[2:], strict=True)}
    # A NaN in the column: its row is quarantined, and the sum says nothing.
    exact = {name: value for name, value in found.items() if value.is_finite()}
    return Totals(row[0], exact, row[1])


def _digest(plan: Plan) -> str | None:
    if not plan.digested:
        return None
    parts = ", ".join(_shown(plan, field) for field in plan.digested)
    digits = f"('x' || substr(md5(concat_ws(chr(31), {parts})), 1, 15))::bit(60)::bigint"
    return f"coalesce(sum({digits}), 0)::text"


def _shown(plan: Plan, field: Field) -> str:
    """A key's cell as it lands: trimmed, null where the contract says so."""
    text = f"{plan.column(field)}::text"
    if field.properties.trim and TEXTS.match(plan.found[field.name].physical_type):
        text = f"btrim({text}, {_string(WHITE_SPACE)})"
    for word in null_values(field, plan.supply):
        text = f"nullif({text}, {_string(word)})"
    return text


def _parts(connection: sqlalchemy.Connection, query: Query, timezone: str) -> Iterator[Part]:
    driver, read = _driver(connection), reader_of(query, timezone)
    if driver.pgconn.parameter_status(b"server_encoding") == b"SQL_ASCII":
        # Its bytes are in no known encoding: taken as they are and proven cell by cell.
        driver.execute("SET LOCAL client_encoding = 'SQL_ASCII'")
    rows = query.plan.supply.pull.chunk_rows
    for block in ahead(blocks(driver, query.sql(read.expressions), rows)):
        yield read.part(block)
