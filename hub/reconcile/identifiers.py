"""Resident numbers and organisation codes in their one canonical form (cross-walks of old ones)."""

from __future__ import annotations

import re

from hub.reconcile.steps import FILLED, NARROW, UPPER, WHITE, Step, replace, together

PLAIN = "^[0-9A-Z]+$"
PREPARE = together((NARROW, replace(f"({WHITE}|-)+", ""), UPPER, FILLED), unless=PLAIN)

# GB 11643-1999: weights and check characters.
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECK = "10X98765432"
# GB 32100-2015: no I, O, S, V, Z.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

# A calendar date in one expression: months of 31 and 30 days, 28 February, and 29 in leap years.
_MONTH_AND_DAY = (
    "((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])|(0[469]|11)(0[1-9]|[12][0-9]|30)"
    "|02(0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP = "(0[48]|[2468][048]|[13579][26])0229"
_RESIDENT = (
    f"^[0-9]{{6}}((18|19|20)[0-9]{{2}}{_MONTH_AND_DAY}|(18|19|20){_LEAP}|20000229)[0-9]{{3}}[0-9X]$"
)
_OLD_RESIDENT = f"^[0-9]{{6}}([0-9]{{2}}{_MONTH_AND_DAY}|{_LEAP})[0-9]{{3}}$"
_USCC = "^[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$"
_TAX = "^[0-9]{6}[0-9A-Z]{9}$"
_ORGANISATION = "^[0-9A-Z]{8}[0-9X]$"


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _widen(text: str) -> str | None:
    if re.match(_OLD_RESIDENT, text):
        return f"{text[:6]}19{text[6:]}"
    return text if re.match(_RESIDENT, text) else None


def _checked(text: str) -> str | None:
    total = sum(int(c) * w for c, w in zip(text, RESIDENT_WEIGHTS, strict=False))
    right = text[:17] + RESIDENT_CHECK[total % 11]
    return right if len(text) == 17 or text == right else None


def _weighted(start: int, digits: int) -> str:
    """SQL: the weighted digits of one part of `{x}`, from 0-based place `start`.

    The digit d_k is n//10^k - 10(n//10^(k+1)), so the sum needs one quotient a digit. Quotients
    of floats are exact here (nine digits) and three times faster than those of integers.
    """
    weights = RESIDENT_WEIGHTS[start : start + digits][::-1]
    number = f"CAST(substr({{x}}, {start + 1}, {digits}) AS DOUBLE)"
    terms = [f"{number} * {weights[0]}"]
    terms += [
        f"floor({number} / {10**k}) * {weights[k] - 10 * weights[k - 1]}" for k in range(1, digits)
    ]
    return " + ".join(terms)


_WIDEN = Step(
    f"CASE WHEN regexp_matches({{x}}, '{_braces(_RESIDENT)}') THEN {{x}} "
    f"WHEN regexp_matches({{x}}, '{_braces(_OLD_RESIDENT)}') "
    f"THEN left({{x}}, 6) || '19' || substr({{x}}, 7) END",
    _widen,
)

_CHECK_CHARACTER = (
    f"substr('{RESIDENT_CHECK}', "
    f"CAST(CAST({_weighted(0, 9)} + {_weighted(9, 8)} AS BIGINT) % 11 AS INTEGER) + 1, 1)"
)

RESIDENT_ID = (
    together((PREPARE, _WIDEN), unless=_RESIDENT),
    Step(
        f"CASE WHEN substr({{x}}, 18) = {_CHECK_CHARACTER} THEN {{x}} "
        f"WHEN length({{x}}) = 17 THEN {{x}} || {_CHECK_CHARACTER} END",
        _checked,
    ),
)
"""15 digits become 18; a number with a wrong check digit or no calendar date is no key."""


def _uscc(text: str) -> str | None:
    if not re.match(_USCC, text):
        return None
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(text, USCC_WEIGHTS, strict=False))
    return text if text[17] == USCC_ALPHABET[(31 - total % 31) % 31] else None


_VALUES = " + ".join(
    f"(strpos('{USCC_ALPHABET}', substr({{x}}, {i}, 1)) - 1) * {weight}"
    for i, weight in enumerate(USCC_WEIGHTS, start=1)
)
_USCC_VALID = (
    f"regexp_matches({{x}}, '{_braces(_USCC)}') AND substr({{x}}, 18, 1) = "
    f"substr('{USCC_ALPHABET}', CAST((31 - ({_VALUES}) % 31) % 31 AS INTEGER) + 1, 1)"
)

USCC = (PREPARE, Step(f"CASE WHEN {_USCC_VALID} THEN {{x}} END", _uscc))
"""18 places with a right outer check digit, or no key."""


def _organisation(text: str) -> str | None:
    if len(text) == 18:
        return text[8:17] if _uscc(text) else None
    if re.match(_TAX, text):
        return text[6:] if re.match(_ORGANISATION, text[6:]) else None
    return text if re.match(_ORGANISATION, text) else None


ORGANISATION = (
    PREPARE,
    Step(
        f"CASE WHEN length({{x}}) = 18 THEN CASE WHEN {_USCC_VALID} THEN substr({{x}}, 9, 9) END "
        f"WHEN regexp_matches({{x}}, '{_braces(_TAX)}') THEN "
        f"CASE WHEN regexp_matches(substr({{x}}, 7), '{_braces(_ORGANISATION)}') "
        f"THEN substr({{x}}, 7) END "
        f"WHEN regexp_matches({{x}}, '{_braces(_ORGANISATION)}') THEN {{x}} END",
        _organisation,
    ),
)
"""The 9-place code of GB 11714 inside a USCC (places 9-17), a 15-place tax number (7-15), or bare.

Its own check digit is not judged: public code uses two value tables that disagree (GB 32100).
"""
