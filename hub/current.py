"""The current table of a supply, as an open hub holds it."""

from __future__ import annotations

from hub.fold import CurrentTable, Segment
from hub.ledger.releases import fold_of
from hub.opened import Hub


def current_table(hub: Hub, supply_name: str) -> CurrentTable:
    """The current table of a supply, read from the ledger in one transaction."""
    fold = fold_of(hub.ledger, supply_name)
    return CurrentTable(
        supply=hub.supply(supply_name),
        segments=tuple(
            Segment(hub.store.path(uri), batch_id, rows) for uri, batch_id, rows in fold.segments
        ),
        last_batch_id=fold.last_batch_id,
        changed_by=fold.changed_by,
        contract_version=fold.contract_version,
    )
