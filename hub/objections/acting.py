"""One act on one objection: the rules, the ledger, the clock and the log in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from hub import clocks
from hub.errors import DecisionError
from hub.ledger import objections as ledger
from hub.ledger.audit import Event, note
from hub.ledger.orders import HUB
from hub.objections.life import ANSWERING, FILING, Act, Case, State, post, seat_of, then
from hub.officers import department_of, sharing_of
from hub.opened import Hub
from hub.plain import check_text
from hub.records import Clock, Objection
from schemas.sharing import Role

ENDING = (State.MENDED, State.DISMISSED, State.WITHDRAWN)


def case_of(hub: Hub, connection: Connection, objection: Objection) -> Case:
    """Where an objection stands, with who did what so far."""
    events = ledger.events_in(connection, objection.id)
    return Case(
        id=objection.id,
        subscriber=objection.subscriber,
        supplier=answering(hub, objection.department, objection.subscriber),
        supervisor=sharing_of(hub.catalog).supervisor,
        state=State(objection.state),
        filers=frozenset(event.by for event in events if event.kind in FILING),
        answerers=frozenset(event.by for event in events if event.kind in ANSWERING),
    )


def answering(hub: Hub, department: str, subscriber: str) -> str:
    """The department that answers: the supplier, if it has somebody who may and did not ask."""
    known = hub.catalog.departments.get(department)
    able = known is not None and any(Role.APPROVER in roles for roles in known.officers.values())
    return department if able and department != subscriber else sharing_of(hub.catalog).supervisor


def act(hub: Hub, objection_id: str, what: Act, by: str, reason: str = "") -> Objection:
    """Do one act by a person; raises `DecisionError` when they may not."""
    with hub.ledger.writing() as writing:
        objection = ledger.objection_in(writing, objection_id, held=True)
        case = case_of(hub, writing, objection)
        role, department = post(case, seat_of(case, what))
        officer = department_of(hub.catalog, by, role, department)
        if what is Act.DISPUTE and (over := overdue(hub, objection)):
            raise DecisionError(
                f"{objection_id}: 已超过提出争议的期限 / the time for a dispute is over "
                f"({over.due_on})"
            )
        check_text(reason)
        after = then(case, what, by, reason)
        return record(hub, writing, after, objection, what, by, officer.name, reason)


def by_itself(hub: Hub, connection: Connection, objection: Objection, what: Act) -> Objection:
    """What time or a release does to an objection."""
    after = then(case_of(hub, connection, objection), what, HUB)
    return record(hub, connection, after, objection, what, HUB, objection.department, "")


def record(
    hub: Hub,
    connection: Connection,
    after: Case,
    objection: Objection,
    what: Act,
    by: str,
    department: str,
    reason: str,
) -> Objection:
    """Note the new state, its history, the clock that runs from now on, and the event."""
    at, state = hub.now(), after.state
    assert state is not None
    ledger.change(connection, objection.id, state=state.value)
    ledger.add_event(
        connection, objection.id, what.value, state.value, by, department, reason or None, at
    )
    clocks.stop(hub, connection, "objection", objection.id)
    if after.owner is not None:
        owner, duty = after.owner
        clocks.start(hub, connection, "objection", objection.id, duty, owner)
    changed = ledger.objection_in(connection, objection.id)
    event = Event.OBJECTION_CLOSED if state in ENDING else Event.OBJECTION_ANSWERED
    note(
        connection,
        Event.OBJECTION_FILED if what is Act.FILE else event,
        subject=objection.id,
        by=by,
        at=at,
        department=department,
        act=what.value,
        state=state.value,
        grant=objection.grant_id,
        dataset=objection.dataset,
        field=objection.field,
        supply=objection.supply,
        mended_in=changed.mended_in,
    )
    return changed


def overdue(hub: Hub, objection: Objection) -> Clock | None:
    """The clock of whoever has to act on an objection, when its last day is over."""
    day = clocks.today(hub)
    for clock in clocks.clocks_of(hub, "objection", objection.id):
        if clock.stopped_on is None and clock.due_on is not None and clock.due_on < day:
            return clock
    return None
