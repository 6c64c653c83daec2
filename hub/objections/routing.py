"""Who supplied a value: from a release's lineage to the supply, the batch and the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from hub.opened import Hub
from hub.released import ENTITY, relation
from hub.store import identifier
from schemas.contract import Dataset


@dataclass(frozen=True)
class Origin:
    """Where the value of one field of one entity came from; `value` as text, personal.

    Where nobody supplied one, `batch_id` is None and `supply` the first that could have. `keys`:
    the source keys of that supply's rows.
    """

    supply: str
    batch_id: str | None
    keys: tuple[str, ...]
    value: str | None


def origin_of(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    manifest: Mapping[str, Any],
    entity_id: str,
    field: str,
) -> Origin:
    """Follow the lineage of one value."""
    files = {
        name: f"({relation(hub.store, manifest, name)})"
        for name in ("golden", "lineage", "origins", "links")
    }
    value = _one(
        connection,
        f"SELECT CAST({identifier(field)} AS VARCHAR) FROM {files['golden']} WHERE {ENTITY} = ?",
        entity_id,
    )
    column = connection.execute(
        f"SELECT o.supply, o.batch_id FROM {files['lineage']} AS l "
        f"JOIN {files['origins']} AS o ON o.index = l.{identifier(field)} WHERE l.{ENTITY} = ?",
        [entity_id],
    ).fetchone()
    supply, batch = column if column else (_first(dataset, field), None)
    keys = connection.execute(
        f"SELECT source_key FROM {files['links']} WHERE {ENTITY} = ? AND supply = ? ORDER BY 1",
        [entity_id, supply],
    ).fetchall()
    return Origin(supply, batch, tuple(key for (key,) in keys), value)


def _first(dataset: Dataset, field: str) -> str:
    """The supply of the highest authority in a field, which left it empty."""
    plan = dataset.reconcile
    survivorship = plan.survivorship.get(field)
    feeding = [
        source.supply
        for source in plan.sources
        if field in source.fields or field in source.constants
    ] or [source.supply for source in plan.sources]
    order = survivorship.order if survivorship and survivorship.order else ()
    return next((name for name in order if name in feeding), feeding[0])


def _one(connection: DuckDBPyConnection, query: str, entity_id: str) -> str | None:
    row = connection.execute(query, [entity_id]).fetchone()
    return row[0] if row else None
