"""Codes with the time in which each was in force, as a code list tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from quality import sql
from schemas.contract import CodeList

Period = tuple[str, str | None, str | None]
"""(code, first day, first day after); ISO dates, None: since ever, for ever."""


def periods_of(codes: CodeList) -> tuple[Period, ...]:
    """The canonical codes of a list, each with its time."""
    found = [(c.code, c.valid_from, c.valid_to) for c in codes.codes if c.kind == "canonical"]
    return tuple(sorted((code, since or None, until or None) for code, since, until in found))


def in_force(code: Any, day: Any, periods: Iterable[Sequence[Any]]) -> bool:
    """Whether the code was in force on a day (date, time stamp or ISO text).

    On a day that is missing, only codes that were always in force are.
    """
    times = [(since, until) for known, since, until in periods if str(code) == known]
    if day is None or day != day:
        return any(not since and until is None for since, until in times)
    if isinstance(day, datetime):
        day = day.date()
    on = day.isoformat() if isinstance(day, date) else str(day)[:10]
    return any((since or "") <= on and (until is None or on < until) for since, until in times)


def in_force_sql(code: str, day: str, periods: Sequence[Period]) -> str:
    """The SQL face over a text and a date, none of them NULL: TRUE or FALSE."""
    always = [sql.text(known) for known, since, until in periods if not (since or until)]
    timed = [
        f"({sql.text(known)}, DATE {sql.text(since or '0001-01-01')}, "
        f"DATE {sql.text(until or '9999-12-31')}, {'TRUE' if until is None else 'FALSE'})"
        for known, since, until in periods
        if since or until
    ]
    parts = [sql.member(code, always)] if always else []
    if timed:
        within = f"{day} >= _since AND ({day} < _until OR _open)"
        rows = f"(VALUES {', '.join(timed)}) AS _time(_code, _since, _until, _open)"
        parts.append(f"EXISTS (SELECT 1 FROM {rows} WHERE _code = {code} AND {within})")
    return f"({' OR '.join(parts) or 'FALSE'})"


def on_day(day: date, periods: Iterable[Period]) -> list[str]:
    """The codes that are in force on one day."""
    on = day.isoformat()
    return sorted(
        {
            code
            for code, since, until in periods
            if (since or "") <= on and (until is None or on < until)
        }
    )
