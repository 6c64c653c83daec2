"""How many rows a reconciliation read, left out by its contract, and linked."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.plan import Plan


def count_rows(connection: DuckDBPyConnection, plan: Plan) -> dict[str, int]:
    """rows, excluded (by `where`), linked and entities of what the plan's sources hold."""
    linked = sum(count(connection, source.rows) for source in plan.sources)
    rows = sum(count(connection, f"({source.sql})") for source in plan.sources)
    return {
        "rows": rows,
        "excluded": count_excluded(connection, plan),
        "linked": linked,
        "entities": count(connection, "entity"),
    }


def count_excluded(connection: DuckDBPyConnection, plan: Plan) -> int:
    """Rows that the contract leaves out."""
    return sum(
        count(connection, f"({s.sql}) WHERE ({s.source.where}) IS NOT TRUE")
        for s in plan.sources
        if s.source.where
    )


def count(connection: DuckDBPyConnection, relation: str) -> int:
    """The rows of a relation."""
    (found,) = connection.execute(f"SELECT count(*) FROM {relation}").fetchone() or (0,)
    return int(found)
