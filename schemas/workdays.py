"""Working days: Monday to Friday, less public holidays, plus weekend days that make up for them.

The days are data: `calendars/workdays.csv` (date, kind, name, source) of the catalog folder, or the
one that comes with the hub, which knows mainland China from 2024 to 2026.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

FILE = Path("calendars") / "workdays.csv"
SHIPPED = Path(__file__).parent / FILE
COLUMNS = ("date", "kind", "name", "source")
SATURDAY = 5
DAY = timedelta(days=1)


class CalendarInvalid(ValueError):
    """A calendar file is wrong. The steward must act; the message names file and line."""


@dataclass(frozen=True)
class Workdays:
    """Holidays and make-up days; a year without an entry is `covered` by weekends alone."""

    holidays: frozenset[date] = frozenset()
    makeups: frozenset[date] = frozenset()

    def covers(self, year: int) -> bool:
        """Whether the calendar knows the public holidays of a year."""
        return year in self._years

    @property
    def _years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.holidays | self.makeups)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on this day."""
        if day in self.makeups:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays


def read_workdays(catalog: Path | None = None) -> Workdays:
    """The calendar of a catalog folder, else the shipped one; raises `CalendarInvalid`."""
    own = catalog / FILE if catalog else None
    path = own if own is not None and own.is_file() else SHIPPED
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _mtime_ns: int) -> Workdays:
    days: dict[str, set[date]] = {"holiday": set(), "makeup": set()}
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        if missing := {"date", "kind"} - set(reader.fieldnames or ()):
            raise CalendarInvalid(f"{path.name}: column missing: {', '.join(sorted(missing))}")
        for row in reader:
            where = f"{path.name}, line {reader.line_num}"
            if row["kind"] not in days:
                raise CalendarInvalid(f"{where}: kind must be holiday or makeup")
            try:
                day = date.fromisoformat(row["date"])
            except (TypeError, ValueError):
                raise CalendarInvalid(f"{where}: the date is none (YYYY-MM-DD)") from None
            if any(day in known for known in days.values()):
                raise CalendarInvalid(f"{where}: {day} stands twice")
            days[row["kind"]].add(day)
    return Workdays(frozenset(days["holiday"]), frozenset(days["makeup"]))


def add_working_days(start: date, count: int, calendar: Workdays) -> date:
    """The `count`-th working day after `start` (before it, when negative).

    The day itself never counts, as in 民法典 §201. Zero is the start itself, working day or not.
    """
    step = DAY if count >= 0 else -DAY
    day, left = start, abs(count)
    while left:
        day += step
        left -= calendar.is_working_day(day)
    return day


def working_days_between(start: date, end: date, calendar: Workdays) -> int:
    """Working days after `start`, up to and with `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start, calendar)
    days = (end - start).days
    return sum(calendar.is_working_day(start + DAY * n) for n in range(1, days + 1))


def uncovered(start: date, end: date, calendar: Workdays) -> list[int]:
    """Years of a span whose public holidays the calendar does not know: weekends alone count."""
    first, last = sorted((start.year, end.year))
    return [year for year in range(first, last + 1) if not calendar.covers(year)]
