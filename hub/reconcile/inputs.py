"""What a reconciliation is fed with, besides the contract: tables, other entities, its own past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.records import Input, LinkDecision, Release
from hub.released import relation
from hub.store import Store


@dataclass(frozen=True)
class InputTable:
    """The current rows of one supply.

    `sql` is a SELECT (see `hub.fold.fold_sql`) that yields the contract's fields, `_hash`,
    `_source_key` (unique within the supply) and `_batch`.
    """

    input: Input
    sql: str
    changed: str | None = None
    """A SELECT of the `_source_key` of every row that came, changed or went since the last release;
    None: not known."""
    fresh: str | None = None
    """A SELECT of the rows of `sql` at those keys, read from the batches that brought them."""


@dataclass(frozen=True)
class EntityIndex:
    """What another dataset's last release offers to references to its entities."""

    dataset: str
    id: str  # of the reconciliation
    keys: str  # a SELECT of `Reconciled.keys`
    golden: str  # a SELECT of `Reconciled.golden`
    before: EntityIndex | None = None  # as the last release of the dataset that refers saw it
    touched: str | None = None  # a SELECT of the entities touched since then; None: not known


@dataclass(frozen=True)
class Previous:
    """What the last release of the same dataset left, so that ids last."""

    id: str  # of the reconciliation
    keys: str  # a SELECT of `Reconciled.keys`
    events: str  # a SELECT of `Reconciled.events`
    release: int = 0  # its number; 0: not known
    links: str | None = None  # a SELECT of `Reconciled.links`
    redirects: str | None = None  # a SELECT of `Reconciled.redirects`; None: before they were kept
    issued: str | None = None  # a SELECT of all ids ever issued, where `keys` are those of some
    files: Mapping[str, str] = field(default_factory=dict)  # SELECTs of all files, by name
    memory: Mapping[str, Any] = field(default_factory=dict)  # `Reconciled.memory`


def previous_of(store: Store, release: Release, manifest: Mapping[str, Any]) -> Previous:
    """The past of a dataset, by its last release; releases of older hubs lack some files."""
    files = {name: relation(store, manifest, name) for name in manifest["files"]}
    return Previous(
        release.reconciliation,
        files["keys"],
        files["events"],
        release.version,
        files.get("links"),
        files.get("redirects"),
        files=files,
        memory=manifest.get("memory") or {},
    )


def index_of(store: Store, release: Release, manifest: Mapping[str, Any]) -> EntityIndex:
    """The entities of another dataset, by its last release."""
    keys, golden = (relation(store, manifest, name) for name in ("keys", "golden"))
    return EntityIndex(release.dataset, release.reconciliation, keys, golden)


@dataclass(frozen=True)
class Linking:
    """What linkage follows besides the rows: models made before, and stewards' decisions.

    `models`: uris, the preferred first; one that fits the contract no more is passed over.
    `decisions`: those in effect, the newest first.
    """

    models: tuple[str, ...] = ()
    decisions: tuple[LinkDecision, ...] = ()
    as_of: str = ""  # noted in a model that is estimated now
