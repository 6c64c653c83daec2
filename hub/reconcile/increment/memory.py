"""What a release remembers of how it was made, so that the next one may be a change of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from hub.reconcile.increment.sums import Tallies, as_json
from hub.reconcile.inputs import EntityIndex, Linking
from hub.reconcile.plan import Plan

ALGORITHM = 1
"""Raised with every change of the room that lets equal rows come out differently."""


@dataclass(frozen=True)
class Memory:
    """`rules` digests all that is no row; `parts` and `touched` count what was changed since the
    last release that was made as a whole."""

    rules: str
    entities: Mapping[str, str]  # dataset -> reconciliation referred to
    tallies: Mapping[str, Any]
    parts: int = 0
    touched: int = 0
    model: Mapping[str, Any] | None = None  # of linkage
    profiles: int = 0  # at most so many did linkage look at
    decisions: Mapping[str, str] = field(default_factory=dict)  # stewards', in effect: id -> uri


def memory_of(
    plan: Plan,
    entities: Mapping[str, EntityIndex],
    linking: Linking,
    tallies: Tallies,
    profiles: int,
    model: Mapping[str, Any] | None,
    before: Memory | None = None,
    touched: int = 0,
) -> dict[str, Any]:
    """The memory of a release made as a whole, or as a change of one that remembers `before`.

    `profiles`: how many the release made.
    """
    return asdict(
        Memory(
            rules_of(plan),
            {name: index.id for name, index in sorted(entities.items())},
            as_json(tallies),
            before.parts + 1 if before else 0,
            before.touched + touched if before else 0,
            model or (before.model if before else None),
            profiles + (before.profiles if before else 0),
            {decision.id: decision.uri or "" for decision in linking.decisions},
        )
    )


def rules_of(plan: Plan) -> str:
    """A digest of contracts, code lists and the room's own version."""
    catalog = plan.catalog
    supplies = sorted({source.supply.name for source in plan.sources})
    others = sorted(set(plan.dataset.datasets) & catalog.datasets.keys())
    parts = {
        "algorithm": ALGORITHM,
        "engine": duckdb.__version__,
        "dataset": plan.dataset.document,
        "supplies": {name: catalog.supplies[name].document for name in supplies},
        "datasets": {name: catalog.datasets[name].document for name in others},
        "codelists": {
            name: [[c.code, c.canonical, c.kind] for c in listed.codes]
            for name, listed in sorted(catalog.codelists.items())
        },
    }
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
