"""Whether a resident number, a birth date and a sex speak of the same person.

GB 11643-1999: places 7 to 14 are the birth date, place 17 (15 digits: place 15) is odd for men and
even for women. Sex is coded by GB/T 2261.1; only 1 and 2 can contradict a number. What is
missing, malformed or no date contradicts nothing: other verdicts say so.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from quality.identifiers.resident_id import FIRST_YEAR, FULL, LEGACY
from quality.identifiers.text import cases_sql, plain

CENTENARIANS = "99[6-9]"  # legacy sequences of people born before 1900

_FULL = re.compile(FULL)
_LEGACY = re.compile(LEGACY)
_CENTENARY = re.compile(f"[0-9]{{12}}{CENTENARIANS}")


def agrees(number: Any, born: Any, sex: Any) -> bool:
    """Whether nothing contradicts; missing cells are None (pandas' NaN and NaT count as None)."""
    text = "" if _nothing(number) else plain(str(number))
    if _FULL.fullmatch(text):
        digits, place = text[6:14], text[16]
    elif _LEGACY.fullmatch(text):
        digits, place = "19" + text[6:12], text[14]
    else:
        return True
    in_number, stated = _day(digits), _day(born)
    if in_number is not None and stated is not None and in_number.year >= FIRST_YEAR:
        earlier = _CENTENARY.fullmatch(text) and _day("18" + digits[2:]) == stated
        if in_number != stated and not earlier:
            return False
    opposite = "2" if int(place) % 2 else "1"
    return _nothing(sex) or str(sex) != opposite


def _nothing(value: Any) -> bool:
    return value is None or value != value


def _day(value: Any) -> date | None:
    """A date cell, or its text as YYYYMMDD or YYYY-MM-DD; None where there is no such day."""
    if _nothing(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.strptime(str(value).replace("-", ""), "%Y%m%d").date()
    except ValueError:
        return None


def agrees_sql(number: str, born: str | None, sex: str | None) -> str:
    """The SQL face over three expressions: text, a date, text; TRUE or FALSE, never NULL."""

    def judged(digits: str, place: str, text: str, legacy: bool) -> str:
        parts = []
        if born is not None:
            day = f"try_strptime({digits}, '%Y%m%d')::DATE"
            same = f"{day} = {born}"
            if legacy:
                earlier = f"try_strptime('18' || substr({digits}, 3), '%Y%m%d')::DATE = {born}"
                old = f"substr({text}, 13, 3) >= '996' AND coalesce({earlier}, FALSE)"
                same = f"({same} OR ({old}))"
            first = f"{day} >= DATE '{FIRST_YEAR}-01-01'"
            parts.append(f"coalesce(CASE WHEN {first} THEN {same} END, TRUE)")
        if sex is not None:
            odd = f"ascii(substr({text}, {place}, 1)) % 2 = 1"
            opposite = f"CASE WHEN {odd} THEN '2' ELSE '1' END"
            parts.append(f"coalesce({sex} <> {opposite}, TRUE)")
        return f"({' AND '.join(parts) or 'TRUE'})"

    def full(text: str) -> str:
        return judged(f"substr({text}, 7, 8)", "17", text, False)

    def legacy(text: str) -> str:
        return judged(f"('19' || substr({text}, 7, 6))", "15", text, True)

    cases = cases_sql(number, ((FULL, full), (LEGACY, legacy)), otherwise="TRUE")
    return f"coalesce({cases}, TRUE)"
