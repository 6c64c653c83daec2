"""What one run did, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hub.ledger import Ledger
from hub.ledger.releases import last_release
from hub.records import DISCREPANCY_KINDS, MOVES_ON, Checked, Release
from hub.store import Store
from schemas.contract import Catalog


@dataclass(frozen=True)
class BatchLine:
    """One batch in a summary."""

    batch_id: str
    supply: str
    source: int
    accepted: int
    unchanged: int
    quarantined: int
    deleted: int
    verdict: str


Kind = Literal["crosscheck", "policy"]


@dataclass(frozen=True)
class Asked:
    """What came of one question of the catalog."""

    kind: Kind
    name: str
    status: Literal["ran", "unchanged", "waits", "failed"]
    counts: Mapping[str, int] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()  # datasets without a release, supplies without a batch
    message: str | None = None


@dataclass
class Summary:
    """What one run did; `faults` are ours, verdicts are the departments' news."""

    batches: list[BatchLine] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    discrepancies: dict[str, dict[str, int]] = field(default_factory=dict)
    orders: dict[str, dict[str, int]] = field(default_factory=dict)  # per department, not closed
    questions: list[Asked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def held_or_rejected(self) -> bool:
        """True when a batch did not move on."""
        return any(line.verdict not in MOVES_ON for line in self.batches)


def line_of(checked: Checked) -> BatchLine:
    """The line of one checked batch."""
    counts = checked.counts
    return BatchLine(
        batch_id=checked.batch_id,
        supply=checked.supply,
        source=counts.source,
        accepted=counts.accepted,
        unchanged=counts.unchanged,
        quarantined=counts.quarantined,
        deleted=counts.deleted,
        verdict=checked.verdict.value,
    )


def open_orders(orders: Mapping[str, Mapping[str, int]]) -> str:
    """All open orders in one line, with the departments that have most to mend."""
    most = sorted(orders.items(), key=lambda entry: (-entry[1]["items"], entry[0]))
    total, items = (sum(n[what] for n in orders.values()) for what in ("orders", "items"))
    named = ", ".join(f"{name} {n['items']:,}" for name, n in most[:3])
    rest = ", …" if len(most) > 3 else ""
    return f"{total:,} with {items:,} items 条: {named}{rest}"


def listed(catalog: Catalog, ledger: Ledger, store: Store) -> dict[str, dict[str, int]]:
    """Discrepancies of each kind in the newest release of each dataset."""
    from hub.publish import read_manifest

    found = {}
    for name in catalog.datasets:
        release = last_release(ledger, name)
        if release:
            counts = read_manifest(store, release)["counts"]
            found[name] = {kind: counts[kind] for kind in DISCREPANCY_KINDS if kind in counts}
    return found
