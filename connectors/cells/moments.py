"""Dates, timestamps and times, from one cell's text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from connectors.cells.faults import FaultCode, Illegal

MOMENT = re.compile(
    r"(?P<date>(?P<y>[+-]?[0-9]{4,})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2}))"
    r"(?:[ T](?P<H>[0-9]{2})(?::(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:\.(?P<f>[0-9]*))?)?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?)?"
    r"(?P<bc> BC)?",
    re.ASCII,
)
TIME = re.compile(
    r"(?P<sign>-?)(?P<H>[0-9]{2,3}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?P<f>\.[0-9]+)?)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?",
    re.ASCII,
)
BEYOND = re.compile(r"[+-]?infinity", re.ASCII | re.IGNORECASE)


def day(text: str, formats: Iterable[str] = ()) -> date:
    """A date in ISO 8601 or one of `formats`; a time of day must be midnight."""
    moment = _moment(text, formats, "not_date")
    if moment.tzinfo is not None or (moment.hour, moment.minute, moment.second) != (0, 0, 0):
        raise Illegal("not_date")
    if moment.microsecond:
        raise Illegal("not_date")
    return moment.date()


def instant(text: str, zone: ZoneInfo | None, formats: Iterable[str] = ()) -> datetime:
    """A timestamp in UTC.

    Without an offset the text is wall-clock time of `zone`; an hour that the clocks repeat is
    the first of the two, one that they skip is refused. `zone` None keeps wall-clock time as it
    is shown, marked UTC; an offset is then refused, for it would be lost.
    """
    moment = _moment(text, formats, "not_timestamp")
    if zone is None:
        if moment.tzinfo is not None:
            raise Illegal("not_timestamp")
        return moment.replace(tzinfo=UTC)
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        shown = moment.replace(tzinfo=zone)
        stored = shown.astimezone(UTC)
        if stored.astimezone(zone).replace(tzinfo=None) != moment:
            raise Illegal("out_of_range")
    except OverflowError:
        raise Illegal("out_of_range") from None
    return stored


def clock(text: str, formats: Iterable[str] = ()) -> str:
    """A time of day, as shown; `formats` are rewritten to ISO 8601."""
    for spelling in formats:
        try:
            return datetime.strptime(text, spelling).time().isoformat()
        except ValueError:
            continue
    found = TIME.fullmatch(text)
    if found:
        if found["sign"] or int(found["H"]) > 23:
            raise Illegal("out_of_range")  # 24:00, and MySQL's -838:59:59 to 838:59:59
        if int(found["M"]) > 59 or int(found["S"] or 0) > 59:
            raise Illegal("not_time")
        return text
    raise Illegal("not_time")


def _moment(text: str, formats: Iterable[str], code: FaultCode) -> datetime:
    for spelling in formats:
        try:
            return datetime.strptime(text, spelling)
        except ValueError:
            continue
    found = MOMENT.fullmatch(text)
    if found:
        return _from_parts(found, code)
    raise Illegal("out_of_range" if BEYOND.fullmatch(text) else code)


def _from_parts(found: re.Match[str], code: FaultCode) -> datetime:
    year, month, dom = int(found["y"]), int(found["m"]), int(found["d"])
    hour, minute, second = (int(found[part] or 0) for part in "HMS")
    fraction = found["f"] or ""
    if found["bc"] or not 1 <= year <= 9999 or 0 in (month, dom) or hour == 24:
        raise Illegal("out_of_range")
    if found["y"][0] in "+-":
        raise Illegal(code)
    if fraction[6:].strip("0"):
        raise Illegal("scale_lost")
    try:
        return datetime(
            year, month, dom, hour, minute, second, int(fraction[:6].ljust(6, "0") or 0),
            tzinfo=_offset(found["zone"], code),
        )  # fmt: skip
    except ValueError:
        raise Illegal(code) from None


def _offset(zone: str | None, code: FaultCode) -> timezone | None:
    if zone is None:
        return None
    if zone == "Z":
        return UTC
    digits = zone[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise Illegal(code)
    shift = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-shift if zone[0] == "-" else shift)
