"""Segments and releases in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, String, cast, exists, insert, select, update

from hub.errors import NotFound
from hub.ledger.measures import note
from hub.ledger.opening import Ledger
from hub.ledger.tables import batch, release, segment, supply_state, work_round
from hub.records import Measure, Release


@dataclass(frozen=True)
class SupplyFold:
    """What a supply's current table consists of, and the batches that made it so.

    `last_batch_id` is the last one that moved on, `changed_by` the last one that changed a row.
    """

    supply: str
    segments: tuple[tuple[str, str | None, int], ...]  # uri, batch id, rows
    last_batch_id: str | None
    changed_by: str | None
    contract_version: str | None


def fold_of(ledger: Ledger, supply: str) -> SupplyFold:
    """The active segments of a supply in folding order, read in one transaction."""
    with ledger.reading() as connection:
        rows = connection.execute(
            select(segment)
            .where(segment.c.supply == supply, segment.c.active)
            .order_by(segment.c.id)
        ).all()
        state = connection.execute(
            select(supply_state.c.batch_id, batch.c.contract_version)
            .join(batch, batch.c.id == supply_state.c.batch_id)
            .where(supply_state.c.supply == supply)
        ).one_or_none()
    return SupplyFold(
        supply=supply,
        segments=tuple((row.uri, row.batch_id, row.rows) for row in rows),
        last_batch_id=state.batch_id if state else None,
        changed_by=rows[-1].last_batch_id if rows else None,
        contract_version=state.contract_version if state else None,
    )


def segments_between(
    ledger: Ledger, supply: str, after: str | None, until: str | None
) -> list[tuple[str, str, int]] | None:
    """uri, batch id, rows of the batches folded in behind one batch up to another, in that order.

    Compacted or not: a batch's own file tells which rows it changed, also those it deleted. `after`
    None is the beginning. None when the ledger does not know one of the two.
    """
    query = select(segment).where(segment.c.supply == supply, segment.c.batch_id.is_not(None))
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(segment.c.id)).all()
    places = {row.batch_id: place for place, row in enumerate(rows)}
    if (after is not None and after not in places) or (until is not None and until not in places):
        return None
    start = 0 if after is None else places[after] + 1
    end = 0 if until is None else places[until] + 1
    return [(row.uri, row.batch_id, row.rows) for row in rows[start:end]]


def compact(ledger: Ledger, fold: SupplyFold, uri: str, rows: int) -> None:
    """Replace the segments of a fold by one base that holds the same rows."""
    with ledger.writing() as connection:
        uris = [segment_uri for segment_uri, _, _ in fold.segments]
        connection.execute(
            update(segment)
            .where(segment.c.supply == fold.supply, segment.c.uri.in_(uris), segment.c.active)
            .values(active=False)
        )
        connection.execute(
            insert(segment).values(
                supply=fold.supply,
                batch_id=None,
                last_batch_id=fold.changed_by,
                uri=uri,
                rows=rows,
                active=True,
            )
        )


def add_release(ledger: Ledger, new: Release, measures: Iterable[Measure] = ()) -> None:
    """Record a committed release and what it measured; doing it twice changes nothing."""
    values = {name: getattr(new, name) for name in Release.__dataclass_fields__}
    with ledger.writing() as connection:
        found = connection.execute(
            select(release.c.version).where(
                release.c.dataset == new.dataset, release.c.version == new.version
            )
        ).one_or_none()
        if found is None:
            connection.execute(insert(release).values(**values))
            subject = f"{new.dataset}/{new.version}"
            note(connection, "release", subject, new.created_at, new.created_at, measures)


def releases_of(ledger: Ledger, dataset: str | None = None) -> list[Release]:
    """Releases, oldest first."""
    query = select(release).order_by(release.c.dataset, release.c.version)
    if dataset:
        query = query.where(release.c.dataset == dataset)
    with ledger.reading() as connection:
        return [_release(row) for row in connection.execute(query)]


def last_release(ledger: Ledger, dataset: str) -> Release | None:
    """The newest release of a dataset; None before the first."""
    query = select(release).where(release.c.dataset == dataset)
    with ledger.reading() as connection:
        row = connection.execute(query.order_by(release.c.version.desc()).limit(1)).one_or_none()
    return _release(row) if row else None


def release_at(ledger: Ledger, dataset: str, version: int) -> Release:
    """One release; raises `NotFound`."""
    query = select(release).where(release.c.dataset == dataset, release.c.version == version)
    with ledger.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"dataset {dataset} has no release {version}")
    return _release(row)


def releases_left(ledger: Ledger, dataset: str) -> list[Release]:
    """Releases that the work orders have not taken in, oldest first."""
    name = release.c.dataset + "/" + cast(release.c.version, String)
    taken = exists().where(work_round.c.id == name)
    query = select(release).where(release.c.dataset == dataset, ~taken)
    with ledger.reading() as connection:
        return [_release(row) for row in connection.execute(query.order_by(release.c.version))]


def _release(row: Row[Any]) -> Release:
    return Release(**{name: getattr(row, name) for name in Release.__dataclass_fields__})
