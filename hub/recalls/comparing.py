"""What one grant received of what was wrong, and whether what it is shown now differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from hub.digests import digest_key
from hub.masking import bring_scope, masked_fields, scope_key, select
from hub.masking.keys import ENTITY as DOMAIN
from hub.masking.keys import pseudonym_sql
from hub.opened import Hub
from hub.recalls.cells import CAUSES, RECORD
from hub.recalls.history import long
from hub.records import Grant
from hub.released import ENTITY
from hub.store import literal
from schemas.contract import Dataset


def compare(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    grant: Grant,
    received: Sequence[int],
    mended_in: int,
    held: Mapping[int, Sequence[str]],
    told: Sequence[str] = (),
) -> None:
    """Create `found`: the cells that this grant is told of.

    `found` (record_id, field, first_version, change, now_record, cause, cause_id), each record and
    field once. `received`: its versions; `held`: the columns of each kept release; `told`: files
    of cells that it was told of before.
    """
    key = digest_key(hub.settings.home)
    bring_scope(connection, scope_key(key, grant.terms.scope, grant.id, grant.subscriber))
    _meet(connection, received)
    _show(connection, dataset, grant, mended_in, held)
    _find(connection, grant, mended_in, told)


def _meet(connection: DuckDBPyConnection, received: Sequence[int]) -> None:
    """Create `met`: wrong cells in the versions received, each by where its row was kept.

    A version holds the old value when the cell was the same in it as in the last wrong release.
    """
    listed = ", ".join(f"({version})" for version in received)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS WITH span AS (SELECT above, version AS kept_of, "
        "min(mine.v) AS v FROM (SELECT DISTINCT above, version FROM kept) "
        f"JOIN (VALUES {listed}) AS mine(v) ON mine.v > above AND mine.v <= version GROUP BY ALL) "
        f"SELECT w.*, k.version AS kept_of, span.v FROM wrong AS w "
        f"JOIN kept AS k ON k.{ENTITY} = w.{ENTITY} AND k.present "
        "JOIN span ON span.above = k.above AND span.kept_of = k.version AND span.v <= w.wrong_in "
        f"LEFT JOIN said AS s ON s.{ENTITY} = w.{ENTITY} AND s.field = w.field "
        "AND s.version = k.version "
        f"WHERE w.field = {literal(RECORD)} "
        f"OR (s.{ENTITY} IS NOT NULL AND s.text IS NOT DISTINCT FROM w.text)"
    )


def _show(
    connection: DuckDBPyConnection,
    dataset: Dataset,
    grant: Grant,
    mended_in: int,
    held: Mapping[int, Sequence[str]],
) -> None:
    """Create `seen` (entity_id, record_id, version) and `shown` (…, field, text), as masked."""
    named = pseudonym_sql(literal(DOMAIN), ENTITY)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE named AS SELECT {ENTITY}, {named} AS {RECORD} FROM ("
        f"SELECT {ENTITY} FROM met UNION SELECT now_entity FROM met WHERE now_entity IS NOT NULL)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE seen ({ENTITY} VARCHAR, {RECORD} VARCHAR, version INTEGER)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE shown "
        f"({ENTITY} VARCHAR, version INTEGER, field VARCHAR, text VARCHAR)"
    )
    fields = [f.name for f in masked_fields(grant.terms, dataset) if f.name != RECORD]
    kept = connection.execute("SELECT DISTINCT kept_of FROM met").fetchall()
    for version in sorted({mended_in, *(version for (version,) in kept)}):
        own = "SELECT * FROM named"
        if version != mended_in:
            there = f"SELECT {ENTITY} FROM met WHERE kept_of = {version}"
            own += f" SEMI JOIN ({there}) AS there USING ({ENTITY})"
        rows = f"SELECT * FROM row_{version} SEMI JOIN ({own}) AS own USING ({ENTITY})"
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE masked AS "
            f"{select(grant.terms, dataset, rows, held[version])}"
        )
        connection.execute(
            f"INSERT INTO seen SELECT {ENTITY}, {RECORD}, {version} FROM masked "
            f"JOIN named USING ({RECORD})"
        )
        if fields:
            connection.execute(
                f"INSERT INTO shown SELECT {ENTITY}, {version}, field, text "
                f"FROM ({long('SELECT * FROM masked', fields, RECORD)}) JOIN named USING ({RECORD})"
            )


def _find(
    connection: DuckDBPyConnection, grant: Grant, mended_in: int, told: Sequence[str]
) -> None:
    """Create `found` of what was received and is shown otherwise, or not at all, by now.

    A record that left because of a field that only the rows of the grant look at, or together with
    its entity, is named as such: what it left for stays unsaid.
    """
    filtered = [condition.field for condition in grant.terms.rows] or [""]
    looked_at = ", ".join(literal(name) for name in filtered)
    gone, granted = "z.version IS NULL", f"x.{ENTITY} IS NOT NULL"
    as_such = (
        f"(m.field = {literal(RECORD)} OR ({gone} AND (({granted} AND m.whole) "
        f"OR (NOT {granted} AND m.field IN ({looked_at})))))"
    )
    differs = f"({granted} AND ({gone} OR x.text IS DISTINCT FROM y.text))"
    paths = ", ".join(literal(path) for path in told)
    before = f"ANTI JOIN read_parquet([{paths}]) AS told USING ({RECORD}, field)" if told else ""
    first = f"arg_min(%s, ({_rank('cause')}, cause_id))"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE found AS WITH cells AS ("
        f"SELECT a.{RECORD}, CASE WHEN {as_such} THEN {literal(RECORD)} ELSE m.field END AS field, "
        f"m.v, CASE WHEN {gone} THEN 'left' ELSE 'updated' END AS change, "
        f"n.{RECORD} AS now_record, m.cause, m.cause_id FROM met AS m "
        f"JOIN seen AS a ON a.{ENTITY} = m.{ENTITY} AND a.version = m.kept_of "
        f"LEFT JOIN seen AS z ON z.{ENTITY} = m.{ENTITY} AND z.version = {mended_in} "
        f"LEFT JOIN shown AS x ON x.{ENTITY} = m.{ENTITY} AND x.version = m.kept_of "
        "AND x.field = m.field "
        f"LEFT JOIN shown AS y ON y.{ENTITY} = m.{ENTITY} AND y.version = {mended_in} "
        "AND y.field = m.field "
        f"LEFT JOIN seen AS n ON n.{ENTITY} = m.now_entity AND n.version = {mended_in} "
        f"WHERE {as_such} OR {differs}) "
        f"SELECT * FROM (SELECT {RECORD}, field, min(v) AS first_version, max(change) AS change, "
        f"max(now_record) AS now_record, {first % 'cause'} AS cause, "
        f"{first % 'cause_id'} AS cause_id FROM cells GROUP BY {RECORD}, field) AS new {before}"
    )


def _rank(column: str) -> str:
    listed = ", ".join(literal(cause) for cause in CAUSES)
    return f"list_position([{listed}], {column})"
