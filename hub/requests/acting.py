"""One act on a request: held against the rules, kept, its clocks moved and logged, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from hub import clocks
from hub.canonical import canonical, digest_of
from hub.ledger import requests as ledger
from hub.ledger.audit import Event, note
from hub.ledger.orders import HUB
from hub.officers import department_of
from hub.opened import Hub
from hub.plain import check_text
from hub.records import Grant, Request
from hub.requests.cases import case_of
from hub.requests.completeness import check_terms, missing
from hub.requests.granting import make_grant, note_grant, replace_grants
from hub.requests.life import Acted, Case, asked_terms, post, seat_of, then
from hub.requests.states import DECIDING, OPENING, SETTLING, Act, State
from schemas.clocks import Duty
from schemas.sharing import Terms

EVENTS = {
    Act.FILE: Event.REQUEST_FILED,
    Act.RESUBMIT: Event.REQUEST_FILED,
    Act.RETURN: Event.REQUEST_RETURNED,
    Act.ACCEPT: Event.REQUEST_ACCEPTED,
    Act.ASK_EXTENSION: Event.CLOCK_MOVED,
    Act.CONSENT: Event.CLOCK_MOVED,
    Act.DISPUTE: Event.REQUEST_DISPUTED,
    Act.WITHDRAW: Event.REQUEST_ENDED,
    Act.LAPSE: Event.REQUEST_ENDED,
} | dict.fromkeys((*DECIDING, Act.GRANT_BY_RULE, *SETTLING), Event.REQUEST_DECIDED)


def act(hub: Hub, request_id: str, kind: Act, by: str, **given: Any) -> Request:
    """Do one act on a request that is there; raises `DecisionError`, and then nothing happened."""
    with hub.ledger.writing() as connection:
        request, events = ledger.locked(connection, request_id)
        carry_out(hub, connection, case_of(hub, request, events), kind, by, **given)
    return ledger.request_of(hub.ledger, request_id)


def carry_out(
    hub: Hub, connection: Connection, case: Case, kind: Act, by: str, **given: Any
) -> Case:
    """One act, and the one that follows by rule, inside of a transaction."""
    acted = _acted(hub, case, kind, by, given)
    after = then(case, acted)
    at = hub.now()
    ended = replace_grants(hub, connection, case, at) if kind is Act.OVERTURN else []
    grant = make_grant(hub, connection, after, acted, at) if kind in OPENING else None
    ledger.save_request(
        connection, case.id, str(after.state), after.application, after.decided, after.until
    )
    _remember(connection, after, acted, grant, at)
    _move_clocks(hub, connection, case, after, acted)
    _log(connection, after, acted, grant, ended, at)
    if after.state in (State.FILED, State.ACCEPTED) and after.unconditional:
        lacking = missing(hub.catalog, after.application, acted.on)
        if not lacking:
            return carry_out(hub, connection, after, Act.GRANT_BY_RULE, HUB)
    return after


def _acted(hub: Hub, case: Case, kind: Act, by: str, given: dict[str, Any]) -> Acted:
    role, department = post(case, seat_of(case, kind))
    if role is not None:
        department_of(hub.catalog, by, role, department)
    acted = Acted(kind, by, department, clocks.today(hub), **given)
    for text in (acted.reason, *acted.notice):
        check_text(text)
    if acted.terms is not None:
        check_terms(acted.terms)
    looked_at = acted.application or case.application
    if kind in OPENING:
        terms, until = asked_terms(case, acted)
        looked_at = looked_at.model_copy(update={"terms": terms, "until": until})
    lacking = missing(hub.catalog, looked_at, acted.on)
    if kind is Act.RETURN:
        acted = replace(acted, notice=(*lacking, *acted.notice))
    return replace(acted, lacking=lacking)


def _remember(
    connection: Connection, after: Case, acted: Acted, grant: Grant | None, at: datetime
) -> None:
    detail: dict[str, Any] = {}
    if acted.application is not None:
        detail["application"] = acted.application.model_dump(mode="json")
    if acted.notice:
        detail["notice"] = list(acted.notice)
    if acted.days:
        detail["days"] = acted.days
    if grant is not None:
        detail |= {"grant": grant.id, "terms": grant.terms.model_dump(mode="json")}
        detail["until"] = str(after.until)
    ledger.add_event(
        connection,
        after.id,
        kind=acted.act.value,
        state=str(after.state),
        by=acted.by,
        department=acted.department,
        reason=acted.reason or None,
        detail=detail or None,
        at=at,
    )


def _move_clocks(hub: Hub, connection: Connection, case: Case, after: Case, acted: Acted) -> None:
    """The duty that is done stops, the next one starts; while material is owed, it stands still."""
    before, now = case.owner, after.owner
    if acted.act is Act.ASK_EXTENSION:
        assert before is not None
        clocks.check_extension(hub, connection, "request", case.id, before[1], acted.days)
    elif acted.act is Act.CONSENT:
        assert before is not None
        clocks.extend(hub, connection, "request", case.id, before[1], case.asked_days)
    elif acted.act is Act.RETURN:
        assert before is not None
        clocks.pause(hub, connection, "request", case.id, before[1])
        clocks.start(hub, connection, "request", case.id, Duty.COMPLETE_REQUEST, case.subscriber)
    elif acted.act is Act.RESUBMIT:
        assert now is not None
        clocks.stop(hub, connection, "request", case.id, Duty.COMPLETE_REQUEST)
        clocks.resume(hub, connection, "request", case.id, now[1])
    elif acted.act is Act.GRANT_BY_RULE:
        clocks.stop(hub, connection, "request", case.id)
        clocks.start(hub, connection, "request", case.id, Duty.GRANT_UNCONDITIONAL, case.provider)
        clocks.stop(hub, connection, "request", case.id)
    else:
        clocks.stop(hub, connection, "request", case.id)
        if now is not None:
            clocks.start(hub, connection, "request", case.id, now[1], now[0])


def _log(
    connection: Connection,
    after: Case,
    acted: Acted,
    grant: Grant | None,
    ended: list[str],
    at: datetime,
) -> None:
    for grant_id in ended:
        note(
            connection,
            Event.GRANT_ENDED,
            subject=grant_id,
            by=acted.by,
            at=at,
            department=acted.department,
            reason="replaced",
            request=after.id,
        )
    if grant is not None:
        note_grant(connection, grant, acted, at)
    note(
        connection,
        EVENTS[acted.act],
        subject=after.id,
        by=acted.by,
        at=at,
        department=acted.department or None,
        act=acted.act.value,
        state=str(after.state),
        dataset=after.application.dataset,
        subscriber=after.subscriber,
        terms=_digest(after.decided or after.application.terms),
        grant=grant.id if grant is not None else None,
        days=acted.days or after.asked_days or None,
        lacking=len(acted.notice) or None,
    )


def _digest(terms: Terms) -> str:
    return digest_of(canonical(terms.model_dump(mode="json")))
