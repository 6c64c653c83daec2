"""Measures of what a ledger recorded before it kept any."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, cast, exists, select

from hub.ledger.measures import BATCHES, DISCREPANCY, note
from hub.ledger.releases import release_at
from hub.ledger.rows import row_of
from hub.ledger.tables import batch, measure, release
from hub.ledger.verdicts import as_checked, subject_of
from hub.measures import accepted_later, batch_measures
from hub.opened import Hub
from hub.records import MOVES_ON, BatchState, Measure, Release, Verdict
from hub.released import kept, relation

DISCREPANCIES = "discrepancies"


def backfill(hub: Hub) -> int:
    """Note the measures of batches and releases that have none; returns how many were filled.

    Called before a report is made, and not when the ledger is opened: opening stays quick, and a
    pull needs no measures. What a batch says follows from its stored outcomes alone, so it counts
    as known since the batch was closed. Of an older release only the discrepancies are known;
    what its departments agreed on was not counted then and stays not assessed.
    """
    filled = 0
    for batch_id in _without(hub, batch.c.id, batch.c.state == BatchState.CHECKED):
        _fill_batch(hub, row_of(hub.ledger, batch_id))
        filled += 1
    for name in _without(hub, release.c.dataset + "/" + cast(release.c.version, String)):
        dataset, _, version = name.rpartition("/")
        _fill_release(hub, release_at(hub.ledger, dataset, int(version)))
        filled += 1
    return filled


def _without(hub: Hub, key: ColumnElement[str], *conditions: ColumnElement[bool]) -> list[str]:
    """Names alone: the rows of many batches, with all their outcomes, are too much at once."""
    noted = exists().where(
        measure.c.subject.in_([*BATCHES, "release"]), measure.c.subject_id == key
    )
    with hub.ledger.reading() as connection:
        return list(connection.execute(select(key).where(~noted, *conditions)).scalars())


def _fill_batch(hub: Hub, row: Row[Any]) -> None:
    checked = as_checked(row)
    # The batch is measured as it was closed; what a person decided later is noted as later.
    held = row.decision is not None
    if held:
        checked = replace(checked, verdict=Verdict.HOLD)
    measures = batch_measures(checked, row.mode == "snapshot")
    subject = subject_of(row)
    with hub.ledger.writing() as connection:
        note(connection, subject, row.id, row.as_of, row.closed_at, measures)
        if held and Verdict(row.verdict) in MOVES_ON:
            decided = datetime.fromisoformat(row.decision["at"])
            note(connection, subject, row.id, row.as_of, decided, [accepted_later(row.supply)])


def _fill_release(hub: Hub, row: Release) -> None:
    manifest = hub.store.read_json(row.manifest)
    found: list[tuple[str, str | None, str | None, str, int]] = []
    if kept(hub.store, manifest, DISCREPANCIES):
        with hub.store.connect() as connection:
            found = connection.execute(
                "SELECT kind, field, supply, severity, count(*) "
                f"FROM ({relation(hub.store, manifest, DISCREPANCIES)}) GROUP BY ALL ORDER BY ALL"
            ).fetchall()
    measures = [
        Measure(None, rows, 0, supply, row.dataset, field, f"{DISCREPANCY}{kind}.{severity}")
        for kind, field, supply, severity, rows in found
    ]
    # A release that has nothing to measure is not looked at again.
    measures = measures or [Measure(None, 0, 0, None, row.dataset, None, "release")]
    with hub.ledger.writing() as connection:
        subject = f"{row.dataset}/{row.version}"
        note(connection, "release", subject, row.created_at, row.created_at, measures)
