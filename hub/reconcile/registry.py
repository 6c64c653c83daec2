"""Which entity holds which key: what references resolve by, and what makes ids last."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.plan import KeySpace, Plan
from hub.reconcile.rows import code_sql, keyless_sql, supply_space
from hub.store import literal


def register_keys(connection: DuckDBPyConnection, plan: Plan, joined: bool = False) -> None:
    """Create `claim` (code, space, key_space, key, place): each key of each space at one code.

    `space` orders the key spaces by strength, `place` is the highest authority that vouches for
    the key. A row that was set apart by evidence holds a key only where nobody else does, and is
    also known by its own supply's key, as are rows without any key. `joined`: linkage has joined
    rows, so that a code may hold several keys of one space.
    """
    connection.execute(
        "CREATE TEMP TABLE claim (code UBIGINT, space USMALLINT, key_space VARCHAR, key VARCHAR, "
        "place UTINYINT)"
    )
    for space in plan.spaces:
        _register_space(connection, plan, space, joined)
    alone = " UNION ALL ".join(
        f"SELECT code, {len(plan.spaces)}, {literal(supply_space(s))}, sk, {s.place} "
        f"FROM {s.rows} "
        f"WHERE apart OR ({keyless_sql(plan)})"
        for s in plan.sources
    )
    connection.execute(f"INSERT INTO claim {alone}")


def _register_space(
    connection: DuckDBPyConnection, plan: Plan, space: KeySpace, joined: bool
) -> None:
    """Group by the number of the key, which is cheap; two keys under one number raise."""
    key = f"k{space.place}"
    # With one key space the code of a row that was not set apart is that number already.
    plain = len(plan.spaces) == 1 and not joined
    _claim(
        connection, plan, space, "code" if plain else code_sql(space.place, key), "NOT apart", ""
    )
    if joined or connection.execute("SELECT 1 FROM conflict LIMIT 1").fetchone():
        unclaimed = f" WHERE key NOT IN (SELECT key FROM claim WHERE space = {space.place})"
        _claim(connection, plan, space, code_sql(space.place, key), "apart", unclaimed)


def _claim(
    connection: DuckDBPyConnection,
    plan: Plan,
    space: KeySpace,
    number: str,
    where: str,
    unclaimed: str,
) -> None:
    key = f"k{space.place}"
    rows = " UNION ALL ".join(
        f"SELECT code, {number} AS number, {key} AS key, {s.place} AS place FROM {s.rows} "
        f"WHERE {key} IS NOT NULL AND {where}"
        for s in plan.sources
        if space.name in s.source.keys
    )
    if not rows:
        return
    # Keys are compared through a second hash: comparing five million texts would cost more than
    # all other work of this step.
    check = "hash(key, 'second')"
    code = "number" if number == "code" else "min(code)"
    connection.execute(
        f"CREATE TEMP TABLE fresh AS SELECT {code} AS code, any_value(key) AS key, "
        f"min(place) AS place, min({check}) <> max({check}) AS clash FROM ({rows}) GROUP BY number"
    )
    if connection.execute("SELECT 1 FROM fresh WHERE clash LIMIT 1").fetchone():
        raise IntegrityError(
            f"dataset {plan.dataset.name}: two keys of {space.name} have the same code"
        )
    connection.execute(
        f"INSERT INTO claim SELECT code, {space.place}, {literal(space.name)}, key, place "
        f"FROM fresh{unclaimed}"
    )
    connection.execute("DROP TABLE fresh")
