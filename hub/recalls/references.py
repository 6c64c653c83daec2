"""References to entities that another dataset joined or parted: they led to the wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duckdb import DuckDBPyConnection

from hub.ledger.releases import releases_of
from hub.opened import Hub
from hub.publish import read_manifest
from hub.records import Release
from hub.released import ENTITY, relation
from hub.store import identifier, literal
from schemas.contract import Dataset


def find(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    wrong_in: int,
    cause_id: str,
) -> None:
    """Add to `cell` the references that followed a merge or a split of what they refer to."""
    for name in dataset.datasets:
        pair = _seen(hub, name, before), _seen(hub, name, after)
        if pair[0] is None or pair[1] is None or pair[0].version >= pair[1].version:
            continue
        moved = _moved(hub, pair[1], pair[0].version)
        if moved is None:
            continue
        connection.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {moved}")
        if not connection.execute("SELECT 1 FROM moved LIMIT 1").fetchone():
            continue
        old, new = (relation(hub.store, manifest, "golden") for manifest in (before, after))
        for reference in dataset.reconcile.resolve:
            if name not in reference.using:
                continue
            column = identifier(reference.field)
            connection.execute(
                f"INSERT INTO cell SELECT DISTINCT o.{ENTITY}, {literal(reference.field)}, "
                f"{wrong_in}, 'entity', {literal(cause_id)}, NULL FROM ({old}) AS o "
                f"JOIN moved ON moved.old_id = o.{column} "
                f"JOIN ({new}) AS n ON n.{ENTITY} = o.{ENTITY} AND n.{column} = moved.new_id"
            )


def _seen(hub: Hub, dataset: str, manifest: Mapping[str, Any]) -> Release | None:
    """The release of another dataset that a release refers to."""
    wanted = ((manifest.get("memory") or {}).get("entities") or {}).get(dataset)
    found = [r for r in releases_of(hub.ledger, dataset) if r.reconciliation == wanted]
    return found[0] if found else None


def _moved(hub: Hub, release: Release, since: int) -> str | None:
    """A SELECT of (old_id, new_id): ids that led elsewhere after a release, up to another one."""
    manifest = read_manifest(hub.store, release)
    if not {"events", "redirects"} <= manifest["files"].keys():
        return None
    events, redirects = (relation(hub.store, manifest, name) for name in ("events", "redirects"))
    fresh = f"SELECT * FROM ({events}) WHERE since > {since}"
    return (
        f"SELECT DISTINCT r.old_id, r.entity_id AS new_id FROM ({redirects}) AS r "
        f"SEMI JOIN ({fresh}) AS e ON e.kind = 'merge' AND e.old_id = r.old_id "
        "WHERE r.entity_id IS NOT NULL "
        f"UNION SELECT old_id, new_id FROM ({fresh}) WHERE kind = 'split'"
    )
