"""Grants come to their end: revoked, given back, or run out."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.errors import DecisionError, NotAllowed
from hub.ledger import clocks, grants
from hub.ledger.audit import Event, note
from hub.ledger.numbers import one_at_a_time
from hub.ledger.orders import HUB
from hub.officers import department_of, sharing_of, stands_for
from hub.opened import Hub
from hub.plain import check_text
from hub.records import Grant
from schemas.sharing import Role

EXPIRED = "expired"
GIVEN_BACK = "given_back"
REVOKED = "revoked"


def end(hub: Hub, grant_id: str, by: str, reason: str, consented_by: str | None = None) -> Grant:
    """Revoke a grant at once: nothing leaves the hub under it from now on.

    By an applicant of the subscriber (gives it back), a supervisor, or an approver of the provider
    with the consent of a supervisor; raises `DecisionError` for anybody else.
    """
    check_text(reason)
    if not reason.strip():
        raise DecisionError(f"{grant_id}: 须说明理由 / a reason is needed")
    with hub.ledger.writing() as connection:
        one_at_a_time(connection)
        grant = grants.grant_in(connection, grant_id)
        department = _may_end(hub, connection, grant, by, consented_by)
        at = hub.now()
        if not grants.end_grant(connection, grant_id, at, by, reason):
            raise DecisionError(f"{grant_id}: 授权已终止 / the grant has ended already")
        clocks.stop(connection, "delivery", grant_id, sharing_of(hub.catalog).day(at))
        note(
            connection,
            Event.GRANT_ENDED,
            subject=grant_id,
            by=by,
            at=at,
            department=department,
            reason=GIVEN_BACK if department == grant.subscriber else REVOKED,  # words stay outside
            consented_by=consented_by,
            dataset=grant.dataset,
            subscriber=grant.subscriber,
        )
    return grants.grant_of(hub.ledger, grant_id)


def _may_end(
    hub: Hub, connection: Connection, grant: Grant, by: str, consented_by: str | None
) -> str:
    supervisor = sharing_of(hub.catalog).supervisor
    if stands_for(hub.catalog, by, Role.SUPERVISOR, supervisor):
        return supervisor
    if stands_for(hub.catalog, by, Role.APPLICANT, grant.subscriber):
        return grant.subscriber
    provider = grants.provider_of_grant(connection, grant)
    if not stands_for(hub.catalog, by, Role.APPROVER, provider):
        department_of(hub.catalog, by)
        raise NotAllowed(
            f"{grant.id}: {by} 无权终止此授权 / {by} may not end this grant: only the supervising "
            f"department, the subscriber, or the provider with consent"
        )
    if consented_by is None or consented_by == by:
        raise NotAllowed(
            f"{grant.id}: 提供部门终止共享须经共享主管部门同意 / the provider ends a grant only "
            "with the consent of a supervisor: --consent NAME"
        )
    department_of(hub.catalog, consented_by, Role.SUPERVISOR, supervisor)
    return provider


def end_expired(hub: Hub) -> list[Grant]:
    """End the grants whose last day is over (`watch` calls it); returns those ended now."""
    ended = []
    with hub.ledger.writing() as connection:
        one_at_a_time(connection)
        now = hub.now()
        today = hub.catalog.sharing.day(now) if hub.catalog.sharing else now.date()
        for grant in grants.grants_run_out(connection, now):
            if not grants.end_grant(connection, grant.id, grant.expires_at, HUB, EXPIRED):
                continue
            clocks.stop(connection, "delivery", grant.id, today)
            ended.append(grant)
        for grant in ended:
            note(
                connection,
                Event.GRANT_ENDED,
                subject=grant.id,
                by=HUB,
                at=now,
                reason=EXPIRED,
                dataset=grant.dataset,
                subscriber=grant.subscriber,
            )
    return [grants.grant_of(hub.ledger, grant.id) for grant in ended]
