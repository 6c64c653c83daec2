"""Rows come in that no front end gave: a department answers, or a landing is checked again."""

from __future__ import annotations

from pathlib import Path

from hub.handed_in import desk_of, source_of
from hub.ledger import batches as books
from hub.opened import Hub
from hub.records import Batch, BatchState, Checked
from hub.steps import check, land_batch
from schemas.contract import Supply


def answer(hub: Hub, order_id: str, file: Path, by: str) -> Checked:
    """Land and check the rows that a department has mended; the same file again changes nothing.

    Raises `DecisionError` when the order cannot be answered so, see `open_answer`.
    """
    from hub.ledger.orders import order_of
    from hub.orders.answer import open_answer

    supply = hub.supply(order_of(hub.ledger, order_id).supply)
    with hub.ledger.alone(f"collect-{supply.name}"):
        batch = open_answer(desk_of(hub), order_id, file, by)
        return _finish(hub, supply, batch)


def replay(hub: Hub, batch_id: str, by: str) -> Checked:
    """Check a landing again under today's contract, as a batch of its own; no source is asked."""
    from hub.replay import open_replay

    supply = hub.supply(books.batch_of(hub.ledger, batch_id).supply)
    with hub.ledger.alone(f"collect-{supply.name}"):
        new = open_replay(hub.ledger, hub.store, supply, batch_id, by)
        return _finish(hub, supply, books.open_batch(hub.ledger, new, hub.now()))


def _finish(hub: Hub, supply: Supply, batch: Batch) -> Checked:
    if batch.state is BatchState.OPENED:
        source = source_of(hub, supply, batch)
        assert source is not None
        land_batch(hub, source, supply, batch, batch.window.as_of)
    return check(hub, batch.id)
