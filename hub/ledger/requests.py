"""Requests in the ledger: how each stands, and everything that was done to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.errors import NotFound
from hub.ledger.numbers import next_number, one_at_a_time
from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import request, request_event, share_grant
from hub.records import Request
from schemas.sharing import Application, Terms


def add_request(
    connection: Connection, application: Application, provider: str, by: str, at: datetime
) -> str:
    """A new request in no state yet; returns its id."""
    number = next_number(connection, request, "R", at)
    connection.execute(
        insert(request).values(
            id=number,
            subscriber=application.subscriber,
            dataset=application.dataset,
            provider=provider,
            state="",
            application=application.model_dump(mode="json"),
            filed_by=by,
            filed_at=at,
        )
    )
    return number


def save_request(
    connection: Connection,
    request_id: str,
    state: str,
    application: Application,
    decided: Terms | None,
    until: date | None,
) -> None:
    """Keep how a request stands after an act."""
    found = None
    if decided is not None:
        ends = until.isoformat() if until else None
        found = {"terms": decided.model_dump(mode="json"), "until": ends}
    changed = update(request).where(request.c.id == request_id)
    connection.execute(
        changed.values(state=state, application=application.model_dump(mode="json"), decided=found)
    )


def add_event(connection: Connection, request_id: str, **values: Any) -> None:
    """Add a line to a request's history; the request itself is locked by `locked`."""
    places = select(func.max(request_event.c.place)).where(request_event.c.request_id == request_id)
    place = (connection.execute(places).scalar() or 0) + 1
    connection.execute(insert(request_event).values(request_id=request_id, place=place, **values))


def locked(connection: Connection, request_id: str) -> tuple[Request, list[Row[Any]]]:
    """A request and its history, kept from others until the transaction ends."""
    one_at_a_time(connection)
    query = select(request).where(request.c.id == request_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"没有申请 {request_id} / there is no request {request_id}")
    return as_request(row, None), _events(connection, request_id)


def as_request(row: Row[Any], grant_id: str | None) -> Request:
    """One row as its record."""
    decided = row.decided or {}
    until = decided.get("until")
    return Request(
        id=row.id,
        subscriber=row.subscriber,
        dataset=row.dataset,
        provider=row.provider,
        state=row.state,
        application=Application.model_validate(row.application),
        decided=Terms.model_validate(decided["terms"]) if decided else None,
        until=date.fromisoformat(until) if until else None,
        filed_by=row.filed_by,
        filed_at=row.filed_at,
        grant_id=grant_id,
    )


def request_of(ledger: Ledger, request_id: str) -> Request:
    """One request; raises `NotFound`."""
    found = requests(ledger, request_id=request_id)
    if not found:
        raise NotFound(f"没有申请 {request_id} / there is no request {request_id}")
    return found[0]


def requests(
    ledger: Ledger,
    request_id: str | None = None,
    subscriber: str | None = None,
    dataset: str | None = None,
    state: str | None = None,
) -> list[Request]:
    """Requests, oldest first, each with the newest grant made on it."""
    wanted = {"id": request_id, "subscriber": subscriber, "dataset": dataset, "state": state}
    query = select(request).order_by(request.c.filed_at, request.c.id)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(request.c[name] == value)
    newest = select(share_grant.c.request_id, func.max(share_grant.c.id))
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
        if request_id is not None:
            newest = newest.where(share_grant.c.request_id == request_id)
        found = connection.execute(newest.group_by(share_grant.c.request_id))
        grants: dict[str, str] = {one[0]: one[1] for one in found}
    return [as_request(row, grants.get(row.id)) for row in rows]


def history(ledger: Ledger, request_id: str) -> list[Row[Any]]:
    """Everything that was done to one request, oldest first."""
    with ledger.reading() as connection:
        return _events(connection, request_id)


def _events(connection: Connection, request_id: str) -> list[Row[Any]]:
    query = select(request_event).where(request_event.c.request_id == request_id)
    return list(connection.execute(query.order_by(request_event.c.place)))
