"""Whether supplies are fresh, judged on the last batch that moved on; each delay is noted once."""

from __future__ import annotations

from sqlalchemy import select

from hub.lateness import LateSupply, late_supplies
from hub.ledger.audit import Event, note
from hub.ledger.audit_tables import audit_event
from hub.ledger.orders import HUB
from hub.opened import Hub


def look(hub: Hub) -> tuple[list[LateSupply], list[LateSupply]]:
    """All supplies that are late now, and those of which this was not noted before.

    A batch that was held or rejected does not count: a supply is as fresh as its last good one.
    """
    late = late_supplies(hub, hub.now())
    if not late:
        return [], []
    with hub.ledger.writing() as writing:
        named = {_subject(one): one for one in late}
        known = set(
            writing.execute(
                select(audit_event.c.subject).where(
                    audit_event.c.kind == Event.SUPPLY_LATE, audit_event.c.subject.in_(named)
                )
            ).scalars()
        )
        new = [one for subject, one in named.items() if subject not in known]
        for one in new:
            note(
                writing,
                Event.SUPPLY_LATE,
                subject=_subject(one),
                by=HUB,
                at=hub.now(),
                department=one.department,
                cycle=one.cycle,
                last_batch=one.last_batch,
                held=one.held,
            )
    return late, new


def _subject(late: LateSupply) -> str:
    return f"{late.supply} {late.due_by:%Y-%m-%dT%H:%M%z}"
