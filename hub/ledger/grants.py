"""Grants and credentials in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from hub.errors import NotFound
from hub.ledger.numbers import next_number
from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import credential, request, share_grant
from hub.records import Credential, Grant
from schemas.sharing import Terms


def as_grant(row: Row[Any]) -> Grant:
    """One row as its record."""
    values = {name: getattr(row, name) for name in Grant.__dataclass_fields__}
    return Grant(**{**values, "terms": Terms.model_validate(row.terms)})


def as_credential(row: Row[Any]) -> Credential:
    """One row as its record; the digest stays where it is."""
    return Credential(**{name: getattr(row, name) for name in Credential.__dataclass_fields__})


def add_grant(connection: Connection, grant: Grant) -> Grant:
    """Record a new grant under the next number; its own `id` is not looked at."""
    names = [name for name in Grant.__dataclass_fields__ if name not in ("id", "terms")]
    values: dict[str, Any] = {name: getattr(grant, name) for name in names}
    values["id"] = next_number(connection, share_grant, "G", grant.granted_at)
    values["terms"] = grant.terms.model_dump(mode="json")
    connection.execute(insert(share_grant).values(**values))
    return Grant(**{**values, "terms": Terms.model_validate(values["terms"])})


def grant_of(ledger: Ledger, grant_id: str) -> Grant:
    """One grant; raises `NotFound`."""
    with ledger.reading() as connection:
        return grant_in(connection, grant_id)


def grant_in(connection: Connection, grant_id: str) -> Grant:
    """One grant as a transaction sees it; raises `NotFound`."""
    query = select(share_grant).where(share_grant.c.id == grant_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no grant {grant_id}")
    return as_grant(row)


def grants(
    ledger: Ledger, dataset: str | None = None, subscriber: str | None = None
) -> list[Grant]:
    """All grants ever made, oldest first."""
    query = select(share_grant).order_by(share_grant.c.granted_at, share_grant.c.id)
    wanted = {"dataset": dataset, "subscriber": subscriber}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(share_grant.c[name] == value)
    with ledger.reading() as connection:
        return [as_grant(row) for row in connection.execute(query)]


def grants_in(connection: Connection, request_id: str) -> list[Grant]:
    """The grants made on one request as a transaction sees them, oldest first."""
    query = select(share_grant).where(share_grant.c.request_id == request_id)
    return [as_grant(row) for row in connection.execute(query.order_by(share_grant.c.id))]


def grants_open(ledger: Ledger, now: datetime, dataset: str | None = None) -> list[Grant]:
    """The grants that are active at a moment, oldest first."""
    query = _not_ended().where(share_grant.c.granted_at <= now, share_grant.c.expires_at > now)
    if dataset is not None:
        query = query.where(share_grant.c.dataset == dataset)
    with ledger.reading() as connection:
        return [as_grant(row) for row in connection.execute(query)]


def grants_run_out(connection: Connection, now: datetime) -> list[Grant]:
    """Grants that nobody ended and whose time is over."""
    query = _not_ended().where(share_grant.c.expires_at <= now)
    return [as_grant(row) for row in connection.execute(query)]


def provider_of_grant(connection: Connection, grant: Grant) -> str:
    """The department whose decision stands behind a grant."""
    query = select(request.c.provider).where(request.c.id == grant.request_id)
    return str(connection.execute(query).scalar_one())


def end_grant(connection: Connection, grant_id: str, at: datetime, by: str, reason: str) -> bool:
    """End a grant that nobody has ended; whether this did."""
    ended = update(share_grant).where(
        share_grant.c.id == grant_id, share_grant.c.ended_at.is_(None)
    )
    values = {"ended_at": at, "ended_by": by, "end_reason": reason}
    return connection.execute(ended.values(**values)).rowcount == 1


def add_credential(connection: Connection, new: Credential, digest: str) -> None:
    """Record a credential; of its token only the digest."""
    values = {name: getattr(new, name) for name in Credential.__dataclass_fields__}
    connection.execute(insert(credential).values(**values, digest=digest))


def credentials_of(ledger: Ledger, grant_id: str) -> list[Credential]:
    """The credentials of one grant, oldest first."""
    with ledger.reading() as connection:
        return credentials_in(connection, grant_id)


def credentials_in(connection: Connection, grant_id: str) -> list[Credential]:
    """The same as a transaction sees them."""
    query = select(credential).where(credential.c.grant_id == grant_id)
    rows = connection.execute(query.order_by(credential.c.made_at, credential.c.id))
    return [as_credential(row) for row in rows]


def credential_in(connection: Connection, credential_id: str) -> Credential:
    """One credential; raises `NotFound`."""
    query = select(credential).where(credential.c.id == credential_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no credential {credential_id}")
    return as_credential(row)


def change_credential(connection: Connection, credential_id: str, **values: datetime) -> None:
    """Shorten or revoke one credential."""
    connection.execute(update(credential).where(credential.c.id == credential_id).values(**values))


def _not_ended() -> Select[Any]:
    query = select(share_grant).where(share_grant.c.ended_at.is_(None))
    return query.order_by(share_grant.c.granted_at, share_grant.c.id)
