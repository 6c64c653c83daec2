"""What a batch is read from that no front end gave: an answer to a work order, or a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.protocol import Source
from hub.opened import Hub
from hub.records import Batch
from schemas.contract import Supply

if TYPE_CHECKING:
    from hub.orders import Desk


def source_of(hub: Hub, supply: Supply, batch: Batch) -> Source | None:
    """What a batch that was not pulled is read from; None: its front end."""
    from hub.orders.answer import ORDER, answer_of
    from hub.replay import REPLAY_OF, replayed

    if ORDER in (batch.origin or {}):
        return answer_of(desk_of(hub), batch)
    if REPLAY_OF in (batch.origin or {}):
        return replayed(hub.ledger, hub.store, supply, batch)
    return None


def desk_of(hub: Hub) -> Desk:
    """Where this hub keeps its work orders."""
    from hub.digests import digest_key
    from hub.orders import Desk

    return Desk(hub.ledger, hub.store, hub.catalog, digest_key(hub.settings.home), hub.now)
