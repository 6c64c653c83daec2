"""Business registration numbers of 15 digits, GS 15-2006: check digit by ISO 7064 MOD 11,10."""

from __future__ import annotations

import re

from quality.identifiers.reference import Reference
from quality.identifiers.text import cases_sql, digit_sql, plain

FORM = "[0-9]{15}"
_FORM = re.compile(FORM)


def check_character(body: str) -> str:
    """The 15th digit for the first 14."""
    product = 10
    for digit in body:
        product = ((product + int(digit) - 1) % 10 + 1) * 2 % 11
    return str((11 - product) % 10)


def check_digit(number: str, reference: Reference) -> bool | None:
    """True when there are 15 digits and the last one is right."""
    text = plain(number)
    return bool(_FORM.fullmatch(text)) and text[14] == check_character(text[:14])


def _check_sql(text: str) -> str:
    product = "10"
    for place in range(1, 15):
        product = f"((({product} + {digit_sql(text, place)} - 1) % 10 + 1) * 2 % 11)"
    return f"((11 - {product}) % 10 = {digit_sql(text, 15)})"


def check_digit_sql(expression: str, reference: Reference) -> str:
    return cases_sql(expression, ((FORM, _check_sql),))
