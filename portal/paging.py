"""Pages of a list, by Delta Sharing's maxResults and pageToken."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from portal.answers import BadRequest

Item = TypeVar("Item")
LARGEST = 2**31 - 1
_MARK = "page."


def page(
    items: Sequence[Item], max_results: str | None, token: str | None
) -> tuple[Sequence[Item], str | None]:
    """The items of one page and the token of the next; None behind the last.

    Raises `BadRequest` for a number that is none and for a token that this server did not give.
    """
    start = _place(token) if token else 0
    if start > len(items):
        raise BadRequest("pageToken 无效", "pageToken is none of this list")
    size = len(items) if max_results is None else whole(max_results, "maxResults")
    end = min(start + size, len(items))
    return items[start:end], _token(end) if end < len(items) else None


def whole(text: str, name: str, largest: int = LARGEST) -> int:
    """A whole number from 0 on; raises `BadRequest`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= largest):
        raise BadRequest(f"{name} 须为非负整数", f"{name} must be a whole number from 0 on")
    return int(text)


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"{_MARK}{place}".encode()).decode()


def _place(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token.encode("ascii")).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    number = text.removeprefix(_MARK)
    if not text.startswith(_MARK) or not number.isdecimal() or len(number) > 9:
        raise BadRequest("pageToken 无效", "pageToken is none of this list")
    return int(number)
