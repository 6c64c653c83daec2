"""The rows of corrected entities through the releases, each kept once per change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from hub.ledger.releases import release_at
from hub.opened import Hub
from hub.publish import read_manifest
from hub.recalls.cells import RECORD
from hub.released import ENTITY, relation, touched_between
from hub.store import identifier, literal
from schemas.contract import Dataset


def gather(
    hub: Hub, connection: DuckDBPyConnection, dataset: Dataset, versions: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Create what was where of the entities of `cell`; the fields that each kept release has.

    `row_<version>`: golden rows. `kept` (entity_id, above, version, present): a row kept of one
    version holds for all older ones asked for, down to `above`, that version left out. `said`
    (entity_id, version, field, text): the cells in question as text. Where releases are changes
    of each other, only rows that a change touched are read.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT {ENTITY} FROM ("
        f"SELECT {ENTITY} FROM cell UNION ALL SELECT now_entity FROM cell) "
        f"WHERE {ENTITY} IS NOT NULL"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE found_of ({ENTITY} VARCHAR, version INTEGER, "
        "present BOOLEAN)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE said "
        f"({ENTITY} VARCHAR, version INTEGER, field VARCHAR, text VARCHAR)"
    )
    held = {}
    newer: Mapping[str, Any] | None = None
    for version in sorted(set(versions), reverse=True):
        manifest = read_manifest(hub.store, release_at(hub.ledger, dataset.name, version))
        touched = touched_between(hub.store, manifest, newer) if newer else None
        wanted = "SELECT * FROM wanted"
        if touched is not None:
            wanted += f" SEMI JOIN ({touched}) AS touched USING ({ENTITY})"
        golden = relation(hub.store, manifest, "golden")
        held[version] = _keep(connection, dataset, version, wanted, golden)
        newer = manifest
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE kept AS SELECT {ENTITY}, coalesce(lag(version) OVER "
        f"(PARTITION BY {ENTITY} ORDER BY version), 0) AS above, version, present FROM found_of"
    )
    return held


def _keep(
    connection: DuckDBPyConnection, dataset: Dataset, version: int, wanted: str, golden: str
) -> tuple[str, ...]:
    table = f"row_{version}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS "
        f"SELECT g.* FROM ({golden}) AS g SEMI JOIN ({wanted}) AS w USING ({ENTITY})"
    )
    connection.execute(
        f"INSERT INTO found_of SELECT w.{ENTITY}, {version}, r.{ENTITY} IS NOT NULL "
        f"FROM ({wanted}) AS w LEFT JOIN {table} AS r USING ({ENTITY})"
    )
    columns = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
    fields = [name for name in columns if name in dataset.by_name and name != ENTITY]
    if fields:
        told = long(f"SELECT * FROM {table}", fields, ENTITY)
        connection.execute(
            f"INSERT INTO said WITH whole AS (SELECT {ENTITY} FROM cell WHERE field IS NULL), "
            f"asked AS (SELECT {ENTITY}, field FROM cell ANTI JOIN whole USING ({ENTITY})) "
            f"SELECT {ENTITY}, {version}, field, text FROM ({told}) SEMI JOIN whole "
            f"USING ({ENTITY}) UNION ALL SELECT {ENTITY}, {version}, field, text FROM ({told}) "
            f"SEMI JOIN asked USING ({ENTITY}, field)"
        )
    return tuple(columns)


def long(rows: str, fields: Sequence[str], key: str) -> str:
    """A SELECT of one line per cell (key, field, text) of wide rows; nulls are kept."""
    texts = ", ".join(
        f"CAST({identifier(name)} AS VARCHAR) AS {identifier(name)}" for name in fields
    )
    listed = ", ".join(identifier(name) for name in fields)
    return (
        f"SELECT {key}, field, text FROM (SELECT {key}, {texts} FROM ({rows})) "
        f"UNPIVOT INCLUDE NULLS (text FOR field IN ({listed}))"
    )


def weigh(connection: DuckDBPyConnection, mended_in: int) -> None:
    """Create `wrong`: the cells that the release really changed, field by field.

    (entity_id, field, text, wrong_in, whole, cause, cause_id, now_entity); `whole`: the cell spoke
    of the entity, not of the field. A record is wrong as such when it is there no more.
    """
    then = (
        f"JOIN kept AS w ON w.{ENTITY} = c.{ENTITY} "
        "AND w.above < c.wrong_in AND c.wrong_in <= w.version"
    )
    now = f"kept AS m ON m.{ENTITY} = c.{ENTITY} AND m.version = {mended_in}"
    named = "c.cause, c.cause_id, c.now_entity"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE wrong AS SELECT c.{ENTITY}, old.field, old.text, "
        f"c.wrong_in, c.field IS NULL AS whole, {named} FROM cell AS c {then} "
        f"JOIN said AS old ON old.{ENTITY} = c.{ENTITY} AND old.version = w.version "
        f"AND (c.field IS NULL OR c.field = old.field) JOIN {now} "
        f"LEFT JOIN said AS new ON new.{ENTITY} = c.{ENTITY} AND new.field = old.field "
        f"AND new.version = {mended_in} "
        "WHERE w.present AND (NOT m.present OR new.text IS DISTINCT FROM old.text) "
        f"UNION ALL SELECT c.{ENTITY}, {literal(RECORD)}, NULL, c.wrong_in, true, {named} "
        f"FROM cell AS c {then} JOIN {now} "
        f"WHERE c.field = {literal(RECORD)} AND w.present AND NOT m.present"
    )
