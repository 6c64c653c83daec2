"""Rows that share any key are one entity: connected components over keys, not over rows."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.plan import Plan
from hub.reconcile.rows import code_sql


def connect_keys(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Give all rows of a component the code of its strongest key (ties: the smallest code)."""
    if len(plan.spaces) < 2:
        return
    links = " UNION ".join(
        f"SELECT code AS a, {code_sql(space.place, f'k{space.place}')} AS b "
        f"FROM {source.rows} WHERE k{space.place} IS NOT NULL AND ({_stronger(space.place)})"
        for source in plan.sources
        for space in plan.spaces[1:]
        if space.name in source.source.keys
    )
    if not links:
        return
    connection.execute(f"CREATE TEMP TABLE link AS {links}")
    _propagate(connection)
    connection.execute(
        "CREATE TEMP TABLE root AS SELECT node.code, head.code AS root FROM node "
        "JOIN (SELECT label, min_by(code, (place, code)) AS code FROM node "
        f"JOIN ({_places(plan)}) USING (code) GROUP BY label) AS head USING (label) "
        "WHERE node.code <> head.code"
    )
    for source in plan.sources:
        connection.execute(
            f"UPDATE {source.rows} SET code = root.root FROM root "
            f"WHERE root.code = {source.rows}.code"
        )
    for table in ("link", "node", "root"):
        connection.execute(f"DROP TABLE {table}")


def _stronger(place: int) -> str:
    """SQL: the row has a key in a stronger space, so its code is not the one of this space."""
    return " OR ".join(f"k{i} IS NOT NULL" for i in range(place))


def _places(plan: Plan) -> str:
    """Every code that has links, with the place of its key space: row codes of each space."""
    per_source = " UNION ALL ".join(
        f"SELECT code, CAST({_first(plan)} AS UTINYINT) AS place FROM {source.rows}"
        for source in plan.sources
    )
    weaker = f"SELECT b AS code, {len(plan.spaces)} AS place FROM link"
    return f"SELECT code, min(place) AS place FROM ({per_source} UNION ALL {weaker}) GROUP BY code"


def _first(plan: Plan) -> str:
    whens = " ".join(f"WHEN k{s.place} IS NOT NULL THEN {s.place}" for s in plan.spaces)
    return f"CASE {whens} ELSE {len(plan.spaces)} END"


def _propagate(connection: DuckDBPyConnection) -> None:
    """Label propagation with pointer jumping: rounds grow with the logarithm of the longest path.

    Leaves `node` (code, label).
    """
    connection.execute(
        "CREATE TEMP TABLE node AS SELECT code, min(label) AS label FROM ("
        "SELECT a AS code, least(a, b) AS label FROM link "
        "UNION ALL SELECT b, least(a, b) FROM link) GROUP BY code"
    )
    while True:
        connection.execute(
            "CREATE TEMP TABLE spread AS SELECT code, min(label) AS label FROM ("
            "FROM node UNION ALL SELECT a, label FROM link JOIN node ON code = b "
            "UNION ALL SELECT b, label FROM link JOIN node ON code = a) GROUP BY code"
        )
        connection.execute(
            "CREATE TEMP TABLE jumped AS SELECT s.code, least(s.label, t.label) AS label "
            "FROM spread AS s JOIN spread AS t ON t.code = s.label"
        )
        (moved,) = connection.execute(
            "SELECT count(*) FROM jumped JOIN node USING (code) WHERE jumped.label <> node.label"
        ).fetchone() or (0,)
        connection.execute("DROP TABLE node; DROP TABLE spread; ALTER TABLE jumped RENAME TO node")
        if not moved:
            return
