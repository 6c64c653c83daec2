"""Grants and credentials as rows for people and machines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.ledger import grants as ledger
from hub.opened import Hub
from hub.records import Credential, Grant

STATES = {
    "active": "active 有效",
    "expired": "expired 已到期",
    "ended": "ended 已终止",
}


def state_of(grant: Grant, now: datetime) -> str:
    """active, expired or ended (revoked, given back, replaced)."""
    if grant.active(now):
        return "active"
    return "expired" if grant.end_reason in (None, "expired") else "ended"


def grant_rows(
    hub: Hub,
    dataset: str | None = None,
    subscriber: str | None = None,
    state: str | None = None,
) -> list[dict[str, Any]]:
    """One row per grant, oldest first."""
    now = hub.now()
    found = ledger.grants(hub.ledger, dataset, subscriber)
    return [_row(one, now) for one in found if state in (None, state_of(one, now))]


def grant_shown(hub: Hub, grant_id: str) -> dict[str, Any]:
    """One grant with its terms and its credentials; a token stands nowhere."""
    grant = ledger.grant_of(hub.ledger, grant_id)
    now = hub.now()
    return {
        **_row(grant, now),
        "terms": grant.terms.model_dump(mode="json", by_alias=True, exclude_none=True),
        "purpose": grant.purpose,
        "legal_basis": grant.legal_basis,
        "scenario": grant.scenario,
        "credentials": [
            credential_row(one, grant, now) for one in ledger.credentials_of(hub.ledger, grant_id)
        ],
    }


def credential_row(credential: Credential, grant: Grant, now: datetime) -> dict[str, Any]:
    """One credential by its id; it opens nothing once its grant is over."""
    state = state_of(grant, now) if credential.active(now) else "expired"
    return {
        "id": credential.id,
        "grant": credential.grant_id,
        "state": "revoked" if credential.revoked_at is not None else state,
        "made_by": credential.made_by,
        "made_at": credential.made_at,
        "expires_at": credential.expires_at,
        "revoked_at": credential.revoked_at,
    }


def _row(grant: Grant, now: datetime) -> dict[str, Any]:
    return {
        "id": grant.id,
        "subscriber": grant.subscriber,
        "dataset": grant.dataset,
        "state": state_of(grant, now),
        "request": grant.request_id,
        "fields": len(grant.terms.fields),
        "ways": [way.value for way in grant.terms.ways],
        "since_version": grant.since_version,
        "granted_by": grant.granted_by,
        "granted_at": grant.granted_at,
        "expires_at": grant.expires_at,
        "ended_at": grant.ended_at,
        "end_reason": grant.end_reason,
    }
