"""Cross-checks and findings as lists of plain values, without a personal one among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from hub.asking import today
from hub.errors import NotFound
from hub.findings.evidence import evidence_of
from hub.ledger import questions as books
from hub.ledger.finding_life import UNANSWERED, FindingState
from hub.ledger.findings import events_of, finding_of, findings, last_run, run_of
from hub.ledger.tallies import Tally, tallies
from hub.opened import Hub
from schemas.crosscheck import Crosscheck
from schemas.properties import ZONE


def check_rows(hub: Hub) -> list[dict[str, Any]]:
    """All cross-checks: when they ran last, what stands open, what came back."""
    now = hub.now()
    stood = tallies(hub.ledger, now, _day(now))
    faults = books.faults(hub.ledger, "crosscheck")
    names = {*hub.catalog.crosschecks, *(tally.crosscheck for tally in stood)}
    return [_check_row(hub, name, stood, faults) for name in sorted(names)]


def _check_row(
    hub: Hub, name: str, stood: Iterable[Tally], faults: dict[str, str]
) -> dict[str, Any]:
    check = hub.catalog.crosschecks.get(name)
    own = [tally for tally in stood if tally.crosscheck == name]
    run = last_run(hub.ledger, name)
    return {
        "name": name,
        "title": f"{check.title.zh} {check.title.en}" if check else "(not in the catalog 已移除)",
        "severity": check.severity if check else None,
        "ran_at": run.ran_at if run is not None else None,
        "as_of": run.as_of if run is not None else None,
        **summed(own),
        "fault": faults.get(name),
    }


def summed(stood: Iterable[Tally]) -> dict[str, int]:
    """Findings, unanswered ones, late ones, money at stake and recovered."""
    own = list(stood)
    waiting = [tally for tally in own if tally.state in UNANSWERED]
    return {
        "findings": sum(tally.findings for tally in own),
        "unanswered": sum(tally.findings for tally in waiting),
        "overdue": sum(tally.overdue for tally in own),
        "amount_fen": sum(tally.amount_fen for tally in own),
        "recovered_fen": sum(tally.recovered_fen for tally in own),
    }


def check_shown(hub: Hub, name: str) -> dict[str, Any]:
    """One cross-check whole: its file, its last run, its findings by department and state."""
    check = hub.crosscheck(name)
    now = hub.now()
    run = last_run(hub.ledger, name)
    stood = [t for t in tallies(hub.ledger, now, _day(now)) if t.crosscheck == name]
    return {
        **check.model_dump(mode="json", by_alias=True),
        "run": None
        if run is None
        else {
            "at": run.ran_at,
            "as_of": run.as_of,
            "inputs": run.inputs,
            "findings": run.found,
            "amount_fen": run.amount_fen,
        },
        "fault": books.faults(hub.ledger, "crosscheck").get(name),
        "tallies": [asdict(tally) for tally in stood],
        "sums": summed(stood),
    }


def finding_rows(
    hub: Hub,
    crosscheck: str | None = None,
    department: str | None = None,
    states: Iterable[str] | None = None,
    overdue: bool = False,
) -> list[dict[str, Any]]:
    """Findings as the ledger knows them; raises `NotFound` for names that nobody knows."""
    here = today(hub)
    rows = [_row(found, here(found.department)) for found in
            findings(hub.ledger, crosscheck, department, states)]  # fmt: skip
    if not rows:  # what has findings may have left the catalog since
        _known("cross-check", crosscheck, hub.catalog.crosschecks)
        _known("department", department, hub.catalog.departments)
    return [row for row in rows if row["overdue"]] if overdue else rows


def _known(what: str, name: str | None, names: Collection[str]) -> None:
    if name is not None and name not in names:
        raise NotFound(f"there is no {what} {name}")


def _row(found: Row[Any], day: date) -> dict[str, Any]:
    late = found.due_on is not None and found.due_on < day and found.state in UNANSWERED
    return {
        "id": found.id,
        "crosscheck": found.crosscheck,
        "department": found.department,
        "severity": found.severity,
        "state": found.state,
        "amount_fen": found.amount_fen,
        "recovered_fen": found.recovered_fen,
        "opened_on": found.opened_on,
        "due_on": found.due_on,
        "overdue": late,
    }


def finding_shown(hub: Hub, start: str, reveal: bool = False) -> dict[str, Any]:
    """One finding with evidence, legal basis and history; sensitive values only with `reveal`."""
    found = finding_of(hub.ledger, start)
    check: Crosscheck | None = hub.catalog.crosschecks.get(found.crosscheck)
    department = hub.catalog.departments.get(found.department)
    evidence = evidence_of(hub, check, found, reveal) if check else []
    return {
        **_row(found, today(hub)(found.department)),
        "department_title": department.title.model_dump() if department else None,
        "title": check.title.model_dump() if check else None,
        "question": check.question.model_dump() if check else None,
        "legal_basis": [basis.model_dump() for basis in check.legal_basis] if check else [],
        "evidence": [asdict(piece) for piece in evidence],
        "seen_in": _seen_in(hub, found.last_run),
        "history": [_event(event) for event in events_of(hub.ledger, found.id)],
    }


def _seen_in(hub: Hub, run_id: str) -> dict[str, Any]:
    run = run_of(hub.ledger, run_id)
    return {"at": run.ran_at, "as_of": run.as_of, "version": run.version, "inputs": run.inputs}


def _event(event: Row[Any]) -> dict[str, Any]:
    return {
        "at": event.at,
        "by": event.by,
        "kind": event.kind,
        "state": event.state,
        "amount_fen": event.amount_fen,
        "recovered_fen": event.recovered_fen,
        "due_on": event.due_on,
        "reason": event.reason,
    }


def known_states(named: Iterable[str] | None) -> list[str] | None:
    """States as typed; raises `NotFound` for one that there is not."""
    if named is None:
        return None
    states = list(named)
    for state in states:
        if state not in set(FindingState):
            raise NotFound(f"there is no state {state}: {', '.join(FindingState)}")
    return states


def _day(now: datetime) -> date:
    return now.astimezone(ZoneInfo(ZONE)).date()
