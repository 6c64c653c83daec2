"""Division codes, GB/T 2260: six digits that are in the catalog's list."""

from __future__ import annotations

import re

from quality.identifiers.reference import Reference
from quality.identifiers.text import cases_sql, plain

FORM = "[0-9]{6}"
_FORM = re.compile(FORM)


def known(number: str, reference: Reference) -> bool | None:
    """Whether the code was in use on any day: abolished codes stay valid in old numbers."""
    text = plain(number)
    return bool(_FORM.fullmatch(text)) and reference.knows_division(text)


def known_sql(expression: str, reference: Reference) -> str:
    def listed(text: str) -> str:
        return reference.knows_division_sql(text, text != expression)

    return cases_sql(expression, ((FORM, listed),))
