"""Supplies of which no batch has moved on in the time that their contract promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from hub.ledger.batches import last_pulled, list_batches
from hub.ledger.tables import batch
from hub.opened import Hub
from hub.records import MOVES_ON
from schemas.contract import Supply
from schemas.cycles import promised_by

LIVING = ("active", "deprecated")
"""States of a contract in which a department owes its batches."""


@dataclass(frozen=True)
class LateSupply:
    """One supply that is late. `held`: the newest batch, when it came but did not move on."""

    supply: str
    department: str
    cycle: str
    last_batch: str | None  # the last that moved on; None: none ever did
    last_at: datetime | None  # when it was pulled
    due_by: datetime
    held: str | None


def late_supplies(hub: Hub, at: datetime) -> list[LateSupply]:
    """All supplies that are late at `at` (aware), longest first.

    A batch is due by the end of the period after the last one's, plus the promised latency. A
    supply that never delivered counts from the hub's first batch. Cycles without periods
    (irregular, never, other) are never late.
    """
    began = _began(hub)
    if began is None:
        return []
    found = [late for s in hub.catalog.supplies.values() if (late := _late(hub, s, began, at))]
    return sorted(found, key=lambda late: (late.due_by, late.supply))


def _began(hub: Hub) -> datetime | None:
    with hub.ledger.reading() as connection:
        first: datetime | None = connection.execute(select(func.min(batch.c.as_of))).scalar()
    return first


def _late(hub: Hub, supply: Supply, began: datetime, at: datetime) -> LateSupply | None:
    node, cycle = supply.department.node, supply.properties.directory.update_cycle
    if node is None or supply.status not in LIVING:
        return None
    last = last_pulled(hub.ledger, supply.name)
    last_at = last.window.as_of if last else None
    latency = timedelta(hours=supply.latency_h or 0)
    due_by = promised_by(cycle, (last_at or began).astimezone(ZoneInfo(node.timezone)), latency)
    if due_by is None or at <= due_by:
        return None
    newest = next(iter(list_batches(hub.ledger, supply.name, 1)), None)
    waiting = newest is not None and newest.verdict is not None and newest.verdict not in MOVES_ON
    return LateSupply(
        supply=supply.name,
        department=supply.department.name,
        cycle=cycle.value,
        last_batch=last.id if last else None,
        last_at=last_at,
        due_by=due_by,
        held=newest.id if newest and waiting else None,
    )
