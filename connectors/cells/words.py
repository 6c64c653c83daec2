"""Booleans, JSON and plain text, from one cell's text."""

from __future__ import annotations

import json
from typing import NoReturn

from connectors.cells.faults import Illegal

TRUE = ("true", "t", "1", "yes", "y", "是", "真", "b'1'")
FALSE = ("false", "f", "0", "no", "n", "否", "假", "b'0'")
BOOLEANS = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)


def boolean(text: str) -> bool:
    """One of a closed list of words for yes and no, in any case of letters."""
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise Illegal("not_boolean") from None


def document(text: str, array: bool) -> str:
    """JSON text, as shown; `array`: nothing but a JSON array will do."""
    try:
        value = json.loads(text, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise Illegal("not_json") from None
    if array and not isinstance(value, list):
        raise Illegal("not_json")
    return plain(text)


def plain(text: str) -> str:
    """Text without NUL, which PostgreSQL, CSV readers and Excel would cut or refuse."""
    if "\0" in text:
        raise Illegal("not_text")
    return text


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
