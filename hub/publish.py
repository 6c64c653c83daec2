"""Publish: a reconciliation becomes one atomic commit of a Delta table with its change feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from hub.errors import IntegrityError
from hub.ledger import Ledger
from hub.ledger.releases import add_release, last_release, releases_of
from hub.records import Measure, Reconciled, Release
from hub.released import files_of, relation
from hub.store import Store, identifier, literal
from schemas.contract import Dataset

COMMIT_KEY = "hub.manifest"
"""Where a Delta commit carries the name of its manifest: what makes a broken run recognisable."""

OP = "_op"
ENTITY = "entity_id"
HASH = "_hash"
BATCH_ROWS = 100_000  # rows handed to Delta at a time


def table_uri(dataset: str) -> str:
    """The Delta table of a dataset; its versions are the releases."""
    return f"release/{dataset}"


def publish(
    dataset: Dataset,
    reconciled: Reconciled,
    basis: str,
    store: Store,
    ledger: Ledger,
    now: datetime,
) -> Release:
    """Commit a reconciliation as the next release.

    The manifest is written first, then one Delta commit that names it, then the ledger's line. A
    crash between any two leaves the last release whole, and a re-run finds its own commit and goes
    on behind it. `basis` is a digest of everything that the reconciliation followed from.
    """
    adopt(dataset.name, store, ledger, now)
    previous = last_release(ledger, dataset.name)
    if previous and previous.reconciliation == reconciled.id:
        return previous
    table = store.path(table_uri(dataset.name))
    version = previous.version + 1 if previous else 1
    manifest_uri = f"manifest/{dataset.name}/{version:06d}-{reconciled.id}.json"
    before = read_manifest(store, previous) if previous else None
    if reconciled.change and (previous is None or reconciled.change.of != previous.reconciliation):
        raise IntegrityError(f"dataset {dataset.name}: a change of another release than the last")
    with store.connect() as connection:
        changes = _change_set(connection, store, reconciled, before)
        files = files_of(store, reconciled, before["files"] if before else None)
        manifest = _manifest(dataset, reconciled, basis, store, version, changes, files)
        store.write_json(manifest_uri, manifest)
        if previous is None:
            _create(connection, table, manifest_uri)
        elif any(changes.values()):
            _merge(connection, table, manifest_uri)
    return _record(manifest, manifest_uri, store, ledger, now)


def adopt(dataset: str, store: Store, ledger: Ledger, now: datetime) -> None:
    """Enter the release of a commit that a crash kept out of the ledger."""
    manifest_uri = _last_manifest(store, dataset)
    if manifest_uri and manifest_uri not in {r.manifest for r in releases_of(ledger, dataset)}:
        _record(store.read_json(manifest_uri), manifest_uri, store, ledger, now)


def _record(
    manifest: Mapping[str, Any], manifest_uri: str, store: Store, ledger: Ledger, now: datetime
) -> Release:
    from deltalake import DeltaTable

    release = Release(
        dataset=manifest["dataset"],
        version=manifest["version"],
        delta_version=DeltaTable(str(store.path(table_uri(manifest["dataset"])))).version(),
        reconciliation=manifest["reconciliation"],
        manifest=manifest_uri,
        rows=manifest["rows"],
        **manifest["changes"],
        created_at=now,
    )
    # A manifest that was written before measures were kept has none.
    add_release(ledger, release, [Measure(**one) for one in manifest.get("measures", ())])
    return release


def _last_manifest(store: Store, dataset: str) -> str | None:
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        commits = DeltaTable(str(store.path(table_uri(dataset)))).history()
    except TableNotFoundError:
        return None
    # Maintenance commits (compaction) carry no manifest and change no row.
    return next((str(c[COMMIT_KEY]) for c in commits if COMMIT_KEY in c), None)


def _change_set(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    reconciled: Reconciled,
    before: Mapping[str, Any] | None,
) -> dict[str, int]:
    """Create `changes`: inserted and updated golden rows, and the ids of those that left."""
    golden = f"read_parquet({literal(store.path(reconciled.golden))})"
    if before is None:
        connection.execute(f"CREATE VIEW changes AS SELECT *, 'insert' AS {OP} FROM {golden}")
    else:
        old = f"({relation(store, before, 'golden')})"
        if reconciled.change:  # nobody else can have changed
            touched = literal(store.path(reconciled.change.touched))
            old += f" SEMI JOIN read_parquet({touched}) AS touched USING ({ENTITY})"
        connection.execute(f"CREATE TABLE before AS SELECT {ENTITY}, {HASH} FROM {old}")
        connection.execute(
            f"CREATE TABLE changes AS "
            f"SELECT g.*, CASE WHEN b.{ENTITY} IS NULL THEN 'insert' ELSE 'update' END AS {OP} "
            f"FROM {golden} g LEFT JOIN before b USING ({ENTITY}) "
            f"WHERE b.{HASH} IS DISTINCT FROM g.{HASH} "
            f"UNION ALL BY NAME "
            f"SELECT {ENTITY}, 'delete' AS {OP} FROM before "
            f"WHERE {ENTITY} NOT IN (SELECT {ENTITY} FROM {golden})"
        )
    counted = dict(
        connection.execute(f"SELECT {OP}, count(*) FROM changes GROUP BY ALL").fetchall()
    )
    return {
        "inserted": counted.get("insert", 0),
        "updated": counted.get("update", 0),
        "deleted": counted.get("delete", 0),
    }


def _create(connection: duckdb.DuckDBPyConnection, table: Path, manifest_uri: str) -> None:
    from deltalake import CommitProperties, write_deltalake

    rows = connection.sql(f"SELECT * EXCLUDE ({OP}) FROM changes ORDER BY {ENTITY}")
    write_deltalake(
        str(table),
        rows.to_arrow_reader(BATCH_ROWS),
        configuration={"delta.enableChangeDataFeed": "true"},
        commit_properties=CommitProperties(custom_metadata={COMMIT_KEY: manifest_uri}),
    )


def _merge(connection: duckdb.DuckDBPyConnection, table: Path, manifest_uri: str) -> None:
    from deltalake import CommitProperties, DeltaTable

    rows = connection.sql(f"SELECT * FROM changes ORDER BY {ENTITY}")
    source = rows.to_arrow_reader(BATCH_ROWS)
    values = {f"`{name}`": f"s.`{name}`" for name in source.schema.names if name != OP}
    (
        DeltaTable(str(table))
        .merge(
            source,
            predicate=f"t.{ENTITY} = s.{ENTITY}",
            source_alias="s",
            target_alias="t",
            commit_properties=CommitProperties(custom_metadata={COMMIT_KEY: manifest_uri}),
        )
        .when_matched_delete(predicate=f"s.{OP} = 'delete'")
        .when_matched_update(values, predicate=f"s.{OP} = 'update'")
        .when_not_matched_insert(values, predicate=f"s.{OP} = 'insert'")
        .execute()
    )


def _manifest(
    dataset: Dataset,
    reconciled: Reconciled,
    basis: str,
    store: Store,
    version: int,
    changes: Mapping[str, int],
    files: Mapping[str, Any],
) -> dict[str, Any]:
    rows = pq.read_metadata(store.path(reconciled.golden)).num_rows
    if reconciled.change:
        rows = reconciled.counts["entities"]
    return {
        "dataset": dataset.name,
        "version": version,
        "contract_version": dataset.version,
        "reconciliation": reconciled.id,
        "basis": basis,
        "inputs": [asdict(entry) for entry in reconciled.inputs],
        "counts": dict(reconciled.counts),
        "measures": [asdict(one) for one in reconciled.measures],
        "rows": rows,
        "made": _made(reconciled),
        "memory": reconciled.memory,
        "changes": dict(changes),
        "model": reconciled.model,
        "files": files,
    }


def _made(reconciled: Reconciled) -> dict[str, Any]:
    """Whether the release was made as a whole, or as a change of how many entities."""
    change = reconciled.change
    return {
        "whole": change is None,
        "of": change and change.of,
        "touched": change.entities if change else None,
    }


def release_of(ledger: Ledger, dataset: str, version: int | None = None) -> Release:
    """One release, the newest by default; raises `NotFound`."""
    from hub.errors import NotFound

    found = releases_of(ledger, dataset)
    if version is not None:
        found = [release for release in found if release.version == version]
    if not found:
        what = f"release {version}" if version is not None else "release yet"
        raise NotFound(f"dataset {dataset} has no {what}")
    return found[-1]


def read_manifest(store: Store, release: Release) -> dict[str, Any]:
    """The manifest of a release, as written before its commit."""
    return dict(store.read_json(release.manifest))


def diff_releases(
    store: Store, dataset: Dataset, before: Release, after: Release
) -> list[dict[str, Any]]:
    """Entities that came and went between two releases, and per field how many values changed."""
    sides = {}
    for name, release in (("old", before), ("new", after)):
        sides[name] = f"({relation(store, read_manifest(store, release), 'golden')})"
    fields = [field.name for field in dataset.fields if field.name != ENTITY]
    changed = ", ".join(
        f"count(*) FILTER (o.{identifier(name)} IS DISTINCT FROM n.{identifier(name)})"
        for name in fields
    )
    joined = f"{sides['old']} o {{}} JOIN {sides['new']} n USING ({ENTITY})"
    with store.connect() as connection:
        gone = connection.execute(
            f"SELECT count(*) FILTER (n.{HASH} IS NULL), count(*) FILTER (o.{HASH} IS NULL) "
            f"FROM {joined.format('FULL')}"
        ).fetchone() or (0, 0)
        per_field = (
            connection.execute(
                f"SELECT {changed} FROM {joined.format('INNER')} "
                f"WHERE o.{HASH} IS DISTINCT FROM n.{HASH}"
            ).fetchone()
            or ()
        )
    rows: list[dict[str, Any]] = [
        {"change": "deleted", "field": None, "rows": gone[0]},
        {"change": "inserted", "field": None, "rows": gone[1]},
    ]
    rows += [
        {"change": "updated", "field": name, "rows": count}
        for name, count in zip(fields, per_field, strict=True)
        if count
    ]
    return rows
