"""How a clock counts, as pure functions: the same history gives the same due day.

The day on which it starts does not count. Of a pause the day on which it begins still counts, if it
is a working day; the days after it, up to and with the one on which it ends, do not. So a clock
has as many working days after a pause as it had left before it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hub.errors import DecisionError
from hub.records import Clock
from schemas.clocks import RIGHTS
from schemas.workdays import Workdays, add_working_days

DAY = timedelta(days=1)


def due_day(clock: Clock, calendar: Workdays) -> date | None:
    """The last day for the duty; None while the clock stands still before it came."""
    left = clock.working_days + clock.extended_days
    day = clock.started_on
    for first, last in clock.pauses:
        day, left = _count(day, first, left, calendar)
        if not left:
            return day
        day = max(day, last)
    if clock.paused_on is None:
        return add_working_days(day, left, calendar)
    day, left = _count(day, clock.paused_on, left, calendar)
    return None if left else day


def _count(day: date, until: date, left: int, calendar: Workdays) -> tuple[date, int]:
    """The day reached and the working days left, counting up to a day or to the last one."""
    while day < until and left:
        day += DAY
        left -= calendar.is_working_day(day)
    return day, left


def paused(clock: Clock, on: date, calendar: Workdays) -> Clock:
    """The clock stands still from a day on."""
    _runs(clock)
    if clock.paused_on is not None:
        raise DecisionError(f"{clock.subject_id}: 时限已中止 / the clock stands still already")
    changed = replace(clock, paused_on=_after(clock, on))
    return replace(changed, due_on=due_day(changed, calendar))


def resumed(clock: Clock, on: date, calendar: Workdays) -> Clock:
    """The clock runs again from a day on."""
    _runs(clock)
    if clock.paused_on is None:
        raise DecisionError(f"{clock.subject_id}: 时限未中止 / the clock does not stand still")
    pause = (clock.paused_on, max(clock.paused_on, on))
    changed = replace(clock, paused_on=None, pauses=(*clock.pauses, pause))
    return replace(changed, due_on=due_day(changed, calendar))


def extended(clock: Clock, days: int, on: date, calendar: Workdays) -> Clock:
    """The clock has working days more: once, not after its last day, as its rules allow."""
    may_extend(clock, days, on)
    # It came near its end once more only when the new last day is near.
    changed = replace(clock, extended_days=days, warned_on=None)
    return replace(changed, due_on=due_day(changed, calendar))


def may_extend(clock: Clock, days: int, on: date) -> None:
    """Raises `DecisionError` when a clock cannot be given these days more."""
    case = clock.subject_id
    _runs(clock)
    if clock.extended_days:
        raise DecisionError(f"{case}: 时限只能延长一次 / the clock was extended already")
    if not 1 <= days <= clock.extension:
        raise DecisionError(
            f"{case}: 最多可延长 {clock.extension} 个工作日 / "
            f"at most {clock.extension} working days more"
        )
    if is_over(clock, on):
        raise DecisionError(f"{case}: 时限已过，不能延长 / the last day is over")


def recounted(clock: Clock, calendar: Workdays) -> Clock:
    """The clock by a calendar that knows more: next year's holidays come out late in the year.

    What has passed its last day stays past it.
    """
    if clock.stopped_on is not None or clock.breached_on is not None:
        return clock
    due_on = due_day(clock, calendar)
    return clock if due_on == clock.due_on else replace(clock, due_on=due_on, warned_on=None)


def is_over(clock: Clock, on: date) -> bool:
    """Whether the last day has passed."""
    return clock.stopped_on is None and clock.due_on is not None and clock.due_on < on


def is_overdue(clock: Clock, on: date) -> bool:
    """Whether somebody had to act by then and has not."""
    return is_over(clock, on) and clock.duty not in RIGHTS


def is_near(clock: Clock, on: date, calendar: Workdays) -> bool:
    """Whether the last day is at most `warn_before` working days away, and not over."""
    if clock.stopped_on is not None or clock.due_on is None or is_over(clock, on):
        return False
    return clock.due_on <= add_working_days(on, clock.warn_before, calendar)


def _after(clock: Clock, on: date) -> date:
    last = clock.pauses[-1][1] if clock.pauses else clock.started_on
    return max(last, on)


def _runs(clock: Clock) -> None:
    if clock.stopped_on is not None:
        raise DecisionError(f"{clock.subject_id}: 时限已停止 / the clock has stopped")
