"""Corrections, and the notices to grants that received what was wrong, in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from hub.errors import NotFound
from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import correction, delivery, recall, recall_look, share_grant
from hub.records import Recall
from schemas.sharing import Way

TAKEN = (Way.PULL, Way.DOWNLOAD)
"""Ways on which values may have left the hub as soon as a delivery began."""


@dataclass(frozen=True)
class Correction:
    """What one release corrected; `uri` None: nothing."""

    id: str
    dataset: str
    version: int
    cells: int
    uri: str | None


@dataclass(frozen=True)
class Look:
    """A correction was held against the versions that a grant had received (their digest)."""

    correction: str
    grant_id: str
    received: str


def received(ledger: Ledger, dataset: str) -> dict[str, list[int]]:
    """The versions of which values have left the hub, ascending, by grant.

    A pushed one counts when it was received, one that was pulled as soon as it was offered.
    """
    gone = or_(delivery.c.received_at.is_not(None), delivery.c.way.in_(TAKEN))
    query = (
        select(delivery.c.grant_id, delivery.c.version)
        .join(share_grant, share_grant.c.id == delivery.c.grant_id)
        .where(share_grant.c.dataset == dataset, gone)
        .distinct()
        .order_by(delivery.c.grant_id, delivery.c.version)
    )
    found: dict[str, list[int]] = {}
    with ledger.reading() as connection:
        for grant_id, version in connection.execute(query):
            found.setdefault(grant_id, []).append(version)
    return found


def corrections(ledger: Ledger, dataset: str) -> list[Correction]:
    """All corrections of a dataset, also those without a cell, by release."""
    query = select(correction).where(correction.c.dataset == dataset)
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(correction.c.version, correction.c.at))
        return [Correction(r.id, r.dataset, r.version, r.cells, r.uri) for r in rows]


def add_correction(
    connection: Connection,
    new: Correction,
    at: datetime,
    by: str | None = None,
    reason: str | None = None,
) -> bool:
    """Note what a release corrected, once; whether this did."""
    known = select(correction.c.id).where(correction.c.id == new.id)
    if connection.execute(known).first():
        return False
    values = {"id": new.id, "dataset": new.dataset, "version": new.version, "cells": new.cells}
    connection.execute(
        insert(correction).values(**values, uri=new.uri, by=by, reason=reason, at=at)
    )
    return True


def looks(ledger: Ledger, dataset: str) -> dict[tuple[str, str], str]:
    """Digest of the versions looked at, by correction and grant."""
    query = (
        select(recall_look)
        .join(correction, correction.c.id == recall_look.c.correction_id)
        .where(correction.c.dataset == dataset)
    )
    with ledger.reading() as connection:
        rows = connection.execute(query)
        return {(row.correction_id, row.grant_id): row.received for row in rows}


def enter(connection: Connection, look: Look, found: Sequence[Recall], at: datetime) -> None:
    """Note a look and the notices that it led to; the same again changes nothing."""
    known = set(
        connection.execute(
            select(recall.c.id).where(recall.c.id.in_([one.id for one in found]))
        ).scalars()
    )
    for one in found:
        if one.id not in known:
            values = {name: getattr(one, name) for name in Recall.__dataclass_fields__}
            connection.execute(insert(recall).values(**values))
    same = (
        recall_look.c.correction_id == look.correction,
        recall_look.c.grant_id == look.grant_id,
    )
    connection.execute(delete(recall_look).where(*same))
    connection.execute(
        insert(recall_look).values(
            correction_id=look.correction, grant_id=look.grant_id, received=look.received, at=at
        )
    )


def recalls(
    ledger: Ledger,
    dataset: str | None = None,
    grant_id: str | None = None,
    mended_in: int | None = None,
    untold: bool = False,
) -> list[Recall]:
    """Notices, oldest first."""
    query = select(recall).order_by(recall.c.made_at, recall.c.mended_in, recall.c.id)
    wanted = {"dataset": dataset, "grant_id": grant_id, "mended_in": mended_in}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(recall.c[name] == value)
    if untold:
        query = query.where(recall.c.told_at.is_(None))
    with ledger.reading() as connection:
        return [as_recall(row) for row in connection.execute(query)]


def recall_in(connection: Connection, recall_id: str) -> Recall:
    """One notice; raises `NotFound`."""
    row = connection.execute(select(recall).where(recall.c.id == recall_id)).one_or_none()
    if row is None:
        raise NotFound(f"没有更正通知 / there is no recall {recall_id[:64]}")
    return as_recall(row)


def set_told(connection: Connection, recall_ids: Collection[str], at: datetime) -> list[Recall]:
    """Mark notices as handed over; those that had not been."""
    new = recall.c.id.in_(list(recall_ids)) & recall.c.told_at.is_(None)
    found = [as_recall(row) for row in connection.execute(select(recall).where(new))]
    if found:
        connection.execute(update(recall).where(new).values(told_at=at))
    return found


def set_acknowledged(connection: Connection, recall_id: str, by: str, at: datetime) -> None:
    """Mark a notice as seen by the subscriber."""
    connection.execute(
        update(recall)
        .where(recall.c.id == recall_id)
        .values(acknowledged_at=at, acknowledged_by=by)
    )


def as_recall(row: Row[Any]) -> Recall:
    """One row as its record."""
    return Recall(**{name: getattr(row, name) for name in Recall.__dataclass_fields__})
