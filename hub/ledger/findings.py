"""Reads findings, their events and the runs of cross-checks from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, func, select

from hub.errors import NotFound
from hub.ledger.crosscheck_tables import crosscheck_run, finding, finding_event
from hub.ledger.finding_life import FindingState, Standing
from hub.ledger.opening import Ledger

SHORTEST = 8  # hex digits by which a finding may be named


def last_run(ledger: Ledger, crosscheck: str) -> Row[Any] | None:
    """The newest run of a check; None before the first."""
    query = select(crosscheck_run).where(crosscheck_run.c.crosscheck == crosscheck)
    with ledger.reading() as connection:
        return connection.execute(
            query.order_by(crosscheck_run.c.place.desc()).limit(1)
        ).one_or_none()


def run_of(ledger: Ledger, run_id: str) -> Row[Any]:
    """One run; raises `NotFound`."""
    query = select(crosscheck_run).where(crosscheck_run.c.id == run_id)
    with ledger.reading() as connection:
        found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no run {run_id}")
    return found


def standing_of(row: Row[Any], behind: int = -1) -> Standing:
    """Where a finding stands, from its row; `behind`: how many runs ago it was found, negative."""
    return Standing(
        state=FindingState(row.state),
        department=row.department,
        proof=row.proof,
        amount_fen=row.amount_fen,
        recovered_fen=row.recovered_fen,
        due_on=row.due_on,
        absent=behind < -1,
    )


def findings(
    ledger: Ledger,
    crosscheck: str | None = None,
    department: str | None = None,
    states: Iterable[str] | None = None,
) -> list[Row[Any]]:
    """Findings, the most money first within each check."""
    query = select(finding).order_by(
        finding.c.crosscheck, func.coalesce(finding.c.amount_fen, 0).desc(), finding.c.id
    )
    if crosscheck is not None:
        query = query.where(finding.c.crosscheck == crosscheck)
    if department is not None:
        query = query.where(finding.c.department == department)
    if states is not None:
        query = query.where(finding.c.state.in_(list(states)))
    with ledger.reading() as connection:
        return list(connection.execute(query))


def finding_of(ledger: Ledger, start: str) -> Row[Any]:
    """The one finding whose id begins so; raises `NotFound`."""
    query = select(finding).where(finding.c.id.startswith(start, autoescape=True)).limit(2)
    with ledger.reading() as connection:
        found = list(connection.execute(query)) if len(start) >= SHORTEST else []
    if len(found) != 1:
        many = "no finding begins" if not found else "more than one finding begins"
        raise NotFound(f"{many} with {start[:64]!r}; give at least {SHORTEST} digits of one")
    return found[0]


def events_of(ledger: Ledger, finding_id: str) -> list[Row[Any]]:
    """The history of one finding, oldest first."""
    query = select(finding_event).where(finding_event.c.finding_id == finding_id)
    with ledger.reading() as connection:
        return list(connection.execute(query.order_by(finding_event.c.place)))
