"""What a reconciliation is fed with, besides the contract: tables, other entities, its own past."""

from __future__ import annotations

from dataclasses import dataclass

from hub.records import Input


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
