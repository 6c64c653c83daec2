"""Resident numbers and organisation codes in their one canonical form (cross-walks of old ones)."""

from __future__ import annotations

import re
from datetime import date

from hub.reconcile.steps import FILLED, NARROW, UPPER, WHITE, Step, replace, together

PLAIN = "^[0-9A-Z]+$"
PREPARE = together((NARROW, replace(f"({WHITE}|-)+", ""), UPPER, FILLED), unless=PLAIN)

# GB 11643-1999: weights and check characters.
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECK = "10X98765432"
# GB 32100-2015: no I, O, S, V, Z.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

_RESIDENT = "^[0-9]{17}[0-9X]$"
_OLD_RESIDENT = "^[0-9]{15}$"
_USCC = "^[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$"
_TAX = "^[0-9]{6}[0-9A-Z]{9}$"
_ORGANISATION = "^[0-9A-Z]{8}[0-9X]$"


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _widen(text: str) -> str | None:
    if re.match(_OLD_RESIDENT, text):
        return f"{text[:6]}19{text[6:]}"
    return text if re.match(_RESIDENT, text) else None


def _check_resident(text: str) -> str:
    total = sum(int(c) * w for c, w in zip(text, RESIDENT_WEIGHTS, strict=False))
    return f"{text[:17]}{RESIDENT_CHECK[total % 11]}{text[17:]}"


def _valid_resident(text: str) -> str | None:
    if len(text) == 19 and text[17] != text[18]:
        return None
    if text[6:8] not in ("18", "19", "20"):
        return None
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None
    return text[:18]


_DIGITS = " + ".join(
    f"(CAST(left({{x}}, 17) AS BIGINT) // {10 ** (16 - i)} % 10) * {weight}"
    for i, weight in enumerate(RESIDENT_WEIGHTS)
)

RESIDENT_ID = (
    PREPARE,
    Step(
        f"CASE WHEN regexp_matches({{x}}, '{_braces(_RESIDENT)}') THEN {{x}} "
        f"WHEN regexp_matches({{x}}, '{_braces(_OLD_RESIDENT)}') "
        f"THEN left({{x}}, 6) || '19' || substr({{x}}, 7) END",
        _widen,
    ),
    Step(
        f"left({{x}}, 17) || substr('{RESIDENT_CHECK}', CAST(({_DIGITS}) % 11 AS INTEGER) + 1, 1)"
        f" || substr({{x}}, 18)",
        _check_resident,
    ),
    Step(
        "CASE WHEN (length({x}) = 18 OR substr({x}, 18, 1) = substr({x}, 19, 1)) "
        "AND substr({x}, 7, 2) IN ('18', '19', '20') "
        "AND TRY_CAST(substr({x}, 7, 4) || '-' || substr({x}, 11, 2) || '-' || substr({x}, 13, 2) "
        "AS DATE) IS NOT NULL THEN left({x}, 18) END",
        _valid_resident,
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
