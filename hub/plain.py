"""Texts that people typed: nothing in them may act on whoever reads them."""

from __future__ import annotations

import unicodedata

from hub.errors import DecisionError

MOST_CHARACTERS = 2000
_LINES = "\n\r\t"
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(text: str) -> bool:
    """Whether a text holds no control character, half character or turning of direction.

    Such would move a terminal's cursor, colour it, or show another order than what is kept.
    """
    return not any(
        sign in _TURNING or (sign not in _LINES and unicodedata.category(sign) in ("Cc", "Cs"))
        for sign in text
    )


def check_text(text: str, zh: str = "文字", en: str = "a text") -> None:
    """Refuses what somebody typed where it is too long, or acts on whoever reads it.

    Raises `DecisionError`, which quotes nothing of it.
    """
    if len(text) > MOST_CHARACTERS:
        raise DecisionError(
            f"{zh}超过 {MOST_CHARACTERS} 个字符 / {en} has more than {MOST_CHARACTERS} characters"
        )
    if not is_plain(text):
        raise DecisionError(f"{zh}含有控制字符 / {en} holds control characters")
