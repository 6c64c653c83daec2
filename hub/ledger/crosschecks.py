"""Cross-checks in the ledger: a run enters in one transaction, and so does a person's word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from hub.ledger.audit import Act, note_act
from hub.ledger.crosscheck_tables import crosscheck_run, finding, finding_event, question_fault
from hub.ledger.finding_life import (
    Event,
    FindingState,
    Found,
    Standing,
    after,
    first,
    gone,
    seen,
)
from hub.ledger.findings import standing_of
from hub.ledger.opening import Ledger

HUB = "hub"  # who acts where no person does
LOCK = "findings"
"""Held by whoever changes findings: runs and persons come one after the other."""
STEP = 500


@dataclass(frozen=True)
class Run:
    """One run of one check, about to be entered."""

    id: str
    crosscheck: str
    place: int
    version: str
    inputs: Mapping[str, str]
    as_of: date
    uri: str
    sha256: str
    severity: str
    knows_amounts: bool


def enter_run(
    ledger: Ledger,
    run: Run,
    found: Sequence[Found],
    due_on: Callable[[str], date],
    today: Callable[[str], date],
    now: Callable[[], datetime],
) -> dict[str, int]:
    """Enter a run with all that it makes of findings; how many of each kind of event.

    `due_on` and `today` are asked per department.
    """
    with ledger.alone(LOCK), ledger.writing() as connection:
        at = now()
        amounts = [one.amount_fen or 0 for one in found]
        connection.execute(
            insert(crosscheck_run).values(
                id=run.id,
                crosscheck=run.crosscheck,
                place=run.place,
                version=run.version,
                inputs=dict(run.inputs),
                as_of=run.as_of,
                found=len(found),
                amount_fen=sum(amounts) if run.knows_amounts else None,
                uri=run.uri,
                sha256=run.sha256,
                ran_at=at,
            )
        )
        known = _known(connection, run)
        events: list[tuple[str, Event]] = []
        for one in found:
            row = known.get(one.id)
            event = (
                seen(standing_of(row, row.place), one, due_on(one.department))
                if row is not None
                else first(one, due_on(one.department))
            )
            events += [(one.id, event)] if event else []
        named = {one.id for one in found}
        for finding_id, row in known.items():
            if finding_id not in named and (event := gone(standing_of(row, row.place))):
                events.append((finding_id, event))
        _add_new(connection, run, [one for one in found if one.id not in known], today, due_on)
        _see_again(connection, run, [one for one in found if one.id in known])
        _enter(connection, events, known, HUB, at, today, run.id)
        connection.execute(
            delete(question_fault).where(
                question_fault.c.kind == "crosscheck", question_fault.c.name == run.crosscheck
            )
        )
    tally: dict[str, int] = {}
    for _, event in events:
        tally[event.kind.value] = tally.get(event.kind.value, 0) + 1
    return tally


def _known(connection: Connection, run: Run) -> dict[str, Row[Any]]:
    """The check's findings with `place`: that of the last run that found each, less this one's."""
    places = (
        select(*finding.c, (crosscheck_run.c.place - run.place).label("place"))
        .join(crosscheck_run, crosscheck_run.c.id == finding.c.last_run)
        .where(finding.c.crosscheck == run.crosscheck)
    )
    rows: list[Row[Any]] = list(connection.execute(places))
    return {row.id: row for row in rows}


def _add_new(
    connection: Connection,
    run: Run,
    new: Sequence[Found],
    today: Callable[[str], date],
    due_on: Callable[[str], date],
) -> None:
    rows = [
        {
            "id": one.id,
            "crosscheck": run.crosscheck,
            "department": one.department,
            "severity": run.severity,
            "state": FindingState.OPEN,
            "proof": one.proof,
            "amount_fen": one.amount_fen,
            "recovered_fen": 0,
            "opened_on": today(one.department),
            "due_on": due_on(one.department),
            "first_run": run.id,
            "last_run": run.id,
        }
        for one in new
    ]
    if rows:
        connection.execute(insert(finding), rows)


def _see_again(connection: Connection, run: Run, again: Sequence[Found]) -> None:
    if not again:
        return
    connection.execute(
        update(finding)
        .where(finding.c.id == bindparam("of"))
        .values(last_run=run.id, severity=run.severity, proof=bindparam("now")),
        [{"of": one.id, "now": one.proof} for one in again],
    )


def _enter(
    connection: Connection,
    events: Sequence[tuple[str, Event]],
    known: Mapping[str, Row[Any]],
    by: str,
    at: datetime,
    today: Callable[[str], date],
    run_id: str | None = None,
    reason: str | None = None,
) -> None:
    """Add events, and let the findings that were there before follow from them."""
    if not events:
        return
    places = _places(connection, [finding_id for finding_id, _ in events])
    connection.execute(
        insert(finding_event),
        [
            {
                "finding_id": finding_id,
                "place": places.get(finding_id, 0) + 1,
                "kind": event.kind,
                "state": event.state,
                "department": event.department,
                "amount_fen": event.amount_fen,
                "recovered_fen": event.recovered_fen,
                "due_on": event.due_on,
                "run": run_id,
                "reason": reason,
                "by": by,
                "at": at,
            }
            for finding_id, event in events
        ],
    )
    changes = []
    for finding_id, event in events:
        if (row := known.get(finding_id)) is None:
            continue
        stands = after(standing_of(row), event)
        again = event.kind == "reopened"
        changes.append(
            {
                "of": finding_id,
                "to_state": stands.state,
                "to_department": stands.department,
                "to_amount": stands.amount_fen,
                "to_recovered": stands.recovered_fen,
                "to_due": stands.due_on,
                "to_opened": today(stands.department) if again else row.opened_on,
            }
        )
    if changes:
        connection.execute(
            update(finding)
            .where(finding.c.id == bindparam("of"))
            .values(
                state=bindparam("to_state"),
                department=bindparam("to_department"),
                amount_fen=bindparam("to_amount"),
                recovered_fen=bindparam("to_recovered"),
                due_on=bindparam("to_due"),
                opened_on=bindparam("to_opened"),
            ),
            changes,
        )


def _places(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(ids), STEP):
        query = (
            select(finding_event.c.finding_id, func.max(finding_event.c.place))
            .where(finding_event.c.finding_id.in_(ids[start : start + STEP]))
            .group_by(finding_event.c.finding_id)
        )
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def decide(
    ledger: Ledger,
    what: Mapping[str, Callable[[Standing], Event]],
    by: str,
    reason: str | None,
    now: Callable[[], datetime],
    today: Callable[[str], date],
) -> None:
    """Let what a person decided of each finding happen, all or none; raises `DecisionError`."""
    with ledger.alone(LOCK), ledger.writing() as connection:
        known = {}
        for finding_id in what:
            query = select(finding).where(finding.c.id == finding_id)
            known[finding_id] = connection.execute(query).one()
        events = [
            (finding_id, what[finding_id](standing_of(row))) for finding_id, row in known.items()
        ]
        at = now()
        _enter(connection, events, known, by, at, today, None, reason)
        for finding_id, event in events:
            note_act(
                connection,
                Act(f"finding_{event.kind.value}"),
                subject=finding_id,
                by=by,
                at=at,
                department=event.department,
            )
