"""Rows whose number is missing or mistyped, though all else says whom they are about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from sample.faults import Planter
from sample.firms import Firms
from sample.identifiers import resident_checks
from sample.people import People
from sample.tables import Table
from sample.text import Text, texts

NUMBERLESS = "health/patients"  # hospitals admit people without papers
MISTYPED = ("housing/owners", "human_resources/insured")
SEALS = "police/seals"


def plant_loose_people(
    person: Planter, tables: Mapping[str, Table], keys: Mapping[str, str], people: People
) -> None:
    """Leave out some numbers, mistype others into numbers that are nobody's."""
    table = tables[NUMBERLESS]
    for row in person.rows(table, person.count(table)):
        right = people.resident_id[int(table.who[row])]
        table.columns["resident_id"][row] = None
        person.note("missing_number", table, keys[NUMBERLESS], row, "resident_id", "discrepancy",
                    "no_key", right)  # fmt: skip
        whose(person, table, keys[NUMBERLESS], row, right)
    for name in MISTYPED:
        table = tables[name]
        column = table.columns["resident_id"]
        for row in person.rows(table, person.count(table), fits=partial(_whole, column)):
            right = people.resident_id[int(table.who[row])]
            column[row] = mistyped(right)
            person.note("mistyped_number", table, keys[name], row, "resident_id", "discrepancy",
                        "value_conflict", right)  # fmt: skip
            whose(person, table, keys[name], row, right)


def plant_loose_firms(firm: Planter, seals: Table, key: str, firms: Firms) -> None:
    """Seals that were filed without any number of their firm."""
    filed = np.array([code is not None for code in seals.columns["uscc"].tolist()], dtype=np.bool_)
    for row in firm.rows(seals, firm.count(seals), filed):
        right = firms.uscc[int(seals.who[row])]
        seals.columns["uscc"][row] = seals.columns["registration_no"][row] = None
        firm.note("missing_number", seals, key, row, "org_code", "discrepancy", "no_key", right)
        whose(firm, seals, key, row, right)


def _whole(numbers: Text, row: int) -> bool:
    return len(numbers[row]) == 18


def whose(planter: Planter, table: Table, key: str, row: int, right: str) -> None:
    """Write into the truth whose row it is: the entity that linkage has to find."""
    planter.note("whose_row", table, key, row, "entity_id", "link", "linked", right)


def mistyped(number: str) -> str:
    """One digit of the running number mistaken, with the check character made to fit."""
    # No running number of a city begins with 9 before its last blocks.
    wrong = number[:14] + ("9" if number[14] != "9" else "8") + number[15:17]
    return wrong + str(resident_checks(texts([wrong]))[0])
