"""Fills the report of findings from the ledger's events, as they were known when it is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from hub.errors import IntegrityError, NotFound
from hub.ledger.finding_life import UNANSWERED
from hub.ledger.questions import policy_runs
from hub.ledger.tallies import Flow, Tally, flows, tallies
from hub.opened import Hub
from hub.report.document import Words
from hub.report.findings.document import (
    STATES,
    CheckLine,
    DepartmentLine,
    FindingsDocument,
    Happened,
    MonthPoint,
    PartLine,
    PolicyLine,
    Standing,
    State,
)
from hub.report.parts import months_before
from hub.report.period import ZONE, ZONE_NAME, Month, written
from hub.report.version import hub_version
from hub.report.words import department_words

TREND = 12  # months, this one among them
INSTANT = timedelta(microseconds=1)


def findings_document(
    hub: Hub,
    month: Month,
    made_at: datetime,
    department: str | None = None,
    names: Collection[str] | None = None,
    policies: Collection[str] | None = None,
) -> FindingsDocument:
    """What cross-checks found until the end of a month, of all departments or of one.

    `names` and `policies` are those of a report that is computed again; otherwise the catalog's.
    """
    if department and names is None and department not in hub.catalog.departments:
        raise NotFound(f"there is no department {department}")
    end = min(made_at, month.until - INSTANT)
    stood = _of(department, tallies(hub.ledger, end, end.astimezone(ZONE).date()))
    happened = _of(department, flows(hub.ledger, month.since, month.until, made_at))
    listed = set(hub.catalog.crosschecks if names is None else names)
    listed |= {tally.crosscheck for tally in stood}
    if department:
        listed &= {tally.crosscheck for tally in stood} if names is None else set(names)
    document = FindingsDocument(
        id=f"crosschecks:{department}:{month}" if department else f"crosschecks:{month}",
        title=_title(hub, department),
        subject=({"department": department} if department else {})
        | {"month": str(month), "time_zone": ZONE_NAME},
        since=written(month.since),
        until=written(month.until),
        made_at=written(made_at),
        hub_version=hub_version(),
        stands=standing(stood),
        month=happening(happened),
        checks=tuple(_check(hub, name, stood, happened) for name in sorted(listed)),
        by_department=tuple(
            PartLine(check, who, standing(t for t in stood if _is(t, check, who)))
            for check, who in sorted({(t.crosscheck, t.department) for t in stood})
        ),
        departments=tuple(
            DepartmentLine(
                who,
                department_words(hub.catalog, who),
                standing(t for t in stood if t.department == who),
                happening(f for f in happened if f.department == who),
            )
            for who in sorted({t.department for t in stood})
        ),
        months=tuple(_point(hub, m, made_at, department) for m in months_before(month, TREND)),
        policies=() if department else tuple(_policies(hub, end, policies)),
    )
    _add_up(document)
    return document


def _title(hub: Hub, department: str | None) -> Words:
    if department is None:
        return Words("跨部门比对月报", "Monthly cross-checks")
    title = department_words(hub.catalog, department)
    return Words(f"跨部门比对月报：{title.zh}", f"Monthly cross-checks: {title.en}")


def _of(department: str | None, lines: Iterable[Tally] | Iterable[Flow]) -> list:  # type: ignore[type-arg]
    return [line for line in lines if department in (None, line.department)]


def _is(tally: Tally, check: str, department: str) -> bool:
    return tally.crosscheck == check and tally.department == department


def standing(found: Iterable[Tally]) -> Standing:
    """Tallies added up, by state."""
    own = list(found)

    def total(value: Callable[[Tally], int], *states: str) -> int:
        return sum(value(tally) for tally in own if not states or tally.state in states)

    return Standing(
        findings=total(lambda t: t.findings),
        amount_fen=total(lambda t: t.amount_fen),
        recovered_fen=total(lambda t: t.recovered_fen),
        unanswered=total(lambda t: t.findings, *UNANSWERED),
        overdue=total(lambda t: t.overdue),
        states=tuple(
            State(s, total(lambda t: t.findings, s), total(lambda t: t.amount_fen, s))
            for s in STATES
        ),
    )


def happening(found: Iterable[Flow]) -> Happened:
    """Events added up, by kind."""
    own = list(found)

    def total(kind: str, value: Callable[[Flow], int] = lambda flow: flow.events) -> int:
        return sum(value(flow) for flow in own if flow.kind == kind)

    return Happened(
        found=total("found"),
        found_fen=total("found", lambda flow: flow.amount_fen),
        reopened=total("reopened"),
        cleared=total("cleared"),
        dismissed=total("dismissed"),
        recovered_fen=total("recovered", lambda flow: flow.recovered_fen),
    )


def _check(hub: Hub, name: str, stood: list[Tally], happened: list[Flow]) -> CheckLine:
    known = hub.catalog.crosschecks.get(name)
    return CheckLine(
        name=name,
        title=Words(known.title.zh, known.title.en) if known else Words(name, name),
        question=Words(known.question.zh, known.question.en) if known else Words("", ""),
        level=known.severity if known else "info",
        legal_basis=tuple(Words(b.zh, b.en) for b in known.legal_basis) if known else (),
        stands=standing(t for t in stood if t.crosscheck == name),
        month=happening(f for f in happened if f.crosscheck == name),
    )


def _point(hub: Hub, month: Month, made_at: datetime, department: str | None) -> MonthPoint:
    end = min(made_at, month.until - INSTANT)
    waiting = [
        tally
        for tally in _of(department, tallies(hub.ledger, end, end.astimezone(ZONE).date()))
        if tally.state in UNANSWERED
    ]
    if month.since > made_at:
        waiting = []
    return MonthPoint(
        label=str(month),
        happened=happening(_of(department, flows(hub.ledger, month.since, month.until, made_at))),
        unanswered=sum(tally.findings for tally in waiting),
        outstanding_fen=sum(max(t.amount_fen - t.recovered_fen, 0) for t in waiting),
    )


def _policies(hub: Hub, end: datetime, names: Collection[str] | None) -> Iterable[PolicyLine]:
    for run in policy_runs(hub.ledger, end):
        known = hub.catalog.policies.get(run.policy)
        if run.policy not in (hub.catalog.policies if names is None else names):
            continue
        yield PolicyLine(
            name=run.policy,
            title=Words(known.title.zh, known.title.en) if known else Words(run.policy, run.policy),
            dataset=str(run.dataset),
            as_of=run.as_of.isoformat(),
            **{name: run.counts[name] for name in
               ("eligible", "not_eligible", "unknown", "asked", "carried")},
        )  # fmt: skip


def _add_up(document: FindingsDocument) -> None:
    """Every figure is told in three ways, and they agree; raises `IntegrityError`."""
    wholes = [
        [line.stands for line in document.checks],
        [line.stands for line in document.by_department],
        [line.stands for line in document.departments],
        [document.stands],
    ]
    sums = {
        (sum(s.findings for s in stands), sum(s.amount_fen for s in stands),
         sum(s.recovered_fen for s in stands))
        for stands in wholes
    }  # fmt: skip
    states = all(
        s.findings == sum(part.findings for part in s.states)
        and s.amount_fen == sum(part.amount_fen for part in s.states)
        for stands in wholes
        for s in stands
    )
    if len(sums) != 1 or not states:
        raise IntegrityError(f"report {document.id}: findings do not add up")
