"""Python values that a driver made of cells, as the text that the server would show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa


class Undecodable(bytes):
    """Text of the source that is no UTF-8."""


def shown(value: Any) -> str | Undecodable | None:
    """The text of one value; bytes as hexadecimal with `\\x` in front."""
    match value:
        case None | str() | Undecodable():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}" if value.is_finite() else str(value)
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _clock(value)
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case float():
            return repr(value)
        case _:
            return str(value)


Show = Callable[[Any], str | Undecodable | None]


def text_column(values: Iterable[Any], show: Show = shown) -> pa.Array:
    """The values' texts as a column that may hold undecodable bytes, as `cells` expects it."""
    texts = [show(value) for value in values]
    try:
        return pa.array(texts, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        data = [t.encode(errors="surrogateescape") if isinstance(t, str) else t for t in texts]
        return pa.array(data, pa.binary()).cast(pa.string(), safe=False)


def _clock(value: timedelta) -> str:
    sign, left = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(left.days * 86400 + left.seconds, 60)
    fraction = f".{left.microseconds:06d}" if left.microseconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{fraction}"
