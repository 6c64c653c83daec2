"""Numbers of cases: R2026-000001, one after another within a year and without a gap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, func, select, text

LOCK = 727374  # one writer at a time counts on; SQLite has only one


def next_number(connection: Connection, table: Table, letter: str, at: datetime) -> str:
    """The next id of a table inside of `ledger.writing()`; two writers never get the same."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
    prefix = f"{letter}{at.year}-"
    query = select(func.max(table.c.id)).where(table.c.id.startswith(prefix, autoescape=True))
    last = connection.execute(query).scalar()
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:06d}"
