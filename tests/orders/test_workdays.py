"""Working days: the law of the calendar, and the days that everybody in an office knows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.workdays import (
    CalendarInvalid,
    add_working_days,
    read_workdays,
    uncovered,
    working_days_between,
)

CHINA = read_workdays()
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
COUNTS = st.integers(-300, 300)


@given(start=DAYS, count=st.integers(1, 300))
def test_what_was_added_lies_between(start: date, count: int) -> None:
    end = add_working_days(start, count, CHINA)
    assert CHINA.is_working_day(end)
    assert working_days_between(start, end, CHINA) == count


@given(start=DAYS, one=st.integers(0, 200), two=st.integers(0, 200))
def test_adding_twice_is_adding_the_sum(start: date, one: int, two: int) -> None:
    once = add_working_days(start, one + two, CHINA)
    assert add_working_days(add_working_days(start, one, CHINA), two, CHINA) == once


@given(one=DAYS, two=DAYS, three=DAYS)
def test_days_between_add_up_and_turn_their_sign(one: date, two: date, three: date) -> None:
    def between(a: date, b: date) -> int:
        return working_days_between(a, b, CHINA)

    assert between(one, two) == -between(two, one)
    assert between(one, two) + between(two, three) == between(one, three)


@given(start=DAYS, count=COUNTS)
def test_more_days_never_end_sooner(start: date, count: int) -> None:
    assert add_working_days(start, count, CHINA) <= add_working_days(start, count + 1, CHINA)


def test_the_national_day_of_2026_and_its_make_up_days() -> None:
    # 1 to 7 October off; Sunday 20 September and Saturday 10 October are worked.
    assert CHINA.is_working_day(date(2026, 9, 20)) and CHINA.is_working_day(date(2026, 10, 10))
    assert add_working_days(date(2026, 9, 30), 1, CHINA) == date(2026, 10, 8)
    assert add_working_days(date(2026, 9, 30), 3, CHINA) == date(2026, 10, 10)
    assert working_days_between(date(2026, 9, 30), date(2026, 10, 12), CHINA) == 4


@pytest.mark.parametrize(("year", "working"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_holidays_leave(year: int, working: int) -> None:
    """2024: 366 days, 104 weekend days, 11 public holidays; from 2025 there are 13 of them."""
    last = date(year - 1, 12, 31)
    weekends = sum((date(year, 1, 1) + timedelta(days=n)).weekday() > 4 for n in range(366))
    assert weekends in (104, 105)
    assert working_days_between(last, date(year, 12, 31), CHINA) == working


def test_every_make_up_day_is_a_weekend_day_and_every_year_says_so() -> None:
    assert all(day.weekday() > 4 for day in CHINA.makeups)
    assert {day.year for day in CHINA.holidays} == {2024, 2025, 2026}
    assert uncovered(date(2026, 12, 1), date(2028, 1, 1), CHINA) == [2027, 2028]


def test_a_catalog_brings_its_own_calendar(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    own = tmp_path / "calendars/workdays.csv"
    own.write_text("date,kind,name,source\n2030-05-06,holiday,Fair,council\n", encoding="utf-8")
    fair = read_workdays(tmp_path)
    assert add_working_days(date(2030, 5, 3), 1, fair) == date(2030, 5, 7)
    assert fair.covers(2030) and not fair.covers(2026)


@pytest.mark.parametrize(
    "line",
    ["2030-05-06,feast,x,y", "6 May,holiday,x,y", "2030-05-06,holiday,x,y\n2030-05-06,makeup,x,y"],
)
def test_a_wrong_calendar_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "calendars").mkdir()
    own = tmp_path / "calendars/workdays.csv"
    own.write_text(f"date,kind,name,source\n{line}\n", encoding="utf-8")
    with pytest.raises(CalendarInvalid, match="line"):
        read_workdays(tmp_path)
