"""Deliveries and their signed receipts in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from hub.errors import NotFound
from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import delivery, receipt

BEGUN, RECEIVED, FAILED = "begun", "received", "failed"


@dataclass(frozen=True)
class Delivery:
    """One delivery; `state` is begun, received or failed, `content` rows or changes."""

    id: str
    grant_id: str
    version: int
    way: str
    content: str
    base_version: int | None
    state: str
    attempts: int
    error: str | None
    begun_at: datetime
    received_at: datetime | None
    fetched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """One receipt; `document` is the signed envelope."""

    id: str
    delivery_id: str
    grant_id: str
    document: dict[str, Any]
    made_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


def deliveries_of(ledger: Ledger, grant_id: str | None = None) -> list[Delivery]:
    """Deliveries, oldest first."""
    query = select(delivery).order_by(delivery.c.begun_at, delivery.c.version, delivery.c.id)
    if grant_id:
        query = query.where(delivery.c.grant_id == grant_id)
    with ledger.reading() as connection:
        return [_delivery(row) for row in connection.execute(query)]


def delivery_of(ledger: Ledger, delivery_id: str) -> Delivery | None:
    """One delivery; None where it was never begun."""
    with ledger.reading() as connection:
        row = connection.execute(select(delivery).where(delivery.c.id == delivery_id)).one_or_none()
    return _delivery(row) if row else None


def begin(connection: Connection, new: Delivery) -> bool:
    """Note that a delivery is attempted; whether it is the first attempt."""
    found = locked(connection, new.id)
    if found is None:
        values = {name: getattr(new, name) for name in Delivery.__dataclass_fields__}
        try:
            with connection.begin_nested():
                values |= {"fetched": list(new.fetched)}
                connection.execute(insert(delivery).values(**values))
            return True
        except IntegrityError:  # somebody else began it meanwhile
            return False
    if found.state != RECEIVED:
        values = {"state": BEGUN, "attempts": found.attempts + 1, "error": None}
        connection.execute(update(delivery).where(delivery.c.id == new.id).values(**values))
    return False


def locked(connection: Connection, delivery_id: str) -> Delivery | None:
    """One delivery, which nobody else changes until the transaction ends."""
    query = select(delivery).where(delivery.c.id == delivery_id).with_for_update()
    row = connection.execute(query).one_or_none()
    return _delivery(row) if row else None


def set_failed(connection: Connection, delivery_id: str, kind: str) -> None:
    """Note that an attempt failed; `kind` names no value. A received delivery stays received."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id, delivery.c.state != RECEIVED)
        .values(state=FAILED, error=kind[:200])
    )


def set_base(connection: Connection, delivery_id: str, content: str, base: int | None) -> None:
    """Note what is being sent: all rows, or changes of the version that the inbox holds."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(content=content, base_version=base)
    )


def set_fetched(connection: Connection, delivery_id: str, files: tuple[str, ...]) -> None:
    """Note which files of an offer were pulled whole."""
    connection.execute(
        update(delivery).where(delivery.c.id == delivery_id).values(fetched=list(files))
    )


def set_received(connection: Connection, delivery_id: str, at: datetime) -> bool:
    """Note that a delivery stands at the subscriber; False when it did already."""
    done = connection.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id, delivery.c.state != RECEIVED)
        .values(state=RECEIVED, received_at=at, error=None)
    )
    return bool(done.rowcount)


def add_receipt(
    connection: Connection,
    receipt_id: str,
    delivery_id: str,
    grant_id: str,
    document: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep a signed receipt; it is never changed."""
    connection.execute(
        insert(receipt).values(
            id=receipt_id,
            delivery_id=delivery_id,
            grant_id=grant_id,
            document=dict(document),
            made_at=at,
        )
    )


def receipts_of(ledger: Ledger, grant_id: str | None = None) -> list[Receipt]:
    """Receipts, oldest first."""
    query = select(receipt).order_by(receipt.c.made_at, receipt.c.id)
    if grant_id:
        query = query.where(receipt.c.grant_id == grant_id)
    with ledger.reading() as connection:
        return [_receipt(row) for row in connection.execute(query)]


def receipt_of(ledger: Ledger, receipt_id: str) -> Receipt:
    """One receipt, by the first 8 digits or more of its id or its delivery's; raises `NotFound`."""
    wanted = receipt_id.strip().lower()
    if len(wanted) < 8 or not wanted.isalnum():
        raise NotFound("an id of a receipt has at least 8 digits 回执编号至少 8 位")
    query = select(receipt).where(
        or_(receipt.c.id.startswith(wanted), receipt.c.delivery_id.startswith(wanted))
    )
    with ledger.reading() as connection:
        rows = connection.execute(query.limit(2)).all()
    if len(rows) != 1:
        found = "no receipt" if not rows else "more than one receipt"
        raise NotFound(f"there is {found} {wanted[:64]}")
    return _receipt(rows[0])


def set_acknowledged(connection: Connection, receipt_id: str, by: str, at: datetime) -> bool:
    """Note that the subscriber has seen a receipt; False when it had."""
    done = connection.execute(
        update(receipt)
        .where(receipt.c.id == receipt_id, receipt.c.acknowledged_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by=by)
    )
    return bool(done.rowcount)


def _delivery(row: Row[Any]) -> Delivery:
    values = {name: getattr(row, name) for name in Delivery.__dataclass_fields__}
    return Delivery(**values | {"fetched": tuple(row.fetched)})


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(**{name: getattr(row, name) for name in Receipt.__dataclass_fields__})
