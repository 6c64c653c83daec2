"""What the hub found in a city, held against what was planted: recall and precision per kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hub.discrepancies import export_rows as export_discrepancies
from hub.ledger.batches import list_batches
from hub.ledger.verdicts import checked_of
from hub.opened import Hub
from sample.faults import Fault

Place = tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """One expectation: what was planted and missed, what was found and not planted."""

    planted: int
    missed: frozenset[Place]
    unplanted: frozenset[Place]

    @property
    def recall(self) -> float:
        return 1.0 if not self.planted else 1 - len(self.missed) / self.planted

    @property
    def precision(self) -> float:
        found = self.planted - len(self.missed) + len(self.unplanted)
        return 1.0 if not found else 1 - len(self.unplanted) / found


def quarantined(hub: Hub) -> dict[Place, str]:
    """(supply, source key) of every quarantined row -> the rules that it broke."""
    rows: dict[Place, str] = {}
    for batch in list_batches(hub.ledger, None):
        table = pq.read_table(hub.store.path(checked_of(hub.ledger, batch.id).quarantined))
        for row in table.select(["_source_key", "_rules"]).to_pylist():
            rows[batch.supply, str(row["_source_key"])] = "; ".join(row["_rules"])
    return rows


def discrepancies(hub: Hub, scratch: Path) -> list[dict[str, Any]]:
    """All discrepancies of the newest releases."""
    out = scratch / "discrepancies.parquet"
    export_discrepancies(hub, out)
    return list(pq.read_table(out).to_pylist())


def score(hub: Hub, truth: Iterable[Fault], scratch: Path) -> dict[str, Score]:
    """Scores by kind of planted quarantine fault, and by kind of discrepancy."""
    open_faults = [fault for fault in truth if not fault.until]
    scores: dict[str, Score] = {}
    rows = quarantined(hub)
    known = {(f.supply, f.key) for f in open_faults if f.stage == "quarantine"}
    by_kind: dict[str, list[Fault]] = defaultdict(list)
    for fault in open_faults:
        if fault.stage == "quarantine":
            by_kind[fault.kind].append(fault)
    for kind, faults in by_kind.items():
        missed = frozenset(
            (f.supply, f.key) for f in faults if f.expect not in rows.get((f.supply, f.key), "")
        )
        scores[kind] = Score(len(faults), missed, frozenset())
    scores["quarantine"] = _compare(known, rows)
    found = discrepancies(hub, scratch)
    kinds = ("value_conflict", "identity_conflict", "unresolved_reference", "unfit_reference")
    for kind in (*kinds, "balance"):
        scores[kind] = _compare(
            {_planted(kind, f) for f in open_faults if f.expect == kind},
            {_found(kind, d) for d in found if d["kind"] == kind},
        )
    # Entities have no number of their own here: pairs are counted.
    pairs = {(f.key, f.other) for f in open_faults if f.expect == "possible_duplicate"}
    counted = sum(d["kind"] == "possible_duplicate" for d in found)
    scores["possible_duplicate"] = Score(
        len(pairs),
        frozenset(sorted(pairs)[counted:]),
        frozenset(("pair", str(n)) for n in range(len(pairs), counted)),
    )
    return scores


def _compare(planted: Iterable[Place], found: Iterable[Place]) -> Score:
    wanted, got = frozenset(planted), frozenset(found)
    return Score(len(wanted), wanted - got, got - wanted)


def _planted(kind: str, fault: Fault) -> Place:
    if kind == "balance":
        return (fault.field, fault.key)
    place = (fault.supply, fault.key)
    return (*place, fault.field) if kind == "value_conflict" else place


def _found(kind: str, row: dict[str, Any]) -> Place:
    if kind == "balance":
        return (row["field"], row["source_key"])
    place = (row["supply"], row["source_key"])
    return (*place, row["field"]) if kind == "value_conflict" else place
