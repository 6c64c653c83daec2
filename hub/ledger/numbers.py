"""Numbers of cases: R2026-000001, one after another within a year and without a gap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, func, select, text

LOCK = 727374


def one_at_a_time(connection: Connection) -> None:
    """Let nobody else decide until this transaction ends; SQLite has one writer anyway.

    Taken first by whatever moves several rows and writes the log between them: two such
    transactions could else wait for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})


def next_number(connection: Connection, table: Table, letter: str, at: datetime) -> str:
    """The next id of a table inside of `ledger.writing()`; two writers never get the same."""
    one_at_a_time(connection)
    prefix = f"{letter}{at.year}-"
    query = select(func.max(table.c.id)).where(table.c.id.startswith(prefix, autoescape=True))
    last = connection.execute(query).scalar()
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:06d}"
