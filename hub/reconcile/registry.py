"""Which entity holds which key: what references resolve by, and what makes ids last."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.plan import Plan
from hub.reconcile.rows import supply_space
from hub.store import literal


def register_keys(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Create `claim` (code, key_space, key, place): each key of each space held by one code.

    `place` is the highest authority that vouches for it. A row that was set apart by evidence
    holds a key only where nobody else does, and is also known by its own supply's key, as are
    rows without any key.
    """
    connection.execute(
        "CREATE TEMP TABLE claim (code UBIGINT, key_space VARCHAR, key VARCHAR, place UTINYINT)"
    )
    for space in plan.spaces:
        column = f"k{space.place}"
        rows = " UNION ALL ".join(
            f"SELECT code, {column} AS key, apart, {s.place} AS place FROM {s.rows} "
            f"WHERE {column} IS NOT NULL"
            for s in plan.sources
            if space.name in s.source.keys
        )
        if not rows:
            continue
        if len(plan.spaces) == 1:
            _check_codes(connection, plan, rows)
            continue
        connection.execute(
            f"INSERT INTO claim SELECT arg_min(code, (apart, place, code)), "
            f"{literal(space.name)}, key, min(place) FROM ({rows}) GROUP BY key"
        )
    alone = " UNION ALL ".join(
        f"SELECT code, {literal(supply_space(s))}, sk, {s.place} FROM {s.rows} "
        f"WHERE apart OR ({' AND '.join(f'k{space.place} IS NULL' for space in plan.spaces)})"
        for s in plan.sources
    )
    connection.execute(f"INSERT INTO claim {alone}")


def _check_codes(connection: DuckDBPyConnection, plan: Plan, rows: str) -> None:
    """One key space: a key is a code, so grouping by code is enough; a clash raises."""
    name = literal(plan.spaces[0].name)
    connection.execute(
        f"INSERT INTO claim SELECT code, {name}, min(key), min(place) "
        f"FROM ({rows}) WHERE NOT apart GROUP BY code HAVING min(key) = max(key)"
    )
    (keys, claims) = connection.execute(
        f"SELECT (SELECT count(DISTINCT code) FROM ({rows}) WHERE NOT apart), count(*) FROM claim"
    ).fetchone() or (0, 0)
    if keys != claims:
        raise IntegrityError(
            f"dataset {plan.dataset.name}: two keys of {plan.spaces[0].name} have the same code"
        )
