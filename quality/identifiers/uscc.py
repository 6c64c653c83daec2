"""Unified social credit codes, GB 32100-2015.

Layout: registering authority, kind, 6 digits of division, 9 characters of organisation code, check
character. Only the outer check rejects; an inner organisation code that breaks its own check is
a separate verdict, a warning, since public sources disagree on the inner value table.
"""

from __future__ import annotations

import re

from quality import sql
from quality.identifiers import org_code
from quality.identifiers.reference import Reference
from quality.identifiers.text import cases_sql, plain, value_sql

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_CHARACTER = "[0-9A-HJ-NPQRTUWXY]"
FORM = f"{_CHARACTER}{{2}}[0-9]{{6}}{_CHARACTER}{{10}}"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3^i mod 31

_FORM = re.compile(FORM)


def check_character(body: str) -> str:
    """The 18th character for the first 17."""
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def check_digit(number: str, reference: Reference) -> bool | None:
    """True when well formed and the outer check character is right."""
    text = plain(number)
    return bool(_FORM.fullmatch(text)) and text[17] == check_character(text[:17])


def inner(number: str, reference: Reference) -> bool | None:
    """Whether the organisation code inside keeps its own check; None when malformed."""
    text = plain(number)
    if not _FORM.fullmatch(text):
        return None
    return text[16] == org_code.check_character(text[8:16])


def division(number: str, reference: Reference) -> bool | None:
    """Whether the division was ever in use (100000 is the nation); None when malformed."""
    text = plain(number)
    if not _FORM.fullmatch(text):
        return None
    return text[2:8] == "100000" or reference.knows_division(text[2:8])


def check_sql(text: str) -> str:
    """The outer check over a well-formed code."""
    terms = [
        f"{value_sql(text, place, ALPHABET)} * {weight}" for place, weight in enumerate(WEIGHTS, 1)
    ]
    place = f"(31 - ({' + '.join(terms)}) % 31) % 31 + 1"
    return f"(substr({sql.text(ALPHABET)}, {place}, 1) = substr({text}, 18, 1))"


def check_digit_sql(expression: str, reference: Reference) -> str:
    return cases_sql(expression, ((FORM, check_sql),))


def inner_sql(expression: str, reference: Reference) -> str:
    def check(text: str) -> str:
        return org_code.check_sql(text, 9, f"substr({text}, 17, 1)")

    return cases_sql(expression, ((FORM, check),), otherwise="NULL")


def division_sql(expression: str, reference: Reference) -> str:
    def known(text: str) -> str:
        code = f"substr({text}, 3, 6)"
        known_code = reference.knows_division_sql(code, text != expression)
        return f"({code} = '100000' OR {known_code})"

    return cases_sql(expression, ((FORM, known),), otherwise="NULL")
