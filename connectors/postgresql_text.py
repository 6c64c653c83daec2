"""Single binary values of PostgreSQL as the text that the server would show.

Formats: src/backend/utils/adt/{numeric,date,timestamp}.c of PostgreSQL, the *_send functions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

EPOCH = 2_451_545  # the Julian day of 2000-01-01
DAY_US = 86_400_000_000
NUMERIC_SPECIAL = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}


def integer(data: bytes) -> str:
    return str(int.from_bytes(data, signed=True))


def boolean(data: bytes) -> str:
    return "t" if data[0] else "f"


def double(data: bytes) -> str:
    value: float = struct.unpack(">d", data)[0]
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def numeric(data: bytes) -> str:
    count, weight, sign, scale = struct.unpack_from(">hhHH", data)
    if sign in NUMERIC_SPECIAL:
        return NUMERIC_SPECIAL[sign]
    digits = "".join(f"{group:04d}" for group in struct.unpack_from(f">{count}h", data, 8))
    point = 4 * (weight + 1)  # digits before the decimal point
    whole = digits[: max(point, 0)].ljust(point, "0").lstrip("0") or "0"
    fraction = ("0" * max(-point, 0) + digits[max(point, 0) :])[:scale].ljust(scale, "0")
    return ("-" if sign else "") + whole + (f".{fraction}" if scale else "")


def date(data: bytes) -> str:
    day = int.from_bytes(data, signed=True)
    if day in (-(2**31), 2**31 - 1):
        return "-infinity" if day < 0 else "infinity"
    shown, era = _calendar(day)
    return shown + era


def timestamp(data: bytes) -> str:
    return _moment(data, "")


def timestamptz(data: bytes) -> str:
    """In the session's zone, which is UTC."""
    return _moment(data, "+00")


def text(data: bytes) -> str:
    return data.decode(errors="backslashreplace")


RENDER: dict[str, Callable[[bytes], str]] = {
    "smallint": integer,
    "integer": integer,
    "bigint": integer,
    "boolean": boolean,
    "double precision": double,
    "numeric": numeric,
    "date": date,
    "timestamp without time zone": timestamp,
    "timestamp with time zone": timestamptz,
    "text": text,
}


def _moment(data: bytes, zone: str) -> str:
    value = int.from_bytes(data, signed=True)
    if value in (-(2**63), 2**63 - 1):
        return "-infinity" if value < 0 else "infinity"
    day, rest = divmod(value, DAY_US)
    seconds, micros = divmod(rest, 1_000_000)
    shown, era = _calendar(day)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    fraction = f".{micros:06d}".rstrip("0") if micros else ""
    return f"{shown} {clock}{fraction}{zone}{era}"


def _calendar(day: int) -> tuple[str, str]:
    """(date, era) of a day counted from 2000-01-01, in the proleptic Gregorian calendar.

    E. G. Richards, Mapping Time (1998), ch. 25: Julian day number to calendar date.
    """
    julian = day + EPOCH
    f = julian + 1401 + (4 * julian + 274277) // 146097 * 3 // 4 - 38
    e = 4 * f + 3
    h = 5 * (e % 1461 // 4) + 2
    dom, month = h % 153 // 5 + 1, (h // 153 + 2) % 12 + 1
    year = e // 1461 - 4716 + (14 - month) // 12
    if year > 0:
        return f"{year:04d}-{month:02d}-{dom:02d}", ""
    return f"{1 - year:04d}-{month:02d}-{dom:02d}", " BC"
