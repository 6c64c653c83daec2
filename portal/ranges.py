"""The Range header of RFC 9110: one range of bytes, or the whole file."""

from __future__ import annotations

import re

from portal.answers import BadRange

LONGEST = 100  # signs of a header that is looked at; the patterns take their time over spaces
_ONE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.ASCII)
_MANY = re.compile(r"bytes\s*=[\d\s,-]+", re.ASCII)


def span(header: str | None, size: int) -> tuple[int, int] | None:
    """(first byte, byte after the last); None: the whole file.

    Several ranges at once, units that are not bytes, and what is longer than any one range are
    answered with the whole, which the standard allows. Raises `BadRange` for what the file does not
    have, or what is no range.
    """
    if header is None or len(header) > LONGEST:
        return None
    text = header.strip()
    if not text.lower().startswith("bytes"):
        return None
    found = _ONE.fullmatch(text.lower())
    if found is None:
        if "," in text and _MANY.fullmatch(text.lower()):
            return None
        raise BadRange
    first, last = found.groups()
    if not first and not last:
        raise BadRange
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise BadRange
    return start, end
