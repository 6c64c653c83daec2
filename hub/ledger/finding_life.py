"""The life of a finding: what a run or a person makes of it; pure, so that its laws can be tested.

open -> confirmed -> recovering -> recovered, or dismissed (with a reason), or cleared: no later run
finds it any more. What was over is opened again when it recurs, except what was dismissed and
still looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from hub.errors import DecisionError

MOST_FEN = 10**15
"""More than this is no money of a city but a slip, and sums of it would leave 64 bits."""


class FindingState(StrEnum):
    OPEN = "open"  # the department has to look into it
    CONFIRMED = "confirmed"  # it is as the check says
    RECOVERING = "recovering"  # a part of the money came back
    RECOVERED = "recovered"  # all of it did
    DISMISSED = "dismissed"  # there is a reason why it is all right
    CLEARED = "cleared"  # no longer found, without anybody's word


class EventKind(StrEnum):
    FOUND = "found"
    CHANGED = "changed"  # another amount, department or, with money back, another state
    CONFIRMED = "confirmed"
    RECOVERED = "recovered"  # an amount came back, or is corrected
    DISMISSED = "dismissed"
    CLEARED = "cleared"
    REOPENED = "reopened"


UNANSWERED = (FindingState.OPEN, FindingState.CONFIRMED, FindingState.RECOVERING)
"""What still has a last day for an answer."""


@dataclass(frozen=True)
class Found:
    """One finding of one run: digests, who answers, the money at stake in fen."""

    id: str
    proof: str  # keyed digest of all evidence: equal while nothing about it changed
    department: str
    amount_fen: int | None


@dataclass(frozen=True)
class Standing:
    """Where a finding stands; `absent`: the run before this one did not find it."""

    state: FindingState
    department: str
    proof: str
    amount_fen: int | None
    recovered_fen: int = 0
    due_on: date | None = None
    absent: bool = False


@dataclass(frozen=True)
class Event:
    """What happened to a finding, with what holds afterwards; `recovered_fen` came with it."""

    kind: EventKind
    state: FindingState
    department: str
    amount_fen: int | None
    due_on: date | None
    recovered_fen: int | None = None


def after(standing: Standing, event: Event) -> Standing:
    """Where a finding stands after an event."""
    return replace(
        standing,
        state=event.state,
        department=event.department,
        amount_fen=event.amount_fen,
        due_on=event.due_on,
        recovered_fen=standing.recovered_fen + (event.recovered_fen or 0),
    )


def first(found: Found, due_on: date) -> Event:
    """A finding that no run had found before."""
    return Event(EventKind.FOUND, FindingState.OPEN, found.department, found.amount_fen, due_on)


def seen(standing: Standing, found: Found, due_on: date) -> Event | None:
    """What a run that finds it once more makes of a finding; None: nothing.

    `due_on` is the last day for an answer, should it be opened again.
    """
    state = standing.state
    same = standing.proof == found.proof
    over = state not in UNANSWERED
    again = (
        state is FindingState.CLEARED
        or (state is FindingState.DISMISSED and not same)
        or (state is FindingState.RECOVERED and (standing.absent or not _whole(standing, found)))
    )
    if again:
        back = 0 < standing.recovered_fen < (found.amount_fen or 0)
        state = FindingState.RECOVERING if back else FindingState.OPEN
        return Event(EventKind.REOPENED, state, found.department, found.amount_fen, due_on)
    if state is FindingState.RECOVERING and _whole(standing, found):
        state = FindingState.RECOVERED
    told = (standing.state, standing.amount_fen, standing.department)
    if told == (state, found.amount_fen, found.department):
        return None
    due = None if over or state is FindingState.RECOVERED else standing.due_on
    return Event(EventKind.CHANGED, state, found.department, found.amount_fen, due)


def _whole(standing: Standing, found: Found) -> bool:
    return standing.recovered_fen >= (found.amount_fen or 0)


def gone(standing: Standing) -> Event | None:
    """What a run that does not find it any more makes of a finding; None: nothing."""
    if standing.state not in UNANSWERED:
        return None
    return _event(standing, EventKind.CLEARED, FindingState.CLEARED, None)


def confirm(standing: Standing, due_on: date) -> Event:
    """The department says that it is so; raises `DecisionError` unless it is open or dismissed.

    `due_on` is the last day for the money, should the finding have had none any more.
    """
    _refuse_unless(standing, "confirmed", FindingState.OPEN, FindingState.DISMISSED)
    due = standing.due_on or due_on
    return _event(standing, EventKind.CONFIRMED, FindingState.CONFIRMED, due)


def dismiss(standing: Standing) -> Event:
    """There is a reason why it is all right; raises `DecisionError` once money came back."""
    _refuse_unless(standing, "dismissed", FindingState.OPEN, FindingState.CONFIRMED)
    return _event(standing, EventKind.DISMISSED, FindingState.DISMISSED, None)


def recover(standing: Standing, fen: int, due_on: date, beyond: bool = False) -> Event:
    """Money came back; below zero, an earlier amount is corrected.

    Raises `DecisionError` for a dismissed finding, for nothing, for less than nothing in all, and
    for more than is at stake unless `beyond` says that there is a reason.
    """
    if standing.state is FindingState.DISMISSED:
        raise DecisionError("the finding is dismissed: confirm it before money is recovered")
    total = standing.recovered_fen + fen
    stake = standing.amount_fen or 0
    if fen == 0 or total < 0:
        raise DecisionError(
            f"recovered so far: {yuan(standing.recovered_fen)}; {yuan(fen)} is not possible"
        )
    if total > stake and fen > 0 and not beyond:
        raise DecisionError(
            f"{yuan(total)} in all is more than the {yuan(stake)} at stake: give the reason "
            "with --beyond"
        )
    if standing.state is FindingState.CLEARED:
        state, due = FindingState.CLEARED, None
    elif total == 0:
        state, due = FindingState.CONFIRMED, standing.due_on or due_on
    elif total < stake:
        state, due = FindingState.RECOVERING, standing.due_on or due_on
    else:
        state, due = FindingState.RECOVERED, None
    return replace(_event(standing, EventKind.RECOVERED, state, due), recovered_fen=fen)


def _event(standing: Standing, kind: EventKind, state: FindingState, due_on: date | None) -> Event:
    return Event(kind, state, standing.department, standing.amount_fen, due_on)


def _refuse_unless(standing: Standing, wish: str, *states: FindingState) -> None:
    if standing.state not in states:
        raise DecisionError(f"the finding is {standing.state.value} and cannot become {wish}")


def yuan(fen: int) -> str:
    """An amount as people write it: `1,234.50`."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
