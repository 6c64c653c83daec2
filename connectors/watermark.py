"""Watermarks as the text that a source shows: moved back, and the clock in the same spelling."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.cells.moments import MOMENT


def earlier(text: str, overlap: timedelta) -> str:
    """A moment's text moved back by `overlap` in its own spelling; any other text as it is."""
    found = MOMENT.fullmatch(text)
    if not overlap or found is None or found["bc"] or len(found["y"]) != 4:
        return text
    stem = text[: found.start("zone")] if found["zone"] else text
    moment = datetime.fromisoformat(f"{stem[:10]} {stem[11:] or '00:00'}".rstrip())
    return _spelled(moment - overlap, stem) + text[len(stem) :]


def clock_like(text: str, now: datetime, zone: ZoneInfo) -> str | None:
    """The moment `now` (aware) spelled as `text` is; None where `text` is no moment.

    `zone` is the wall clock of texts without an offset.
    """
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    if not found["zone"]:
        return _spelled(now.astimezone(zone).replace(tzinfo=None), text)
    offset = datetime.fromisoformat(f"2000-01-01 00:00:00{found['zone']}").tzinfo
    stem = text[: found.start("zone")]
    return _spelled(now.astimezone(offset).replace(tzinfo=None), stem) + found["zone"]


def _spelled(moment: datetime, like: str) -> str:
    """`moment` with the separator and the precision of `like`, cut off rather than rounded."""
    separator = like[10:11] or " "
    whole = moment.isoformat(separator, timespec="microseconds")
    return whole[: max(len(like), 10)]
