"""What the report of findings says: counts and sums of money, nothing personal.

Money is in fen. In every line the states add up to what was found, in findings and in money.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hub.report.document import FORMAT, Words

STATES = ("open", "confirmed", "recovering", "recovered", "dismissed", "cleared")


@dataclass(frozen=True)
class State:
    """Findings that are in one state."""

    state: str
    findings: int
    amount_fen: int


@dataclass(frozen=True)
class Standing:
    """How some findings stand at the end of the time: by state, late ones, money that came back."""

    findings: int
    amount_fen: int
    recovered_fen: int
    unanswered: int  # open, confirmed or recovering
    overdue: int
    states: tuple[State, ...]  # all six, in the order of `STATES`


@dataclass(frozen=True)
class Happened:
    """What happened within a time: events, and the money of some of them."""

    found: int
    found_fen: int
    reopened: int
    cleared: int
    dismissed: int
    recovered_fen: int


@dataclass(frozen=True)
class CheckLine:
    """One cross-check; titles and law come from today's catalog."""

    name: str
    title: Words
    question: Words
    level: str
    legal_basis: tuple[Words, ...]
    stands: Standing
    month: Happened


@dataclass(frozen=True)
class PartLine:
    """One cross-check and one responsible department."""

    crosscheck: str
    department: str
    stands: Standing


@dataclass(frozen=True)
class DepartmentLine:
    """One responsible department over all cross-checks."""

    name: str
    title: Words
    stands: Standing
    month: Happened


@dataclass(frozen=True)
class MonthPoint:
    """One month of the trend; `unanswered` and `outstanding_fen` as at its end."""

    label: str
    happened: Happened
    unanswered: int
    outstanding_fen: int  # at stake in what waits for an answer, less what came back


@dataclass(frozen=True)
class PolicyLine:
    """One policy at its last run of the time."""

    name: str
    title: Words
    dataset: str
    as_of: str
    eligible: int
    not_eligible: int
    unknown: int
    asked: int
    carried: int


@dataclass(frozen=True)
class FindingsDocument:
    """One report. `made_at` and the period are aware ISO 8601; `until` is exclusive."""

    id: str  # "crosschecks:2026-11", "crosschecks:funds:2026-11"
    title: Words
    subject: dict[str, str]
    since: str
    until: str
    made_at: str
    hub_version: str
    stands: Standing
    month: Happened
    checks: tuple[CheckLine, ...]
    by_department: tuple[PartLine, ...]
    departments: tuple[DepartmentLine, ...]
    months: tuple[MonthPoint, ...]  # oldest first
    policies: tuple[PolicyLine, ...]
    kind: Literal["crosschecks"] = "crosschecks"
    counts: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT
