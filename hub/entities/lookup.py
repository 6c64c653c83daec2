"""Finds an entity by its id, by an id that it had once, or by one of its records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from hub.errors import NotFound, SettingsError
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.publish import read_manifest
from hub.records import Release
from hub.released import relation
from schemas.contract import Dataset


@dataclass(frozen=True)
class Found:
    """One entity of the newest release; `asked` is what it was asked for by."""

    dataset: Dataset
    release: Release
    manifest: Mapping[str, Any]
    entity_id: str
    asked: str
    redirected: bool = False


def find(
    hub: Hub,
    connection: DuckDBPyConnection,
    asked: str | None = None,
    supply: str | None = None,
    key: str | None = None,
    dataset: str | None = None,
) -> Found:
    """The entity meant by an id (also an old one), `<supply>:<source key>`, or supply and key.

    Raises `NotFound`, and `SettingsError` when nothing, or too much, was said.
    """
    if asked is not None and supply is None:
        supply, key = _record(hub, asked)
    elif asked is not None:
        raise SettingsError("give an entity id, or --supply and --key, not both")
    if supply is not None:
        if key is None:
            raise SettingsError("--supply and --key belong together")
        hub.supply(supply)
        return _by_record(hub, connection, supply, key, dataset)
    if asked is None:
        raise SettingsError("give an entity id, or --supply and --key")
    return _by_id(hub, connection, asked, dataset)


def _record(hub: Hub, asked: str) -> tuple[str | None, str | None]:
    """`police/residents:JM1` read as a record; ids hold no colon. Raises `NotFound`."""
    supply, colon, key = asked.partition(":")
    return (hub.supply(supply).name, key) if colon else (None, None)


def releases(hub: Hub, dataset: str | None) -> Iterator[tuple[Dataset, Release, dict[str, Any]]]:
    """The newest release of the dataset named, or of every dataset, with its manifest."""
    for name in [hub.dataset(dataset).name] if dataset else hub.catalog.datasets:
        release = last_release(hub.ledger, name)
        if release is not None:
            yield hub.catalog.datasets[name], release, read_manifest(hub.store, release)


def _by_id(hub: Hub, connection: DuckDBPyConnection, asked: str, dataset: str | None) -> Found:
    gone: str | None = None
    for owner, release, manifest in releases(hub, dataset):
        links = relation(hub.store, manifest, "links")
        if _one(connection, f"SELECT 1 FROM ({links}) WHERE entity_id = ? LIMIT 1", asked):
            return Found(owner, release, manifest, asked, asked)
        if "redirects" in manifest["files"]:
            redirects = relation(hub.store, manifest, "redirects")
            leads = _one(connection, f"SELECT entity_id FROM ({redirects}) WHERE old_id = ?", asked)
            if leads:
                return Found(owner, release, manifest, str(leads), asked, redirected=True)
        keys = relation(hub.store, manifest, "keys")
        if _one(connection, f"SELECT 1 FROM ({keys}) WHERE entity_id = ? LIMIT 1", asked):
            gone = owner.name
    if gone:
        raise NotFound(f"entity {asked} of {gone} has no record any more: all its rows have left")
    # A number typed instead of an id may be a person's: it is not repeated.
    shown = f" {asked}" if re.fullmatch("[a-z][0-9a-f]{16}", asked) else " under what was given"
    raise NotFound(f"there is no entity{shown}; ids have a letter and 16 hexadecimal digits")


def _by_record(
    hub: Hub, connection: DuckDBPyConnection, supply: str, key: str, dataset: str | None
) -> Found:
    for owner, release, manifest in releases(hub, dataset):
        if supply not in owner.supplies:
            continue
        links = relation(hub.store, manifest, "links")
        found = _one(
            connection,
            f"SELECT entity_id FROM ({links}) WHERE supply = ? AND source_key = ?",
            supply,
            key,
        )
        if found:
            return Found(owner, release, manifest, str(found), str(found))
    # The key may be personal: it is not repeated.
    raise NotFound(f"no release holds a row of {supply} under that key")


def _one(connection: DuckDBPyConnection, query: str, *values: str) -> Any:
    row = connection.execute(query, list(values)).fetchone()
    return row[0] if row else None
