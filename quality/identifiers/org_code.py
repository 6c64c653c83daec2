"""Organisation codes, GB 11714-1997: eight characters and a check character.

The value table has 36 characters (0 to 9, A to Z), also inside the USCC.
"""

from __future__ import annotations

import re

from quality import sql
from quality.identifiers.reference import Reference
from quality.identifiers.text import cases_sql, plain, value_sql

FORM = "[0-9A-Z]{8}-?[0-9X]"
VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "0X987654321"  # by the weighted sum modulo 11: 0 -> 0 (11), 1 -> X (10), 2 -> 9 …

_FORM = re.compile(FORM)


def check_character(body: str) -> str:
    """The ninth character for the first eight."""
    total = sum(VALUES.index(c) * weight for c, weight in zip(body, WEIGHTS, strict=True))
    return CHECKS[total % 11]


def check_digit(number: str, reference: Reference) -> bool | None:
    """True when well formed (a hyphen may precede the check) and the check character is right."""
    text = plain(number)
    return bool(_FORM.fullmatch(text)) and text[-1] == check_character(text[:8])


def check_sql(text: str, start: int, check: str) -> str:
    """The check over the eight characters from a 1-based place, against an expression."""
    terms = [
        f"{value_sql(text, start + place, VALUES)} * {weight}"
        for place, weight in enumerate(WEIGHTS)
    ]
    return f"(substr({sql.text(CHECKS)}, ({' + '.join(terms)}) % 11 + 1, 1) = {check})"


def check_digit_sql(expression: str, reference: Reference) -> str:
    return cases_sql(expression, ((FORM, lambda text: check_sql(text, 1, f"right({text}, 1)")),))
