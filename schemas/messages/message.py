"""One finding's sentence."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Message(NamedTuple):
    """One sentence in both languages, with `{names}` for what was found."""

    en: str
    zh: str
    severity: Literal["error", "warning"] = "error"


def warning(en: str, zh: str) -> Message:
    """A sentence about something that works today and will be regretted."""
    return Message(en, zh, "warning")
