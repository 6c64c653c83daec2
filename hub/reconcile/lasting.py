"""Ids through changes: rows that gain or lose their key, and ids that were merged away."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.plan import Plan
from hub.reconcile.rows import keyless_sql, supply_space
from hub.store import literal

BY_ROW = 100
"""Added to the place of what is known by its row alone: any key of anybody says more."""


def claim_rows(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Let rows that once were known by their own supply's key go on claiming it.

    So a row that is given its number at last brings along the id that it had without one.
    """
    for source in plan.sources:
        space = literal(supply_space(source))
        connection.execute(
            f"INSERT INTO claim SELECT r.code, {len(plan.spaces)}, {space}, r.sk, {source.place} "
            f"FROM {source.rows} AS r SEMI JOIN (SELECT key FROM held WHERE key_space = {space}) "
            f"AS h ON h.key = r.sk WHERE NOT (apart OR ({keyless_sql(plan)}))"
        )


def bind_rows(connection: DuckDBPyConnection, plan: Plan, links: str) -> None:
    """Add to `bond` where rows that have no number any more stood in the last release (`links`)."""
    rows = " UNION ALL ".join(
        f"SELECT code, {literal(s.supply.name)} AS supply, sk AS source_key, {s.place} AS place "
        f"FROM {s.rows} WHERE (apart OR ({keyless_sql(plan)})) AND sk NOT IN "
        f"(SELECT key FROM held WHERE key_space = {literal(supply_space(s))})"
        for s in plan.sources
    )
    connection.execute(f"CREATE TEMP TABLE strayed AS {rows}")
    if connection.execute("SELECT 1 FROM strayed LIMIT 1").fetchone():
        connection.execute(
            "INSERT INTO bond SELECT code, l.entity_id, true, "
            f"min(place) + {BY_ROW}, min(derived.entity_id) FROM strayed "
            f"JOIN ({links}) AS l USING (supply, source_key) JOIN derived USING (code) "
            "WHERE NOT EXISTS (FROM bond WHERE bond.code = strayed.code "
            "AND bond.entity_id = l.entity_id) GROUP BY code, l.entity_id"
        )
    connection.execute("DROP TABLE strayed")


def redirect_ids(connection: DuckDBPyConnection, before: str | None) -> None:
    """Fill `redirect` (old_id, entity_id): one look leads from a merged id to the one that stands.

    `before` is a SELECT of the last release's redirects. Chains are shortened as they form. An id
    that came to life again is redirected no more.
    """
    fresh = (
        "SELECT taker.entity_id AS old_id, heir.entity_id FROM taker JOIN heir USING (code) "
        "WHERE taker.entity_id <> heir.entity_id"
    )
    connection.execute(f"CREATE TEMP TABLE merged AS {fresh}")
    if before is None:
        connection.executemany(
            "INSERT INTO redirect VALUES (?, ?)", _followed(connection) or [("", "")]
        )
        connection.execute("DELETE FROM redirect WHERE old_id = ''")
    else:
        connection.execute(f"INSERT INTO redirect BY NAME {before}")
    connection.execute(
        "UPDATE redirect SET entity_id = merged.entity_id FROM merged "
        "WHERE merged.old_id = redirect.entity_id"
    )
    connection.execute(
        "DELETE FROM redirect WHERE old_id IN (SELECT old_id FROM merged) "
        "OR old_id IN (SELECT entity_id FROM entity)"
    )
    connection.execute("INSERT INTO redirect FROM merged")
    connection.execute("DROP TABLE merged")


def _followed(connection: DuckDBPyConnection) -> list[tuple[str, str]]:
    """The chains of merges that were noted before redirects were kept, followed to their end."""
    merges = connection.execute(
        "SELECT old_id, new_id FROM event WHERE kind = 'merge' ORDER BY since, old_id, new_id"
    ).fetchall()
    step = dict(merges)
    living = {id_ for (id_,) in connection.execute("SELECT entity_id FROM entity").fetchall()}
    found = []
    for old in step:
        seen, end = {old}, step[old]
        while end not in living and end in step and end not in seen:
            seen.add(end)
            end = step[end]
        found.append((old, end))
    return found
