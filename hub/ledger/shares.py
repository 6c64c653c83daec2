"""Masked files at rest in the ledger: which grant and release they are of, and by what form."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import share, share_grant
from hub.records import Share, SharedFile


def share_of(ledger: Ledger, grant_id: str, version: int, kind: str, form: str) -> Share | None:
    """A share as made by this form; None: not made, made by another one, or removed."""
    query = select(share).where(
        share.c.grant_id == grant_id,
        share.c.version == version,
        share.c.kind == kind,
        share.c.form == form,
        share.c.pruned_at.is_(None),
    )
    with ledger.reading() as connection:
        row = connection.execute(query).one_or_none()
    return _share(row) if row else None


def keep_share(ledger: Ledger, made: Share, form: str, at: datetime) -> None:
    """Record a share whose files are all written; one of another form is replaced."""
    with ledger.writing() as connection:
        connection.execute(
            delete(share).where(
                share.c.grant_id == made.grant_id,
                share.c.version == made.version,
                share.c.kind == made.kind,
            )
        )
        connection.execute(
            insert(share).values(
                grant_id=made.grant_id,
                version=made.version,
                kind=made.kind,
                form=form,
                files=[asdict(file) for file in made.files],
                rows=made.rows,
                made_at=at,
            )
        )


def grants_to_prune(ledger: Ledger, now: datetime) -> list[str]:
    """Grants that are over and whose files are still there."""
    over = or_(share_grant.c.ended_at.is_not(None), share_grant.c.expires_at <= now)
    query = (
        select(share.c.grant_id)
        .join(share_grant, share_grant.c.id == share.c.grant_id)
        .where(share.c.pruned_at.is_(None), over)
        .distinct()
        .order_by(share.c.grant_id)
    )
    with ledger.reading() as connection:
        return [row.grant_id for row in connection.execute(query)]


def old_shares(ledger: Ledger, before: datetime, newest: int) -> list[Share]:
    """Shares made before a moment, but for those of the newest versions made of each grant."""
    query = select(share).where(share.c.pruned_at.is_(None)).order_by(share.c.grant_id)
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    versions: dict[str, set[int]] = {}
    for row in rows:
        versions.setdefault(row.grant_id, set()).add(row.version)
    kept = {name: sorted(found)[-newest:] for name, found in versions.items()}
    return [_share(r) for r in rows if r.made_at < before and r.version not in kept[r.grant_id]]


def set_pruned(
    connection: Connection,
    grant_id: str,
    now: datetime,
    version: int | None = None,
    kind: str | None = None,
) -> int:
    """Note that a grant's files are gone, all or those of one share; returns how many shares."""
    gone = [share.c.grant_id == grant_id, share.c.pruned_at.is_(None)]
    if version is not None:
        gone += [share.c.version == version, share.c.kind == kind]
    return int(connection.execute(update(share).where(*gone).values(pruned_at=now)).rowcount)


def _share(row: Row[Any]) -> Share:
    files = tuple(SharedFile(**file) for file in row.files)
    return Share(row.grant_id, row.version, row.kind, files, row.rows)
