"""Taxpayer numbers: the USCC since 2015, and the two older forms.

15 characters: 6 digits of division and an organisation code. 18: a USCC. 20: a resident number
(18) and two digits, of self-employed people.
"""

from __future__ import annotations

import re

from quality.identifiers import org_code, resident_id, uscc
from quality.identifiers.reference import Reference
from quality.identifiers.text import cases_sql, plain

OLD = "[0-9]{6}[0-9A-Z]{8}[0-9X]"
PERSONAL = resident_id.FULL + "[0-9]{2}"

_OLD = re.compile(OLD)
_PERSONAL = re.compile(PERSONAL)


def check_digit(number: str, reference: Reference) -> bool | None:
    """True when the check character of the form's inner number is right; malformed: False."""
    text = plain(number)
    if _OLD.fullmatch(text):
        return text[14] == org_code.check_character(text[6:14])
    if _PERSONAL.fullmatch(text):
        return text[17] == resident_id.check_character(text[:17])
    return uscc.check_digit(text, reference)


def check_digit_sql(expression: str, reference: Reference) -> str:
    def old(text: str) -> str:
        return org_code.check_sql(text, 7, f"substr({text}, 15, 1)")

    return cases_sql(
        expression,
        ((uscc.FORM, uscc.check_sql), (OLD, old), (PERSONAL, resident_id.check_sql)),
    )
