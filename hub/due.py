"""Whether a supply is due, by its update cycle and what the ledger holds of it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hub.ledger import Ledger
from hub.ledger.batches import last_pulled
from schemas.contract import Supply
from schemas.cycles import due


def is_due(ledger: Ledger, supply: Supply, as_of: datetime) -> bool:
    """False when this period's batch (this month's, this quarter's) has already moved on.

    A held or rejected batch leaves its supply due. Periods are those of the node's time zone.
    """
    zone = ZoneInfo(supply.department.timezone)
    pulled = last_pulled(ledger, supply.name)
    last = pulled.window.as_of.astimezone(zone) if pulled else None
    return due(supply.properties.directory.update_cycle, as_of.astimezone(zone), last)
