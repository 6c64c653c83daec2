"""Rows without a good number in a sample city, and whether they found the one they speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.publish import read_manifest
from hub.reconcile.normalise import NORMALISERS
from hub.released import relation
from sample.faults import Fault

Row = tuple[str, str]
"""(supply, source key)"""


def link_scores(hub: Hub, faults: Iterable[Fault]) -> Iterator[tuple[str, str, set[Row], set[Row]]]:
    """Per dataset and supply: the rows that had to be linked, and those that were, rightly.

    A row that was linked though nobody planted it, or to somebody else, is in neither's favour:
    it stands among those found under a name of its own.
    """
    wanted: dict[Row, str] = {(f.supply, f.key): f.other for f in faults if f.expect == "linked"}
    for dataset in hub.catalog.datasets.values():
        release = last_release(hub.ledger, dataset.name)
        if release is None or dataset.reconcile.linkage is None:
            continue
        manifest = read_manifest(hub.store, release)
        files = {n: f"({relation(hub.store, manifest, n)})" for n in ("links", "keys", "pairs")}
        with hub.store.connect() as connection:
            held = dict(
                connection.execute(
                    f"SELECT key, entity_id FROM {files['keys']} WHERE current"
                ).fetchall()
            )
            stands = {
                (supply, key): entity
                for supply, key, entity in connection.execute(
                    f"SELECT supply, source_key, entity_id FROM {files['links']}"
                ).fetchall()
                if (supply, key) in wanted
            }
            joined = connection.execute(
                "SELECT supply, source_key, other_supply, other_source_key "
                f"FROM {files['pairs']} WHERE decision = 'linked'"
            ).fetchall()
        canonical = NORMALISERS[dataset.reconcile.keys[0].normaliser]
        must: dict[str, set[Row]] = defaultdict(set)
        got: dict[str, set[Row]] = defaultdict(set)
        for row, number in wanted.items():
            if row[0] in dataset.supplies:
                must[row[0]].add(row)
                right = held.get(str(canonical(number)))
                if right is not None and stands.get(row) == right:
                    got[row[0]].add(row)
        for supply, key, other, other_key in joined:
            sides = {(supply, key), (other, other_key)}
            if not sides & (must.get(supply, set()) | must.get(other, set())):
                got[other].add((other, f"unplanted {other_key}"))
        for supply in sorted(must | got):
            yield dataset.name, supply, must[supply], got[supply]
