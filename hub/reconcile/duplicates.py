"""Several rows of one supply for one entity become one: per field the first that says anything."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.evidence import ORDER
from hub.reconcile.plan import Plan, SourcePlan
from hub.reconcile.rows import column


def fold_duplicates(connection: DuckDBPyConnection, plan: Plan) -> frozenset[int]:
    """Fold each source to one row per code; returns the places where anything was folded.

    The rows folded are kept in `many_<place>` with their rank (1 is the first). A folded row has,
    per field, the origin and key of the row that its value came from in `origins` and `sks`.
    """
    folded = set()
    for source in plan.sources:
        connection.execute(
            f"CREATE TEMP TABLE repeated AS SELECT code FROM {source.rows} "
            f"GROUP BY code HAVING count(*) > 1"
        )
        if connection.execute("SELECT 1 FROM repeated LIMIT 1").fetchone():
            _fold(connection, plan, source)
            folded.add(source.place)
        connection.execute("DROP TABLE repeated")
    return frozenset(folded)


def many(source: SourcePlan) -> str:
    """The table that keeps the rows folded."""
    return f"many_{source.place}"


def _fold(connection: DuckDBPyConnection, plan: Plan, source: SourcePlan) -> None:
    rows, kept = source.rows, many(source)
    connection.execute(
        f"CREATE TEMP TABLE {kept} AS SELECT *, row_number() OVER "
        f"(PARTITION BY code ORDER BY {ORDER}) AS rank FROM {rows} "
        f"WHERE code IN (SELECT code FROM repeated)"
    )
    connection.execute(f"DELETE FROM {rows} WHERE code IN (SELECT code FROM repeated)")
    values = [column(source, g) for g in plan.fed if source.place in g.feeds]
    connection.execute(f"ALTER TABLE {rows} ADD COLUMN origins USMALLINT[]")
    connection.execute(f"ALTER TABLE {rows} ADD COLUMN sks VARCHAR[]")
    keys = [f"k{space.place}" for space in plan.spaces]
    firsts = [
        f"arg_min({v}, rank) FILTER ({v} IS NOT NULL) AS {v}" for v in dict.fromkeys(keys + values)
    ]
    origins = [f"arg_min(origin, rank) FILTER ({v} IS NOT NULL)" for v in values]
    sks = [f"arg_min(sk, rank) FILTER ({v} IS NOT NULL)" for v in values]
    connection.execute(
        f"INSERT INTO {rows} BY NAME SELECT code, arg_min(sk, rank) AS sk, "
        f"arg_min(origin, rank) AS origin, "
        f"arg_min(fresh, rank) AS fresh, bool_or(apart) AS apart, "
        f"{', '.join(firsts)}, [{', '.join(origins)}]::USMALLINT[] AS origins, "
        f"[{', '.join(sks)}]::VARCHAR[] AS sks FROM {kept} GROUP BY code"
    )


def field_place(plan: Plan, source: SourcePlan, place: int) -> int:
    """The 1-based place of a golden field in `origins` and `sks` of this source."""
    return [g.place for g in plan.fed if source.place in g.feeds].index(place) + 1
