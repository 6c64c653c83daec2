"""Update cycles (更新周期) as clocks: when a department is collected, and what is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zlib import crc32

from schemas.properties import UpdateCycle

NIGHT = "01:00-06:00"
"""When a department without `allowed_hours` is collected."""

_DAYS = {  # cron's day-of-month, month, day-of-week
    UpdateCycle.REALTIME: "* * *",
    UpdateCycle.DAILY: "* * *",
    UpdateCycle.IRREGULAR: "* * *",  # nobody knows the day, so every day is looked at
    UpdateCycle.OTHER: "* * *",
    UpdateCycle.WEEKLY: "* * 1",
    UpdateCycle.TEN_DAYS: "1,11,21 * *",
    UpdateCycle.MONTHLY: "1 * *",
    UpdateCycle.QUARTERLY: "1 1,4,7,10 *",
    UpdateCycle.HALF_YEARLY: "1 1,7 *",
    UpdateCycle.YEARLY: "1 1 *",
}
_FASTEST_FIRST = tuple(_DAYS)
MOST_MISSED = 1000  # after years of silence the exact number tells nobody anything
_ALWAYS_DUE = frozenset(_FASTEST_FIRST[:4])


def cron(name: str, cycles: Iterable[UpdateCycle], allowed_hours: str | None = None) -> str | None:
    """The cron line of a department: its fastest cycle, at a minute of its own.

    The minute derives from the name, so that not all departments start at once, and lies within
    `allowed_hours` (HH:MM-HH:MM, may pass midnight). None when nothing is ever updated.
    """
    living = [cycle for cycle in cycles if cycle is not UpdateCycle.NEVER]
    if not living:
        return None
    fastest = min(living, key=_FASTEST_FIRST.index)
    start, length = _span(allowed_hours or NIGHT)
    if fastest is UpdateCycle.REALTIME:
        hours = sorted({(start + step) // 60 % 24 for step in range(0, length, 60)})
        when = ",".join(map(str, hours)) if allowed_hours else "*"
        return f"*/10 {when} {_DAYS[fastest]}"
    at = (start + crc32(name.encode()) % min(length, 60)) % (24 * 60)
    return f"{at % 60} {at // 60} {_DAYS[fastest]}"


def due(cycle: UpdateCycle, as_of: datetime, last: datetime | None) -> bool:
    """Whether a supply of this cycle is to be pulled, its last batch being of `last`.

    Both times are aware and in the department's zone. A period that was missed stays due.
    """
    if last is None or cycle in _ALWAYS_DUE:
        return True
    if cycle is UpdateCycle.NEVER:
        return False
    return last < period_start(cycle, as_of)


def period_start(cycle: UpdateCycle, moment: datetime) -> datetime:
    """Midnight of the first day of the period that holds `moment`."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match cycle:
        case UpdateCycle.WEEKLY:
            return day - timedelta(days=day.weekday())
        case UpdateCycle.TEN_DAYS:
            return day.replace(day=1 if day.day < 11 else 11 if day.day < 21 else 21)
        case UpdateCycle.MONTHLY:
            return day.replace(day=1)
        case UpdateCycle.QUARTERLY:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case UpdateCycle.HALF_YEARLY:
            return day.replace(month=1 if day.month < 7 else 7, day=1)
        case UpdateCycle.YEARLY:
            return day.replace(month=1, day=1)
        case _:
            return day


_LONGEST_DAYS = {  # a little more than the longest period: its end lies in the next one
    UpdateCycle.REALTIME: 1,
    UpdateCycle.DAILY: 1,
    UpdateCycle.WEEKLY: 7,
    UpdateCycle.TEN_DAYS: 11,
    UpdateCycle.MONTHLY: 32,
    UpdateCycle.QUARTERLY: 93,
    UpdateCycle.HALF_YEARLY: 185,
    UpdateCycle.YEARLY: 367,
}


def period_end(cycle: UpdateCycle, moment: datetime) -> datetime | None:
    """Midnight after the last day of the period that holds `moment`; None: there are no periods."""
    days = _LONGEST_DAYS.get(cycle)
    if days is None:
        return None
    return period_start(cycle, period_start(cycle, moment) + timedelta(days=days))


def promised_by(cycle: UpdateCycle, last: datetime, latency: timedelta) -> datetime | None:
    """When the batch after the one of `last` is late: its period and the latency are over.

    Times are aware and in the department's zone. None: the cycle promises no time.
    """
    following = period_end(cycle, last)
    end = period_end(cycle, following) if following else None
    return end + latency if end else None


def missed(cycle: UpdateCycle, last: datetime, now: datetime, latency: timedelta) -> int:
    """How many whole periods between two batches, their latency over, have none."""
    count, due_by = 0, promised_by(cycle, last, latency)
    while due_by is not None and due_by < now and count < MOST_MISSED:
        last = period_end(cycle, last) or now
        if period_start(cycle, last) >= period_start(cycle, now):
            break  # the batch of this very period, late as it may be
        count, due_by = count + 1, promised_by(cycle, last, latency)
    return count


def _span(hours: str) -> tuple[int, int]:
    """Start and length of HH:MM-HH:MM in minutes."""
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
    return start, (end - start) % (24 * 60) or 24 * 60
