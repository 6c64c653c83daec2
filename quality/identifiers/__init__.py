"""Identifiers that carry their own proof, each with a Python face and an SQL face.

A verdict is True, False, or None where the number is too malformed to be judged (another verdict
says so). Both faces fold full-width forms and small letters first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from quality.identifiers import division, org_code, registration_no, resident_id, tax_id, uscc
from quality.identifiers.reference import Reference

__all__ = ["IDENTIFIERS", "Reference", "Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """One thing that can be wrong with a number, its severity unless a contract says otherwise."""

    name: str
    severity: str
    judge: Callable[[str, Reference], bool | None]
    sql: Callable[[str, Reference], str]


def _table() -> dict[str, tuple[Verdict, ...]]:
    def of(
        module_check: Callable[[str, Reference], bool | None],
        module_sql: Callable[[str, Reference], str],
    ) -> Verdict:
        return Verdict("check_digit", "error", module_check, module_sql)

    return {
        "resident_id": (
            of(resident_id.check_digit, resident_id.check_digit_sql),
            Verdict(
                "calendar_date", "error", resident_id.calendar_date, resident_id.calendar_date_sql
            ),
            Verdict("division", "warning", resident_id.division, resident_id.division_sql),
        ),
        "uscc": (
            of(uscc.check_digit, uscc.check_digit_sql),
            Verdict("inner", "warning", uscc.inner, uscc.inner_sql),
            Verdict("division", "warning", uscc.division, uscc.division_sql),
        ),
        "org_code": (of(org_code.check_digit, org_code.check_digit_sql),),
        "tax_id": (of(tax_id.check_digit, tax_id.check_digit_sql),),
        "registration_no": (of(registration_no.check_digit, registration_no.check_digit_sql),),
        "division": (Verdict("known", "error", division.known, division.known_sql),),
    }


IDENTIFIERS = _table()


def judge(identifier: str, number: str, reference: Reference) -> dict[str, bool | None]:
    """All verdicts on one number, by name."""
    return {v.name: v.judge(number, reference) for v in IDENTIFIERS[identifier]}
