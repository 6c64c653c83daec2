"""Numbers as people type them, made plain: the same in Python and in SQL.

Only full-width forms and small letters are folded: the part of NFKC that Chinese input methods
produce. A circled or superscript digit is a different mark and stays wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from quality import sql

_TYPED = (
    "".join(chr(0xFF10 + i) for i in range(10))
    + "".join(chr(0xFF21 + i) for i in range(26))
    + "".join(chr(0xFF41 + i) for i in range(26))
    + "abcdefghijklmnopqrstuvwxyz\uff0d"
)
_PLAIN = "0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3 + "-"
_FOLD = str.maketrans(_TYPED, _PLAIN)

Case = tuple[str, Callable[[str], str]]
"""(pattern of the plain text, SQL of the verdict over an expression of that text)."""


def plain(number: str) -> str:
    """Full-width forms as ASCII, small letters as capitals."""
    return number.translate(_FOLD)


def plain_sql(expression: str) -> str:
    """The SQL face of `plain`."""
    return f"translate({expression}, {sql.text(_TYPED)}, {sql.text(_PLAIN)})"


def cases_sql(expression: str, cases: Sequence[Case], otherwise: str = "FALSE") -> str:
    """The verdict of the first pattern that the text matches; NULL for NULL.

    The raw text is tried first, because nearly every number is already plain and folding costs
    more than the whole check.
    """
    folded = plain_sql(expression)
    whens = [
        f"WHEN regexp_full_match({face}, {sql.text(pattern)}) THEN {verdict(face)}"
        for face in (expression, folded)
        for pattern, verdict in cases
    ]
    last = f"CASE WHEN {expression} IS NOT NULL THEN {otherwise} END"
    return f"(CASE {' '.join(whens)} ELSE {last} END)"


def digit_sql(expression: str, place: int) -> str:
    """The digit at a 1-based place, as a number; the text there must be a digit."""
    return f"(ascii(substr({expression}, {place}, 1)) - 48)"


def value_sql(expression: str, place: int, alphabet: str) -> str:
    """The 0-based place of one character in an alphabet."""
    return f"(strpos({sql.text(alphabet)}, substr({expression}, {place}, 1)) - 1)"
