"""Any other database that SQLAlchemy knows (达梦, 金仓, Oracle, SQL Server): the portable way.

Slower than the native connectors, since every cell passes through Python, and its totals have no
key digest. Values are taken as the driver gives them and shown as text: what a driver cannot
represent stops the pull with an error instead of arriving changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from connectors.faces import Face, Part
from connectors.plan import Plan, Query
from connectors.protocol import LiveColumn, Source, Totals
from connectors.shown import shown
from connectors.sql_source import open_database
from connectors.texts import typed_part
from connectors.watermark import clock_like
from schemas.properties import Node

SNAPSHOTS = ("SNAPSHOT", "REPEATABLE READ", "SERIALIZABLE")  # the first that the dialect offers
NO_ANSI_MOMENTS = ("mssql", "sqlite")  # a quoted text is converted to the column's type
NUMERIC = ("INT", "NUM", "DEC", "FLOAT", "DOUBLE", "REAL")


def open_sql(node: Node, department: str, scratch: Path) -> AbstractContextManager[Source]:
    """An open database of any SQLAlchemy dialect; see `connectors.sql_source.open_database`."""
    return open_database(_face, node, department, scratch)


def _face(node: Node) -> Face:
    url = sqlalchemy.make_url(node.url)
    preparer = url.get_dialect()().identifier_preparer
    return Face(
        drivers={},
        errors=(SQLAlchemyError,),
        connect_args={},
        quote=preparer.quote_identifier,
        literal=_quoted if url.get_dialect().name in NO_ANSI_MOMENTS else literal,
        rank=lambda column: preparer.quote_identifier(column.name),
        begin=_begin,
        end=lambda connection: connection.rollback(),
        live=_live,
        high=lambda connection, plan, low: _high(connection, plan, low, node.timezone),
        totals=_totals,
        parts=lambda connection, query: _parts(connection, query, node.timezone),
    )


def literal(text: str, column: LiveColumn) -> str:
    """ANSI literals, by the family of the column's type."""
    quoted = _quoted(text, column)
    kind = column.physical_type.upper()
    if kind.startswith(NUMERIC) or "INT" in kind:
        return str(Decimal(text))
    if kind.startswith("DATE") and len(text) == 10:
        return f"DATE {quoted}"
    if kind.startswith(("DATE", "TIMESTAMP")):
        return f"TIMESTAMP {quoted}"
    return quoted


def _quoted(text: str, column: LiveColumn) -> str:
    return "'" + text.replace("'", "''") + "'"


def _begin(connection: sqlalchemy.Connection, node: Node) -> None:
    if connection.in_transaction():
        connection.rollback()
    driver = connection.connection.dbapi_connection
    assert driver is not None
    offered = connection.dialect.get_isolation_level_values(driver)
    for level in SNAPSHOTS:
        if level in offered:
            connection.execution_options(isolation_level=level)
            return


def _live(connection: sqlalchemy.Connection, schema: str | None, table: str) -> list[LiveColumn]:
    inspector = sqlalchemy.inspect(connection)
    try:
        columns = inspector.get_columns(table, schema)
        key = set(inspector.get_pk_constraint(table, schema)["constrained_columns"])
    except sqlalchemy.exc.NoSuchTableError:
        return []
    return [
        LiveColumn(c["name"], str(c["type"]), bool(c["nullable"]), c["name"] in key)
        for c in columns
    ]


def _high(
    connection: sqlalchemy.Connection, plan: Plan, low: str | None, timezone: str
) -> str | None:
    mark = plan.watermark
    assert mark is not None
    name = plan.quote(mark.name)
    where = f"{name} > {literal(low, mark)}" if low is not None else f"{name} IS NOT NULL"
    newest = f"SELECT max({name}) FROM {plan.table} WHERE {where}"
    text = shown(connection.exec_driver_sql(newest).scalar())
    clock = connection.execute(sqlalchemy.select(sqlalchemy.func.current_timestamp())).scalar()
    if not isinstance(text, str) or not isinstance(clock, datetime):
        return text if isinstance(text, str) else None
    zone = ZoneInfo(timezone)
    now = clock if clock.tzinfo else clock.replace(tzinfo=zone)
    limit = clock_like(text, now - plan.supply.pull.lag, zone)
    if limit is not None and text > limit:
        bounded = f"{newest} AND {name} <= {literal(limit, mark)}"
        found = shown(connection.exec_driver_sql(bounded).scalar())
        return found if isinstance(found, str) else None
    return text


def _totals(connection: sqlalchemy.Connection, plan: Plan, condition: str | None) -> Totals:
    fields = [
        field
        for field in plan.summed
        if plan.found[field.name].physical_type.upper().startswith(("NUM", "DEC"))
    ]
    wanted = ", ".join(["count(*)", *(f"sum({plan.column(field)})" for field in fields)])
    where = f" WHERE {condition}" if condition else ""
    row = connection.exec_driver_sql(f"SELECT {wanted} FROM {plan.table}{where}").one()
    # A driver that adds decimals as floats says nothing exact.
    sums = {
        field.name: Decimal(value or 0)
        for field, value in zip(fields, row[1:], strict=True)
        if value is None or (isinstance(value, Decimal) and value.is_finite())
    }
    return Totals(row[0], sums)


def _parts(connection: sqlalchemy.Connection, query: Query, timezone: str) -> Iterator[Part]:
    size = query.plan.supply.pull.chunk_rows
    statement = query.sql([query.plan.column(f) for f in query.plan.fields] or ["1"])
    options = {"stream_results": True, "max_row_buffer": size}
    with connection.exec_driver_sql(statement, execution_options=options) as result:
        while rows := result.fetchmany(size):
            yield typed_part(rows, query, timezone)
