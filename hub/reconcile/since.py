"""What happened since the last release, as ledger and store have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.fold import SOURCE_KEY, CurrentTable, Segment, fold_sql
from hub.ledger import Ledger
from hub.ledger.releases import releases_of, segments_between
from hub.reconcile.counting import count
from hub.reconcile.inputs import EntityIndex, InputTable, index_of
from hub.records import Input, Release
from hub.released import touched_between
from hub.store import Store, literal


def tables_since(
    ledger: Ledger,
    store: Store,
    tables: Mapping[str, CurrentTable],
    manifest: Mapping[str, Any] | None,
) -> dict[str, InputTable]:
    """The current tables as inputs, with what the batches since that release brought.

    `manifest` is the one of the last release; None: there is none. Late batches, answers, replays
    and people's decisions are in the order in which they were folded in, which is all that counts.
    """
    seen = {entry["supply"]: entry for entry in manifest["inputs"]} if manifest else {}
    return {name: _since(ledger, store, table, seen.get(name)) for name, table in tables.items()}


def _since(
    ledger: Ledger, store: Store, table: CurrentTable, seen: Mapping[str, Any] | None
) -> InputTable:
    made = InputTable(_input(store, table), table.sql)
    if seen is None or "changed_by" not in seen:
        return made
    found = segments_between(ledger, table.supply.name, seen["changed_by"], table.changed_by)
    if found is None:
        return made
    segments = [Segment(store.path(uri), batch_id, rows) for uri, batch_id, rows in found]
    if not all(segment.path.is_file() for segment in segments):
        return made
    changed = [
        f"SELECT {SOURCE_KEY} FROM read_parquet({literal(segment.path)})" for segment in segments
    ]
    nothing = f"SELECT NULL::VARCHAR AS {SOURCE_KEY} WHERE false"
    return replace(
        made,
        changed=" UNION ALL ".join([nothing, *changed]),
        fresh=fold_sql(table.supply, segments),
    )


def _input(store: Store, table: CurrentTable) -> Input:
    with store.connect() as connection:
        rows = count(connection, f"({table.sql})")
    return Input(
        table.supply.name,
        table.last_batch_id or "",
        table.contract_version or "",
        rows,
        table.changed_by,
    )


def indices_since(
    ledger: Ledger,
    store: Store,
    others: Mapping[str, Release],
    manifest: Mapping[str, Any] | None,
) -> dict[str, EntityIndex]:
    """What other datasets' last releases offer, and what that of this dataset saw of them."""
    seen = ((manifest or {}).get("memory") or {}).get("entities", {})
    return {name: _index(ledger, store, other, seen.get(name)) for name, other in others.items()}


def _index(ledger: Ledger, store: Store, other: Release, seen: str | None) -> EntityIndex:
    manifest = store.read_json(other.manifest)
    index = index_of(store, other, manifest)
    known = {release.reconciliation: release for release in releases_of(ledger, other.dataset)}
    if seen not in known:
        return index
    old = known[seen]
    before = store.read_json(old.manifest)
    return replace(
        index,
        before=index_of(store, old, before),
        touched=touched_between(store, before, manifest),
    )
