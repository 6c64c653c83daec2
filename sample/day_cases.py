"""What becomes of cases from day to day: one is put right, another happens once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sample.cases import Case
from sample.firm_cases import PROGRESS, REPORT
from sample.people_cases import DEAD, MONTH, TABLE
from sample.text import date_of

if TYPE_CHECKING:
    from sample.next_day import Day


def report_late(today: Day) -> None:
    """One silent project reports its progress; the last of them stays silent."""
    cases = today.quarter.cases
    silent = [place for place, case in enumerate(cases) if _is_open(case, REPORT)]
    if len(silent) > 1:
        case = cases[silent[0]]
        today.insert(
            PROGRESS, 0, report_no=f"JD{today.day:02d}{today.quarter.block.index:03d}N",
            project_no=case.key, percent="55", reported_on=date_of(today.number).isoformat(),
        )  # fmt: skip
        cases[silent[0]] = replace(case, until=today.day)


def pay_again(today: Day) -> None:
    """One of the dead is paid another time."""
    cases, table = today.quarter.cases, today.quarter.tables[TABLE]
    dead = [c for c in cases if _is_open(c, DEAD) and c.key.startswith(TABLE) and c.day == 1]
    if dead:
        supply, first = dead[0].key.split("|")
        row = table.columns["grant_no"].tolist().index(first)
        day, number = date_of(today.number), f"JZ{today.day:02d}{today.quarter.block.index:03d}N"
        today.insert(
            TABLE, row, grant_no=number, month=day.strftime(MONTH), paid_on=day.isoformat()
        )
        cases.append(
            Case(DEAD, f"{supply}|{number}", ((supply, number),), dead[0].amount_fen, day=today.day)
        )


def _is_open(case: Case, check: str) -> bool:
    return case.check == check and not case.why and not case.until
