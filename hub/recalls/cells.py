"""Cells: which fields of which entities were wrong until which release, and why, as one file."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.ledger.recalls import Correction
from hub.opened import Hub
from hub.store import COPY_PARQUET, literal

TABLE = (
    "CREATE OR REPLACE TEMP TABLE cell (entity_id VARCHAR, field VARCHAR, wrong_in INTEGER, "
    "cause VARCHAR, cause_id VARCHAR, now_entity VARCHAR)"
)
"""field null: any field that the release changed; `record_id`: the record as such is no more.

`wrong_in`: the last release with the wrong value. `now_entity`: what a merged entity is part of.
"""
RECORD = "record_id"
CAUSES = ("objection", "work_order", "entity", "steward")
"""Why a value was corrected, the plainest reason first: a cell is told under one alone."""


def correction_id(dataset: str, version: int, own: str | None = None) -> str:
    """What a release corrected, or what a person or an objection (`own`) says that it did."""
    return f"{dataset}/{version}!{own}" if own else f"{dataset}/{version}"


def keep(
    hub: Hub, connection: DuckDBPyConnection, dataset: str, version: int, own: str | None = None
) -> Correction:
    """Write the table `cell` to the store; without a row there is no file."""
    new = correction_id(dataset, version, own)
    (count,) = connection.execute("SELECT count(*) FROM cell").fetchone() or (0,)
    if not count:
        return Correction(new, dataset, version, 0, None)
    name = f"{version:06d}-{own}" if own else f"{version:06d}"
    uri = f"corrections/{dataset}/{name}.parquet"
    with hub.store.writing(uri) as temporary:
        connection.execute(
            "COPY (SELECT DISTINCT * FROM cell ORDER BY ALL) "
            f"TO {literal(temporary)} ({COPY_PARQUET})"
        )
    return Correction(new, dataset, version, count, uri)


def read(
    hub: Hub, connection: DuckDBPyConnection, kept: Correction, part: int = 0, parts: int = 1
) -> None:
    """Fill the table `cell` of a connection again, with the entities of one part of several."""
    assert kept.uri is not None
    connection.execute(TABLE)
    path = literal(hub.store.path(kept.uri))
    connection.execute(
        f"INSERT INTO cell BY NAME SELECT * FROM read_parquet({path}) "
        f"WHERE hash(entity_id) % {parts} = {part}"
    )


def versions(hub: Hub, connection: DuckDBPyConnection, kept: Correction) -> list[int]:
    """The last wrong releases that the cells of a correction speak of."""
    assert kept.uri is not None
    path = literal(hub.store.path(kept.uri))
    found = connection.execute(f"SELECT DISTINCT wrong_in FROM read_parquet({path})").fetchall()
    return [version for (version,) in found]
