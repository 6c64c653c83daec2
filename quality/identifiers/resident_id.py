"""Resident numbers, GB 11643-1999: check digit, calendar date and division, judged apart.

Layout: 6 division, 8 birth date, 3 sequence, 1 check character. The 15-digit form that was issued
before 1999 has a two-digit year and no check character. Permits of residents from Hong Kong,
Macao and Taiwan (81, 82, 83) and of foreigners (9…) have the same layout.
"""

from __future__ import annotations

import re
from datetime import date

from quality import sql
from quality.identifiers.reference import Reference
from quality.identifiers.text import cases_sql, plain, plain_sql

FULL = "[0-9]{17}[0-9X]"
LEGACY = "[0-9]{15}"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # 2^(17-i) mod 11
CHECKS = "10X98765432"
FIRST_YEAR = 1800  # the standard's own example is born in 1880; nobody registered is older

_FULL = re.compile(FULL)
_LEGACY = re.compile(LEGACY)


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECKS[total % 11]


def to_full(number: str) -> str | None:
    """The 18-character form of a 15- or 18-character number; None if it is neither."""
    text = plain(number)
    if _FULL.fullmatch(text):
        return text
    if _LEGACY.fullmatch(text):
        body = text[:6] + "19" + text[6:]
        return body + check_character(body)
    return None


def check_digit(number: str, reference: Reference) -> bool | None:
    """True when the check character is right or there is none (15 digits); malformed: False."""
    text = plain(number)
    if _LEGACY.fullmatch(text):
        return True
    return bool(_FULL.fullmatch(text)) and text[17] == check_character(text[:17])


def birth_date(number: str) -> date | None:
    """The date in the number, a century late for holders of legacy sequences 996 to 999."""
    full = to_full(number)
    if full is None:
        return None
    try:
        return date(int(full[6:10]), int(full[10:12]), int(full[12:14]))
    except ValueError:
        return None


def calendar_date(number: str, reference: Reference) -> bool | None:
    """Whether the birth date exists and is not later than the reference; None when malformed."""
    if to_full(number) is None:
        return None
    born = birth_date(number)
    return born is not None and born.year >= FIRST_YEAR and born <= reference.as_of


def division(number: str, reference: Reference) -> bool | None:
    """Whether the division was ever in use, or stands for a permit; None when malformed."""
    text = plain(number)
    if to_full(text) is None:
        return None
    if text.startswith("9") or text[:2] in ("81", "82", "83"):
        return True
    return reference.knows_division(text[:6])


def check_sql(text: str) -> str:
    """The check over a well-formed number: about five times cheaper than digit by digit.

    The weights are powers of two modulo 11, so the sum is twice the 17 digits read at base 2; that
    is n - sum over k of 2^(k+2) * (n // 10^k). The lambda binds n, which is cast only once; no
    field may be called `_n` (fields begin with a letter).
    """
    at_two = "_n" + "".join(f" - {2 ** (k + 2)} * (_n // {10**k})" for k in range(1, 17))
    place = f"(({at_two}) * 2 % 11 + 1)"
    check = f"substr({sql.text(CHECKS)}, {place}, 1) = substr({text}, 18, 1)"
    return f"list_transform([CAST(substr({text}, 1, 17) AS BIGINT)], lambda _n: {check})[1]"


def check_digit_sql(expression: str, reference: Reference) -> str:
    return cases_sql(expression, ((FULL, check_sql), (LEGACY, lambda _: "TRUE")))


def _date_sql(digits: str, reference: Reference) -> str:
    """YYYYMMDD digits as a date that exists, in range."""
    first = f"DATE '{FIRST_YEAR}-01-01'"
    born = f"try_strptime({digits}, '%Y%m%d')::DATE"
    return f"coalesce({born} BETWEEN {first} AND {sql.literal(reference.as_of)}, FALSE)"


def calendar_date_sql(expression: str, reference: Reference) -> str:
    def full(text: str) -> str:
        return _date_sql(f"substr({text}, 7, 8)", reference)

    def legacy(text: str) -> str:
        return _date_sql(f"('19' || substr({text}, 7, 6))", reference)

    return cases_sql(expression, ((FULL, full), (LEGACY, legacy)), otherwise="NULL")


def division_sql(expression: str, reference: Reference) -> str:
    def known(text: str) -> str:
        code = f"substr({text}, 1, 6)"
        permit = f"regexp_matches({text}, '^(9|8[123])')"
        return f"({permit} OR {reference.knows_division_sql(code, text != expression)})"

    return cases_sql(expression, ((f"{FULL}|{LEGACY}", known),), otherwise="NULL")


def to_full_sql(expression: str) -> str:
    """The SQL face of `to_full`."""
    body = (
        f"(substr({plain_sql(expression)}, 1, 6) || '19' || substr({plain_sql(expression)}, 7, 9))"
    )
    total = " + ".join(
        f"(ascii(substr({body}, {place}, 1)) - 48) * {weight}"
        for place, weight in enumerate(WEIGHTS, 1)
    )
    legacy = f"{body} || substr({sql.text(CHECKS)}, ({total}) % 11 + 1, 1)"
    text = plain_sql(expression)
    return (
        f"(CASE WHEN regexp_full_match({text}, '{FULL}') THEN {text} "
        f"WHEN regexp_full_match({text}, '{LEGACY}') THEN {legacy} END)"
    )
