"""What a reconciliation is fed with, besides the contract: tables, other entities, its own past."""

from __future__ import annotations

from dataclasses import dataclass

from hub.records import Input, LinkDecision


@dataclass(frozen=True)
class InputTable:
    """The current rows of one supply.

    `sql` is a SELECT (see `hub.fold.fold_sql`) that yields the contract's fields, `_hash`,
    `_source_key` (unique within the supply) and `_batch`.
    """

    input: Input
    sql: str


@dataclass(frozen=True)
class EntityIndex:
    """What another dataset's last release offers to references to its entities."""

    dataset: str
    id: str  # of the reconciliation
    keys: str  # a SELECT of `Reconciled.keys`
    golden: str  # a SELECT of `Reconciled.golden`


@dataclass(frozen=True)
class Previous:
    """What the last release of the same dataset left, so that ids last."""

    id: str  # of the reconciliation
    keys: str  # a SELECT of `Reconciled.keys`
    events: str  # a SELECT of `Reconciled.events`
    release: int = 0  # its number; 0: not known
    links: str | None = None  # a SELECT of `Reconciled.links`
    redirects: str | None = None  # a SELECT of `Reconciled.redirects`; None: before they were kept


@dataclass(frozen=True)
class Linking:
    """What linkage follows besides the rows: models made before, and stewards' decisions.

    `models`: uris, the preferred first; one that fits the contract no more is passed over.
    `decisions`: those in effect, the newest first.
    """

    models: tuple[str, ...] = ()
    decisions: tuple[LinkDecision, ...] = ()
    as_of: str = ""  # noted in a model that is estimated now
