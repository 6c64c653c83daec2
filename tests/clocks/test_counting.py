"""The laws of a clock: what it counts, what a pause and an extension do to its last day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clocks.counting import due_day, extended, is_near, is_over, paused, resumed
from hub.errors import DecisionError
from hub.records import Clock
from schemas.workdays import Workdays, add_working_days, read_workdays, working_days_between

CALENDAR = read_workdays()
DAY = timedelta(days=1)
STARTS = st.dates(date(2025, 1, 1), date(2026, 10, 31))
COUNTS = st.integers(1, 40)


def clock(start: date, days: int, extension: int = 10) -> Clock:
    new = Clock(1, "request", "R2026-000001", "deliver", "police", "n", start, days, extension)
    return Clock(**{**new.__dict__, "due_on": due_day(new, CALENDAR)})


def day_by_day(start: date, days: int, pauses: list[tuple[date, date]]) -> date:
    """The last day by walking: only working days outside of pauses use the time up."""
    day = start
    while days:
        day += DAY
        still = any(first < day <= last for first, last in pauses)
        days -= CALENDAR.is_working_day(day) and not still
    return day


@st.composite
def lives(draw: st.DrawFn) -> tuple[Clock, list[tuple[date, date]]]:
    """A clock with some pauses that are over."""
    one = clock(draw(STARTS), draw(COUNTS))
    pauses = []
    day = one.started_on
    for _ in range(draw(st.integers(0, 4))):
        first = day + DAY * draw(st.integers(0, 12))
        day = first + DAY * draw(st.integers(0, 15))
        one = resumed(paused(one, first, CALENDAR), day, CALENDAR)
        pauses.append((first, day))
    return one, pauses


@given(lives())
def test_pauses_move_the_last_day_exactly(life: tuple[Clock, list[tuple[date, date]]]) -> None:
    one, pauses = life
    assert one.pauses == tuple(pauses)
    assert one.due_on == day_by_day(one.started_on, one.working_days, pauses)


@given(lives(), st.integers(0, 15), st.integers(0, 30))
def test_after_a_pause_as_many_working_days_are_left_as_before(
    life: tuple[Clock, list[tuple[date, date]]], wait: int, length: int
) -> None:
    one, _ = life
    first = max([one.started_on, *(last for _, last in one.pauses)]) + DAY * wait
    last = first + DAY * length
    assert one.due_on is not None
    after = resumed(paused(one, first, CALENDAR), last, CALENDAR)
    assert after.due_on is not None
    if one.due_on <= first:
        assert after.due_on == one.due_on  # it was over by then
    else:
        left = working_days_between(first, one.due_on, CALENDAR)
        assert working_days_between(last, after.due_on, CALENDAR) == left


@given(lives(), st.integers(1, 10))
def test_an_extension_adds_exactly_its_working_days(
    life: tuple[Clock, list[tuple[date, date]]], days: int
) -> None:
    one, pauses = life
    assert one.due_on is not None
    longer = extended(one, days, one.due_on, CALENDAR)
    assert longer.due_on == day_by_day(one.started_on, one.working_days + days, pauses)
    if all(last <= one.due_on for _, last in pauses):
        assert longer.due_on == add_working_days(one.due_on, days, CALENDAR)
    with pytest.raises(DecisionError):
        extended(longer, 1, one.due_on, CALENDAR)


@given(STARTS, COUNTS, st.integers(0, 60), st.integers(-3, 25))
def test_no_extension_after_the_last_day_nor_beyond_the_rules(
    start: date, count: int, later: int, days: int
) -> None:
    one = clock(start, count)
    assert one.due_on is not None
    on = start + DAY * later
    if 1 <= days <= one.extension and on <= one.due_on:
        assert extended(one, days, on, CALENDAR).extended_days == days
    else:
        with pytest.raises(DecisionError):
            extended(one, days, on, CALENDAR)


@given(STARTS, COUNTS)
def test_while_it_stands_still_it_has_no_last_day_and_is_never_over(
    start: date, count: int
) -> None:
    still = paused(clock(start, count), start, CALENDAR)
    assert still.due_on is None
    assert not is_over(still, start + DAY * 400)
    with pytest.raises(DecisionError):
        paused(still, start + DAY, CALENDAR)


@given(STARTS, COUNTS)
def test_near_and_over_part_the_days(start: date, count: int) -> None:
    one = clock(start, count)
    assert one.due_on is not None
    days = [start + DAY * n for n in range((one.due_on - start).days + 5)]
    assert [day for day in days if is_over(one, day)] == [d for d in days if d > one.due_on]
    near = [day for day in days if is_near(one, day, CALENDAR)]
    assert not any(is_over(one, day) for day in near)
    assert one.due_on in near
    earliest = add_working_days(one.due_on, -one.warn_before, CALENDAR)
    assert all(day in near for day in days if earliest <= day <= one.due_on)


def test_a_holiday_does_not_count_and_a_working_sunday_does() -> None:
    # National Day 2026: 1 to 7 October off, made up for on some weekends before and after.
    one = clock(date(2026, 9, 30), 1)
    assert one.due_on == date(2026, 10, 8)
    makeup = min(day for day in CALENDAR.makeups if day.year == 2026)
    assert clock(makeup - DAY, 1).due_on == makeup


def test_a_calendar_without_the_year_counts_weekends_alone() -> None:
    one = Clock(1, "request", "R", "deliver", "police", "n", date(2031, 10, 1), 2)
    assert due_day(one, Workdays()) == date(2031, 10, 3)
