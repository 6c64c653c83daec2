"""The moment in which a delivery has been received: one transaction, one event, one receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from hub import clocks
from hub.digests import digest, digest_key
from hub.grants import grant_of
from hub.ledger import receipts as ledger
from hub.ledger.audit import Event, note
from hub.ledger.receipts import Receipt
from hub.officers import department_of
from hub.opened import Hub
from hub.proof import seal, signer_of
from hub.records import Grant, Release
from hub.shares import form_of
from hub.signing import Signer
from schemas.sharing import Role, Way

BY = "hub"
File = dict[str, str | int]  # name, sha256, bytes, rows


def delivery_id(hub: Hub, grant: Grant, release: Release, way: Way, content: str = "") -> str:
    """The id of a delivery: equal for equal bytes, so that twice delivered is once received.

    It follows from the release itself, from how it is masked and from the hub's key: a hub that was
    set up anew, or a contract that shows other fields, makes other deliveries. `content` tells
    apart what is pulled.
    """
    parts = (grant.id, str(release.version), way.value, content, release.manifest)
    return digest(digest_key(hub.settings.home), "delivery", *parts, form_of(hub, grant))


def receipt_id(delivery: str) -> str:
    """The id of a delivery's receipt."""
    return hashlib.sha256(f"receipt\x1f{delivery}".encode()).hexdigest()


def signer(hub: Hub) -> Signer:
    """The key that signs receipts; asked for before a transaction begins."""
    return signer_of(hub)


def receive(
    hub: Hub,
    connection: Connection,
    by: Signer,
    grant: Grant,
    delivery: str,
    files: Sequence[File],
    where: str | None,
) -> str:
    """Note that a delivery stands at the subscriber, and sign the receipt; the receipt's id.

    `files` are those that the subscriber has got. Inside of `ledger.writing()`. Where it had been
    received already, nothing is done.
    """
    at, ours = hub.now(), receipt_id(delivery)
    known = ledger.locked(connection, delivery)
    assert known is not None, "a delivery is begun before it is received"
    if not ledger.set_received(connection, delivery, at):
        return ours
    _stop_clock(hub, connection, grant)
    note(
        connection,
        Event.DATA_DELIVERED,
        subject=grant.id,
        by=BY,
        at=at,
        department=grant.subscriber,
        delivery=delivery,
        receipt=ours,
        version=known.version,
        way=known.way,
        content=known.content,
        rows=sum(int(file["rows"]) for file in files),
    )
    document: dict[str, Any] = {
        "id": ours,
        "delivery": delivery,
        "grant": grant.id,
        "request": grant.request_id,
        "subscriber": grant.subscriber,
        "dataset": grant.dataset,
        "purpose": grant.purpose,
        "legal_basis": grant.legal_basis,
        "version": known.version,
        "base": known.base_version,
        "way": known.way,
        "content": known.content,
        "where": where,
        "files": list(files),
        "received_at": at.isoformat(timespec="microseconds"),
    }
    envelope = seal(connection, by, document)
    ledger.add_receipt(connection, ours, delivery, grant.id, envelope, at)
    return ours


def flows(hub: Hub, grant: Grant) -> None:
    """Note that what is pulled under a grant can be pulled: whoever owed it has delivered."""
    with hub.ledger.writing() as connection:
        _stop_clock(hub, connection, grant)


def _stop_clock(hub: Hub, connection: Connection, grant: Grant) -> None:
    if hub.catalog.sharing:  # else nobody counts the days
        clocks.stop(hub, connection, "delivery", grant.id)


def acknowledge(hub: Hub, receipt: str, by: str) -> Receipt:
    """Note that an officer of the subscriber has seen a receipt; again changes nothing.

    Raises `DecisionError` for anybody else.
    """
    found = ledger.receipt_of(hub.ledger, receipt)
    subscriber = grant_of(hub, found.grant_id).subscriber
    department_of(hub.catalog, by, Role.APPLICANT, subscriber)
    with hub.ledger.writing() as connection:
        at = hub.now()
        if ledger.set_acknowledged(connection, found.id, by, at):
            note(
                connection, Event.RECEIPT_ACKNOWLEDGED, subject=found.grant_id, by=by, at=at,
                department=subscriber, acknowledged=found.id,
            )  # fmt: skip
    return ledger.receipt_of(hub.ledger, found.id)
