"""What the hub found in a sample city, held against what was planted: recall and precision.

Places are source keys: they stay in memory, only counts are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sample
from hub.cli.link_score import link_scores
from hub.discrepancies import standing
from hub.errors import NotFound
from hub.ledger.batches import list_batches
from hub.ledger.findings import last_run
from hub.ledger.verdicts import checked_of
from hub.opened import Hub
from sample.cases import Case
from sample.faults import Fault

Place = tuple[str, ...]
PLACED = (
    "value_conflict", "identity_conflict", "no_key", "unresolved_reference", "unfit_reference",
    "balance",
)  # fmt: skip
"""Kinds of discrepancies that name a row or a budget line."""
ALIKE = "possible_duplicate"


@dataclass(frozen=True)
class Score:
    """One expectation; `group` is quarantine, discrepancy, link or crosscheck."""

    group: str
    name: str
    field: str = ""
    departments: str = ""  # those on each side of a discrepancy
    planted: int = 0
    missed: frozenset[Place] = frozenset()
    unplanted: frozenset[Place] = frozenset()

    @property
    def found(self) -> int:
        return self.planted - len(self.missed) + len(self.unplanted)

    @property
    def recall(self) -> float | None:
        """None where nothing was planted."""
        return 1 - len(self.missed) / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """None where nothing was found."""
        return 1 - len(self.unplanted) / self.found if self.found else None

    def row(self) -> dict[str, Any]:
        """The score in figures alone."""
        return {
            "group": self.group, "name": self.name, "field": self.field,
            "departments": self.departments, "planted": self.planted, "found": self.found,
            "missed": len(self.missed), "unplanted": len(self.unplanted),
            "precision": self.precision, "recall": self.recall,
        }  # fmt: skip


@dataclass
class _Tally:
    wanted: set[Place] = field(default_factory=set)
    got: set[Place] = field(default_factory=set)


def score(hub: Hub) -> list[Score]:
    """All scores of the city below this home folder; raises `NotFound` where there is none."""
    folder = hub.settings.home / "city"
    try:
        planted = sample.planted(folder)
        faults = [fault for fault in planted if not fault.until]
        cases = [case for case in sample.planted_cases(folder) if not case.until and not case.why]
    except FileNotFoundError:
        raise NotFound(f"there is no sample city below {hub.settings.home}") from None
    return [
        # A mended row was in quarantine once, and what was there is kept.
        *quarantine_scores(planted, quarantined(hub)),
        *discrepancy_scores(hub, faults),
        *linkage_scores(hub, faults),
        *crosscheck_scores(hub, cases),
    ]


def quarantined(hub: Hub) -> dict[Place, list[str]]:
    """(supply, source key) of every quarantined row -> the rules that it broke."""
    import pyarrow.parquet as pq

    rows: dict[Place, list[str]] = {}
    for batch in list_batches(hub.ledger, None):
        table = pq.read_table(hub.store.path(checked_of(hub.ledger, batch.id).quarantined))
        for row in table.select(["_source_key", "_rules"]).to_pylist():
            rows[batch.supply, str(row["_source_key"])] = row["_rules"]
    return rows


def quarantine_scores(faults: Iterable[Fault], rows: Mapping[Place, list[str]]) -> Iterator[Score]:
    """One score per rule; a row that nobody planted counts against every rule that it broke."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    known: set[Place] = set()
    for fault in faults:
        if fault.stage == "quarantine":
            place: Place = (fault.supply, fault.key)
            known.add(place)
            tallies[fault.expect].wanted.add(place)
            if any(fault.expect in rule for rule in rows.get(place, ())):
                tallies[fault.expect].got.add(place)
    for unknown in rows.keys() - known:
        for rule in rows[unknown]:
            tallies[rule].got.add(unknown)
    for rule, tally in sorted(tallies.items()):
        yield _scored(tally, "quarantine", rule)


def discrepancy_scores(hub: Hub, faults: Iterable[Fault]) -> Iterator[Score]:
    """One score per kind, field and pair of departments; entities that look alike by field."""
    found = standing(hub)
    tallies: dict[tuple[str, str, str], _Tally] = defaultdict(_Tally)
    # Which department stands on the other side is known from what was found there.
    names: dict[Place, tuple[str, str, str]] = {}
    for row in found:
        if row["kind"] in PLACED:
            name = (row["kind"], row["field"], _departments(row))
            tallies[name].got.add(_found(row))
            names[_found(row)] = name
    for fault in faults:
        if fault.expect in PLACED:
            place = _planted(fault)
            name = names.get(place, (fault.expect, fault.field, ""))
            tallies[name].wanted.add(place)
        elif fault.expect == ALIKE:
            _count(tallies[ALIKE, fault.field, ""].wanted)
    for row in found:
        if row["kind"] == ALIKE:
            _count(tallies[ALIKE, row["field"], ""].got)
    for (kind, about, side), tally in sorted(tallies.items()):
        yield _scored(tally, "discrepancy", kind, about, side)


def linkage_scores(hub: Hub, faults: Iterable[Fault]) -> Iterator[Score]:
    """One score per supply: rows without a good number, and whether they found their entity."""
    for dataset, supply, wanted, got in link_scores(hub, faults):
        yield _scored(_Tally(set(wanted), set(got)), "link", dataset, "", supply.partition("/")[0])


def _count(pairs: set[Place]) -> None:
    """One pair more: entities have no number of their own here, so pairs are counted."""
    pairs.add((str(len(pairs)),))


def crosscheck_scores(hub: Hub, cases: Iterable[Case]) -> Iterator[Score]:
    """One score per cross-check, by what its newest run found."""
    import pyarrow.parquet as pq

    wanted: dict[str, set[Place]] = defaultdict(set)
    for case in cases:
        wanted[case.check].add((case.key,))
    for name, check in sorted(hub.catalog.crosschecks.items()):
        run = last_run(hub.ledger, name)
        got: set[Place] = set()
        if run is not None:
            rows = pq.read_table(hub.store.path(run.uri), columns=list(check.key)).to_pylist()
            got = {("|".join(str(row[column]) for column in check.key),) for row in rows}
        yield _scored(_Tally(wanted[name], got), "crosscheck", name)


def _scored(tally: _Tally, group: str, name: str, field: str = "", departments: str = "") -> Score:
    missed = frozenset(tally.wanted - tally.got)
    unplanted = frozenset(tally.got - tally.wanted)
    return Score(group, name, field, departments, len(tally.wanted), missed, unplanted)


def _departments(row: Mapping[str, Any]) -> str:
    names = (row["department"], row["surviving_department"])
    return " – ".join(name for name in names if name)


def _planted(fault: Fault) -> Place:
    return _place(fault.expect, fault.supply, fault.key, fault.field)


def _found(row: Mapping[str, Any]) -> Place:
    return _place(row["kind"], row["supply"], row["source_key"], row["field"])


def _place(kind: str, supply: str, key: str, field_name: str) -> Place:
    """What makes two speak of one thing. The field of an identity is that of the number shared."""
    if kind == "balance":
        return (kind, field_name, key)
    return (kind, supply, key, field_name if kind == "value_conflict" else "")
