"""A decision becomes a grant, in the transaction of the decision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from hub import clocks
from hub.canonical import canonical, digest_of
from hub.ledger import grants
from hub.ledger.audit import Event, note
from hub.ledger.orders import HUB
from hub.ledger.releases import last_release
from hub.officers import sharing_of
from hub.opened import Hub
from hub.records import Grant
from hub.requests.life import Acted, Case
from schemas.clocks import Duty

REPLACED = "replaced by the decision on the dispute"


def make_grant(hub: Hub, connection: Connection, case: Case, acted: Acted, at: datetime) -> Grant:
    """The grant of what was decided; the clock of its first delivery starts."""
    assert case.decided is not None
    assert case.until is not None
    asked, terms = case.application, case.decided
    newest = last_release(hub.ledger, asked.dataset)
    made = grants.add_grant(
        connection,
        Grant(
            id="",
            request_id=case.id,
            subscriber=case.subscriber,
            dataset=asked.dataset,
            terms=terms,
            purpose=asked.purpose,
            legal_basis=asked.legal_basis,
            scenario=asked.scenario,
            since_version=None if terms.history or newest is None else newest.version,
            granted_by=acted.by,
            granted_at=at,
            expires_at=sharing_of(hub.catalog).end_of(case.until),
        ),
    )
    clocks.start(hub, connection, "delivery", made.id, Duty.DELIVER, case.provider)
    return made


def note_grant(connection: Connection, grant: Grant, acted: Acted, at: datetime) -> None:
    """Append to the audit log what may leave the hub from now on."""
    note(
        connection,
        Event.GRANT_MADE,
        subject=grant.id,
        by=acted.by,
        at=at,
        department=acted.department or None,
        request=grant.request_id,
        dataset=grant.dataset,
        subscriber=grant.subscriber,
        fields=[granted.name for granted in grant.terms.fields],
        ways=[way.value for way in grant.terms.ways],
        terms=digest_of(canonical(grant.terms.model_dump(mode="json"))),
        expires_at=grant.expires_at.isoformat(timespec="seconds"),
    )


def replace_grants(hub: Hub, connection: Connection, case: Case, at: datetime) -> list[str]:
    """End the narrower grant that an overturned decision made; returns the ids ended."""
    ended = []
    for grant in grants.grants_in(connection, case.id):
        if grants.end_grant(connection, grant.id, at, HUB, REPLACED):
            clocks.stop(hub, connection, "delivery", grant.id)
            ended.append(grant.id)
    return ended
