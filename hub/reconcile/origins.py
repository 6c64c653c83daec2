"""Where values come from: supply and batch, kept as one small number per row."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from hub.reconcile.plan import Plan
from hub.store import literal

Origins = list[tuple[str, str]]
"""(supply, batch id) by index."""


def read_origins(
    connection: DuckDBPyConnection, plan: Plan, rows: Mapping[str, str] | None = None
) -> None:
    """Create `origin` (index, supply, batch_id) of all batches that the inputs hold.

    Where it stands already, batches that it lacks are added behind: no index ever changes. `rows`
    are SELECTs by supply, read instead of the plan's.
    """
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS origin (index USMALLINT, supply VARCHAR, batch_id VARCHAR)"
    )
    read = rows or {s.supply.name: s.sql for s in plan.sources}
    found = " UNION ALL ".join(
        f"SELECT DISTINCT {place} AS place, {literal(name)} AS supply, _batch AS batch_id "
        f"FROM ({sql})"
        for place, (name, sql) in enumerate(read.items())
    )
    connection.execute(
        "INSERT INTO origin SELECT (SELECT count(*) FROM origin) + row_number() OVER "
        f"(ORDER BY place, batch_id) - 1, supply, batch_id FROM ({found}) "
        "ANTI JOIN origin USING (supply, batch_id) WHERE batch_id IS NOT NULL"
    )


def origins(connection: DuckDBPyConnection) -> Origins:
    """All origins in order of their index."""
    found = connection.execute("SELECT supply, batch_id FROM origin ORDER BY index").fetchall()
    return [(supply, batch) for supply, batch in found]


def batch_sql(index: str, supply: str, known: Origins) -> str:
    """SQL for the batch id of an origin (SQL expression `index`) that is of this supply."""
    return _text({n: batch for n, (name, batch) in enumerate(known) if name == supply}, index)


def supply_sql(index: str, known: Origins) -> str:
    """SQL for the supply of an origin."""
    return _text({n: name for n, (name, _) in enumerate(known)}, index)


def _text(names: dict[int, str], index: str) -> str:
    if not names:
        return "CAST(NULL AS VARCHAR)"
    if len(set(names.values())) == 1:  # a constant costs nothing to write
        return literal(next(iter(names.values())))
    whens = " ".join(f"WHEN {number} THEN {literal(text)}" for number, text in names.items())
    return f"CASE {index} {whens} END"
