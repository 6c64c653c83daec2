"""From corrections and deliveries to the notices that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil

from duckdb import DuckDBPyConnection

from hub.digests import digest, digest_key
from hub.ledger import recalls as ledger
from hub.ledger.audit import Event, note
from hub.ledger.grants import grants
from hub.ledger.recalls import Correction, Look
from hub.ledger.releases import releases_of
from hub.opened import Hub
from hub.orders import Desk, refresh_dataset, refresh_supply
from hub.publish import read_manifest
from hub.recalls import causes, cells
from hub.recalls.comparing import compare
from hub.recalls.history import gather, weigh
from hub.records import Grant, Recall
from hub.store import COPY_PARQUET, literal
from schemas.contract import Dataset

CELLS_PER_MB = 1000
"""Cells weighed at a time per megabyte of the store's memory; of more, entities come in parts."""


def make(hub: Hub, dataset: str | None = None, parts: int | None = None) -> list[Recall]:
    """Find what each release corrected and make the notices that are missing; those made now.

    Again changes nothing. Called after each release, and by the watch for what a crash left out
    and for old versions that were received after their correction. `parts`: into how many the
    entities of a correction are divided (None: by the store's memory); it changes nothing else.
    """
    made: list[Recall] = []
    for name in [hub.dataset(dataset).name] if dataset else sorted(hub.catalog.datasets):
        known = grants(hub.ledger, name)
        if known:  # what nobody was ever granted, nobody received
            with hub.ledger.alone(f"recalls-{name}"):
                _note_corrections(hub, hub.catalog.datasets[name])
                made += _tell(hub, hub.catalog.datasets[name], known, parts)
    return made


def _note_corrections(hub: Hub, dataset: Dataset) -> None:
    """Note what each release corrected of the one before it, once, and in order.

    The work orders take in batches and releases first: they know what was in doubt.
    """
    done = {one.id for one in ledger.corrections(hub.ledger, dataset.name)}
    releases = releases_of(hub.ledger, dataset.name)
    left = [r for r in releases if cells.correction_id(dataset.name, r.version) not in done]
    if not left:
        return
    desk = Desk(hub.ledger, hub.store, hub.catalog, digest_key(hub.settings.home), hub.now)
    for supply in dataset.supplies:
        refresh_supply(desk, supply)
    refresh_dataset(desk, dataset.name)
    by_version = {release.version: release for release in releases}
    for release in left:
        before = by_version.get(release.version - 1)
        with hub.store.connect() as connection:
            connection.execute(cells.TABLE)
            if before is not None:
                old, new = (read_manifest(hub.store, one) for one in (before, release))
                causes.find(hub, desk, connection, dataset, release, old, new)
            found = cells.keep(hub, connection, dataset.name, release.version)
        with hub.ledger.writing() as writing:
            ledger.add_correction(writing, found, hub.now())


def _tell(hub: Hub, dataset: Dataset, known: Sequence[Grant], parts: int | None) -> list[Recall]:
    received = ledger.received(hub.ledger, dataset.name)
    looked = ledger.looks(hub.ledger, dataset.name)
    made: list[Recall] = []
    for correction in ledger.corrections(hub.ledger, dataset.name):
        if correction.uri is None:
            continue
        due = []
        for grant in known:
            had = [v for v in received.get(grant.id, ()) if v < correction.version]
            look = Look(correction.id, grant.id, digest("", *map(str, had)))
            if had and looked.get((correction.id, grant.id)) != look.received:
                due.append((grant, had, look))
        if due:
            made += _of(hub, dataset, correction, due, parts)
    return made


def _of(
    hub: Hub,
    dataset: Dataset,
    correction: Correction,
    due: Sequence[tuple[Grant, Sequence[int], Look]],
    parts: int | None,
) -> list[Recall]:
    """The notices of one correction to some grants; all of a grant's are entered at once."""
    largest = CELLS_PER_MB * hub.store.memory_mb
    parts = parts or ceil(correction.cells * len(dataset.fields) / largest)
    at = hub.now()
    made: list[Recall] = []
    with hub.store.connect() as connection:
        for part in range(parts):
            cells.read(hub, connection, correction, part, parts)
            _weigh_part(hub, connection, dataset, correction, due, first=part == 0)
        for grant, _, look in due:
            groups = connection.execute(
                "SELECT cause, cause_id, count(DISTINCT record_id) FROM told_of "
                "WHERE grant_id = ? GROUP BY ALL ORDER BY ALL",
                [grant.id],
            ).fetchall()
            found = [
                _write(hub, connection, grant, correction, look, cause, cause_id, records, at)
                for cause, cause_id, records in groups
            ]
            _enter(hub, grant, look, found, at)
            made += found
    return made


def _weigh_part(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    correction: Correction,
    due: Sequence[tuple[Grant, Sequence[int], Look]],
    first: bool,
) -> None:
    """Add to `told_of` (grant_id, and the columns of `found`) what grants are told of these cells.

    `first`: it is made.
    """
    wrong = cells.versions(hub, connection, correction)
    had = {v for _, versions, _ in due for v in versions if v <= max(wrong)}
    held = gather(hub, connection, dataset, [*had, *wrong, correction.version])
    weigh(connection, correction.version)
    for grant, versions, _ in due:
        told = ledger.recalls(hub.ledger, dataset.name, grant.id, mended_in=correction.version)
        paths = [str(hub.store.path(one.uri)) for one in told]
        compare(hub, connection, dataset, grant, versions, correction.version, held, paths)
        into = "CREATE TEMP TABLE told_of AS" if first else "INSERT INTO told_of"
        connection.execute(f"{into} SELECT {literal(grant.id)} AS grant_id, * FROM found")
        first = False


def _write(
    hub: Hub,
    connection: DuckDBPyConnection,
    grant: Grant,
    correction: Correction,
    look: Look,
    cause: str,
    cause_id: str,
    records: int,
    at: datetime,
) -> Recall:
    """Write the file of one notice; the same look writes the same file."""
    own = digest("", grant.id, correction.id, cause, cause_id, look.received)[:32]
    uri = f"recalls/{grant.id}/{own}.parquet"
    mine = (
        f"FROM told_of WHERE grant_id = {literal(grant.id)} AND cause = {literal(cause)} "
        f"AND cause_id = {literal(cause_id)}"
    )
    with hub.store.writing(uri) as temporary:
        connection.execute(
            f"COPY (SELECT {literal(own)} AS recall_id, {literal(grant.id)} AS grant_id, "
            "record_id, field, CAST(first_version AS BIGINT) AS first_version, "
            f"CAST({correction.version} AS BIGINT) AS mended_in, change, now_record {mine} "
            f"ORDER BY record_id, field) TO {literal(temporary)} ({COPY_PARQUET})"
        )
    counted = connection.execute(f"SELECT field, count(*) {mine} GROUP BY 1 ORDER BY 1").fetchall()
    (first,) = connection.execute(f"SELECT min(first_version) {mine}").fetchone() or (0,)
    return Recall(
        id=own,
        correction=correction.id,
        grant_id=grant.id,
        dataset=grant.dataset,
        first_version=first,
        mended_in=correction.version,
        cause=cause,
        cause_id=cause_id,
        fields=dict(counted),
        records=records,
        uri=uri,
        made_at=at,
    )


def _enter(hub: Hub, grant: Grant, look: Look, found: Sequence[Recall], at: datetime) -> None:
    with hub.ledger.writing() as writing:
        ledger.enter(writing, look, found, at)
        for one in found:
            note(
                writing,
                Event.RECALL_MADE,
                subject=one.id,
                by="hub",
                at=at,
                department=grant.subscriber,
                grant=grant.id,
                dataset=one.dataset,
                mended_in=one.mended_in,
                cause=one.cause,
                records=one.records,
            )
