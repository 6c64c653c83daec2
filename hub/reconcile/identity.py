"""Ids that last: an entity keeps its id as long as any of its keys lives.

A merge keeps the oldest id and redirects the others to it; a split leaves the id with the part
that the higher authority vouches for. Nothing is ever issued twice to different entities.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.inputs import Previous
from hub.reconcile.lasting import BY_ROW, bind_rows, claim_rows, redirect_ids
from hub.reconcile.plan import Plan
from hub.reconcile.rows import PART
from hub.store import literal

ID_DIGITS = 16  # hex: 64 bits; that no two are equal is checked
_NEXT = "(SELECT coalesce(max(since), 0) + 1 FROM held)"


def name_entities(
    connection: DuckDBPyConnection, plan: Plan, previous: Previous | None, joined: bool = False
) -> None:
    """Create `entity` (n, code, entity_id), `event`, `redirect` and `registered` from `claim`.

    `n` numbers the entities in order of their id, so that files are sorted by a number. `joined`:
    a code may hold several keys of one space.
    """
    connection.execute("CREATE TEMP TABLE redirect (old_id VARCHAR, entity_id VARCHAR)")
    _derive(connection, plan, joined)
    connection.execute(
        "CREATE TEMP TABLE event (event_id VARCHAR, kind VARCHAR, old_id VARCHAR, new_id VARCHAR, "
        "since INTEGER)"
    )
    if previous is None:
        connection.execute(
            f"CREATE TEMP TABLE entity AS {_numbered('SELECT code, entity_id FROM derived')}"
        )
        _check_unique(connection, plan)
        connection.execute(
            "CREATE TEMP VIEW registered AS SELECT n, space, entity_id, key_space, key, "
            "1 AS since, true AS current FROM claim JOIN entity USING (code)"
        )
        return
    connection.execute(f"CREATE TEMP TABLE held AS {previous.keys}")
    connection.execute(f"INSERT INTO event BY NAME {previous.events}")
    claim_rows(connection, plan)
    _inherit(connection, plan, previous)
    _avoid_issued(connection, previous.issued or "SELECT entity_id FROM held")
    named = (
        "SELECT code, coalesce(heir.entity_id, derived.entity_id) AS entity_id "
        "FROM derived LEFT JOIN heir USING (code)"
    )
    connection.execute(f"CREATE TEMP TABLE entity AS {_numbered(named)}")
    _check_unique(connection, plan)
    # Counted in releases; a hub of before could only count from the ages that it knew.
    since = str(previous.release + 1) if previous.release else _NEXT
    _record_events(connection, since)
    redirect_ids(connection, previous.redirects)
    _register(connection, since)


def _numbered(query: str) -> str:
    return (
        "SELECT CAST(row_number() OVER (ORDER BY entity_id) AS UINTEGER) AS n, code, entity_id "
        f"FROM ({query}) ORDER BY n"
    )


def _derive(connection: DuckDBPyConnection, plan: Plan, joined: bool) -> None:
    """`derived` (code, entity_id): the id that a new entity gets, from its strongest key."""
    prefix = literal(f"{plan.dataset.name}{PART}")
    text = f"lpad(CAST(space AS VARCHAR), 2, '0') || key_space || {literal(PART)} || key"
    first = f"SELECT code, arg_min({text}, (space, place, key)) AS key FROM claim"
    strongest = (
        f"SELECT code, {text} AS key FROM claim WHERE space = 0 "
        f"UNION ALL {first} WHERE space > 0 "
        f"AND code NOT IN (SELECT code FROM claim WHERE space = 0) GROUP BY code"
        if len(plan.spaces) == 1 and not joined  # then a code has one key of that space, ungrouped
        else f"{first} GROUP BY code"
    )
    connection.execute(
        f"CREATE TEMP TABLE derived AS SELECT code, {literal(plan.letter)} || "
        f"left(md5({prefix} || key), {ID_DIGITS}) AS entity_id FROM ({strongest})"
    )


def _avoid_issued(connection: DuckDBPyConnection, issued: str) -> None:
    """Give a code that inherits nothing another id, where its own was once somebody else's."""
    connection.execute(
        f"UPDATE derived SET entity_id = left(entity_id, 1) || left(md5('again ' || entity_id), "
        f"{ID_DIGITS}) WHERE code NOT IN (SELECT code FROM heir) "
        f"AND entity_id IN ({issued})"
    )


def _inherit(connection: DuckDBPyConnection, plan: Plan, previous: Previous) -> None:
    """Create `bond` (code, entity_id: shared keys) and `heir`, a one-to-one part of it.

    Each old id goes to one code: a key that was still current first, then a key before a mere row,
    then the higher authority, then the smaller derived id. Each code keeps the oldest of the ids
    that came to it.
    """
    connection.execute(
        "CREATE TEMP TABLE bond AS SELECT claim.code, held.entity_id, "
        f"bool_or(held.current) AS current, min({_rank(plan)}) AS place, "
        "min(derived.entity_id) AS derived FROM claim JOIN held USING (key_space, key) "
        "JOIN derived USING (code) GROUP BY claim.code, held.entity_id"
    )
    if previous.links:
        bind_rows(connection, plan, previous.links)
    connection.execute(
        "CREATE TEMP TABLE age AS SELECT entity_id, min(since) AS since FROM held GROUP BY ALL"
    )
    connection.execute(
        "CREATE TEMP TABLE taker AS SELECT * FROM bond QUALIFY row_number() OVER "
        "(PARTITION BY entity_id ORDER BY current DESC, place, derived) = 1"
    )
    connection.execute(
        "CREATE TEMP TABLE heir AS SELECT code, entity_id FROM taker JOIN age USING (entity_id) "
        "QUALIFY row_number() OVER (PARTITION BY code "
        f"ORDER BY current DESC, since, place >= {BY_ROW}, entity_id) = 1"
    )


def _rank(plan: Plan) -> str:
    return f"claim.place + CASE WHEN claim.space >= {len(plan.spaces)} THEN {BY_ROW} ELSE 0 END"


def _check_unique(connection: DuckDBPyConnection, plan: Plan) -> None:
    (twice,) = connection.execute(
        "SELECT count(*) FROM entity AS a JOIN entity AS b ON b.n = a.n + 1 "
        "WHERE a.entity_id = b.entity_id"
    ).fetchone() or (0,)
    if twice:
        raise IntegrityError(f"dataset {plan.dataset.name}: {twice} entity ids were issued twice")


def _record_events(connection: DuckDBPyConnection, since: str) -> None:
    """Merges (old id redirected to the one that stays) and splits (new id out of the old one).

    What is so already is not told again; what was undone in between is.
    """
    merges = (
        "SELECT 'merge' AS kind, taker.entity_id AS old_id, heir.entity_id AS new_id "
        "FROM taker JOIN heir USING (code) WHERE taker.entity_id <> heir.entity_id"
    )
    splits = (
        "SELECT 'split' AS kind, bond.entity_id AS old_id, entity.entity_id AS new_id "
        "FROM bond JOIN entity USING (code) JOIN taker ON taker.entity_id = bond.entity_id "
        "WHERE bond.current AND taker.code <> bond.code"
    )
    connection.execute(
        "INSERT INTO event SELECT left(sha256(concat_ws('|', kind, old_id, new_id, since)), 16), "
        "kind, old_id, new_id, since FROM "
        f"(SELECT DISTINCT *, CAST({since} AS INTEGER) AS since "
        f"FROM ({merges} UNION ALL {splits})) AS fresh "
        "WHERE NOT EXISTS (FROM event WHERE event.kind = fresh.kind "
        "AND event.old_id = fresh.old_id AND event.new_id = fresh.new_id "
        "AND NOT EXISTS (FROM event AS later WHERE later.since > event.since "
        "AND later.kind <> event.kind AND least(later.old_id, later.new_id) = "
        "least(event.old_id, event.new_id) AND greatest(later.old_id, later.new_id) = "
        "greatest(event.old_id, event.new_id)))"
    )


def _register(connection: DuckDBPyConnection, since: str) -> None:
    """`registered`: today's keys with the age of their entity, and keys that no longer occur."""
    connection.execute(
        "CREATE TEMP TABLE registered AS "
        "WITH living AS (SELECT n, space, entity_id, key_space, key FROM claim "
        "JOIN entity USING (code)) "
        f"SELECT living.*, coalesce(age.since, CAST({since} AS INTEGER)) "
        "AS since, true AS current FROM living LEFT JOIN age USING (entity_id) "
        "UNION ALL SELECT NULL, NULL, coalesce(m.new_id, held.entity_id), held.key_space, "
        "held.key, held.since, false FROM held "
        "LEFT JOIN (SELECT taker.entity_id, heir.entity_id AS new_id FROM taker "
        "JOIN heir USING (code)) AS m USING (entity_id) "
        "WHERE NOT EXISTS (FROM living WHERE living.key_space = held.key_space "
        "AND living.key = held.key)"
    )
