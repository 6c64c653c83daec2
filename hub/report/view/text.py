"""How figures, times and foreign text are written, the same in every view."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta, tzinfo

from quality.messages import Language

# Control characters, marks that turn the direction of what follows, halves of pairs, and what XML
# cannot hold: shown by their number, so that no text of a department disturbs a page.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\uffff]"
)


def plain(text: str) -> str:
    """The text with every character that nobody would see written as its number."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def number(value: int) -> str:
    """A count with thousands separators."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """A percentage of two places; never 0 or 100 where it is not exactly that."""
    if whole == 0:
        return "–"
    text = f"{100 * part / whole:.2f}"
    if text == "0.00" and part:
        text = "<0.01"
    if text == "100.00" and part < whole:
        text = ">99.99"
    return f"{text}\u00a0%"


def zone_of(written: str) -> tzinfo | None:
    """The offset of an ISO 8601 time; None where it has none."""
    try:
        return datetime.fromisoformat(written).tzinfo
    except ValueError:
        return None


def moment(written: str | None, zone: tzinfo | None = None) -> str:
    """An ISO 8601 time to the minute, in `zone` if given, with its offset; other text as it is."""
    if not written:
        return "–"
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    if zone and at.tzinfo:
        at = at.astimezone(zone)
    offset = at.strftime("%z")
    behind = f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""
    return at.strftime("%Y-%m-%d %H:%M") + behind


def day(written: str) -> str:
    """The date of an ISO 8601 time."""
    return written[:10]


def period(since: str | None, until: str | None) -> str | None:
    """From the first to the last day where both ends are midnights, else times to the minute."""
    if not since or not until:
        return moment(since) if since else None
    try:
        first, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
    except ValueError:
        return f"{since} – {until}"
    if first.time() == end.time() == time(0) and first < end:
        return f"{first.date()} – {(end - timedelta(days=1)).date()}"
    return f"{moment(since)} – {moment(until)}"


def width(text: str) -> float:
    """How wide a text is, in units of its font size: Han characters 1, others about 0.56."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.56 for c in text)


def shortened(text: str, units: float) -> str:
    """The text cut to a width, with an ellipsis where something is cut off."""
    if width(text) <= units:
        return text
    room, kept = units - 1, ""
    for character in text:
        room -= width(character)
        if room < 0:
            break
        kept += character
    return kept.rstrip() + "…"


def pick(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en
