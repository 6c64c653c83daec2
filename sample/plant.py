"""Plants the faults of one block: cell by cell, then those that need two people or two firms."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

import numpy as np

from sample import spoils
from sample.cases import Case, Casebook, known_cases
from sample.faults import Fault, Planter
from sample.firm_cases import plant_firm_cases
from sample.firms import CANCELLED, Firms
from sample.loose import plant_loose_firms, plant_loose_people, whose
from sample.money import OLDEST_DAYS, Lines, Payments
from sample.money_cases import plant_money_cases
from sample.people import People
from sample.people_cases import plant_people_cases
from sample.plan import Block
from sample.plant_money import plant_money
from sample.projects import Projects
from sample.spoils_of_cases import spoil_cases
from sample.support import Roles
from sample.tables import Table
from sample.text import Mask, number_of
from schemas.contract import Supply

DUPLICATED = {
    "medical_insurance/insured": {"phone": "13000000000"},
    "education/students": {"grade": "9"},
    "housing/owners": {"area_m2": "66.66"},
    "justice/aid_cases": {"phone": "13000000000"},
}
DUPLICATE_FIELDS = "name,sex,birth_date,address"
PEOPLE_PER_CASE = 4_000  # of each kind that a cross-check finds
SHARED_NUMBERS = ("housing/owners", "health/patients", "human_resources/insured")


def plant(
    block: Block,
    tables: Mapping[str, Table],
    supplies: Mapping[str, Supply],
    people: People,
    firms: Firms,
    lines: Lines,
    paid: Payments,
    roles: Roles,
    made: Projects,
) -> tuple[list[Fault], list[Case], Mask]:
    """Spoil the block's tables in place; returns faults, cases, and whom they concern.

    People and firms that receive money are left alone, so that payments go on finding them.
    """
    keys = {name: supply.key[0].name for name, supply in supplies.items()}
    person = Planter(block.dice(50), _touched(people.rows, paid.person))
    for name, ways in spoils.PEOPLE.items():
        person.spoil(tables[name], keys[name], ways)
    for name, cells in DUPLICATED.items():
        person.duplicate(tables[name], keys[name], **cells)
    _two_people_one_number(person, tables, keys, people)
    _one_person_two_numbers(person, tables["police/residents"], people)
    _other_number_elsewhere(person, tables["medical_insurance/insured"], people)
    plant_loose_people(person, tables, keys, people)
    firm = Planter(block.dice(51), _touched(firms.rows, paid.firm))
    # Firms whose seal is still under the old number alone are held together by the register.
    single = ~firms.old
    for name, ways in spoils.FIRMS.items():
        table = tables[name]
        allowed = single[table.who] if name == "market/enterprises" else None
        firm.spoil(table, keys[name], ways, allowed)
    _two_firms_one_number(firm, tables["police/seals"], firms, people)
    _one_firm_two_numbers(firm, tables["market/enterprises"], firms)
    plant_loose_firms(firm, tables["police/seals"], keys["police/seals"], firms)
    # Struck off before the oldest payment, whichever of the payments goes to them.
    gone = (firms.status == CANCELLED) & (firms.cancelled < number_of(block.plan.day) - OLDEST_DAYS)
    cancelled = firm.free(gone, max(1, firms.rows // 1000))
    strangers = (
        people.second_id[person.free(people.alive, 1)[0]],
        firms.second_uscc[firm.free(firms.active, 1)[0]],
    )
    payment = Planter(block.dice(52), np.zeros(len(paid.number), dtype=np.bool_))
    money = plant_money(block, payment, tables, firms, lines, paid, cancelled, strangers)
    truth = [*person.truth, *firm.truth, *money]
    # Dice of their own: a further case moves no fault.
    people_left = Planter(block.dice(70), person.used)
    firms_left = Planter(block.dice(72), firm.used)
    book = Casebook(tables, keys, people_left, firms_left, known_cases(truth))
    count = max(2, block.people // PEOPLE_PER_CASE)
    plant_people_cases(block, book, people, firms, roles, count)
    plant_firm_cases(block, book, firms, made, count)
    plant_money_cases(block, book, payment, people, firms, lines, paid, count)
    spoil_cases(book)
    truth += [*people_left.truth, *firms_left.truth]
    return truth, book.cases, person.used


def _touched(rows: int, who: np.ndarray) -> Mask:
    mask = np.zeros(rows, dtype=np.bool_)
    mask[who[who >= 0]] = True
    return mask


def _differ(one: str, two: str) -> bool:
    """Whether two names have no character in common at any place."""
    return all(a != b for a, b in zip(one, two, strict=False))


def _two_people_one_number(
    person: Planter, tables: Mapping[str, Table], keys: Mapping[str, str], people: People
) -> None:
    """A clerk types another person's number: different sex, birthday and name."""
    for name in SHARED_NUMBERS:
        table = tables[name]
        for row in person.rows(table, person.count(table)):
            owner = _stranger(person, people, int(table.who[row]))
            if owner is None:
                continue
            table.columns["resident_id"][row] = people.resident_id[owner]
            person.note(
                "two_people_one_number", table, keys[name], row, "resident_id", "discrepancy",
                "identity_conflict", people.resident_id[owner],
            )  # fmt: skip
            # Set apart, the row then finds the person whose own number is known, and it differs.
            person.note(
                "two_people_one_number", table, keys[name], row, "resident_id", "discrepancy",
                "value_conflict", people.resident_id[owner],
            )  # fmt: skip
            whose(person, table, keys[name], row, people.resident_id[int(table.who[row])])
    police = tables["police/residents"]
    for row in person.rows(police, person.count(police)):
        owner = _stranger(person, people, int(police.who[row]))
        if owner is None:
            continue
        police.columns["resident_id"][row] = people.resident_id[owner]
        for place in (row, owner):  # the register holds every person at his own place
            person.note(
                "two_people_one_number", police, "record_no", place, "resident_id", "quarantine",
                "unique", people.resident_id[owner],
            )  # fmt: skip


def _stranger(person: Planter, people: People, other: int) -> int | None:
    """Somebody without a fault who differs from the other person in everything."""
    for one in person.dice.integers(0, people.rows, 400).tolist():
        apart = people.sex[one] != people.sex[other] and people.born[one] != people.born[other]
        if apart and not person.used[one] and _differ(people.name[one], people.name[other]):
            person.used[one] = True
            return int(one)
    return None


def _one_person_two_numbers(person: Planter, police: Table, people: People) -> None:
    """Registered twice by the police themselves, each time with a valid number."""
    for row in person.rows(police, person.count(police)):
        who = int(police.who[row])
        second = people.second_id[who]
        record = "JM9" + police.columns["record_no"][row][3:]
        place = police.append(int(row), resident_id=second, record_no=record)
        person.note(
            "one_person_two_numbers", police, "resident_id", place, DUPLICATE_FIELDS,
            "discrepancy", "possible_duplicate", people.resident_id[who],
        )  # fmt: skip


def _other_number_elsewhere(person: Planter, insured: Table, people: People) -> None:
    """One department knows the person under a number that nobody else knows."""
    for row in person.rows(insured, person.count(insured)):
        who = int(insured.who[row])
        insured.columns["resident_id"][row] = people.second_id[who]
        person.note(
            "one_person_two_numbers", insured, "resident_id", row, DUPLICATE_FIELDS,
            "discrepancy", "possible_duplicate", people.resident_id[who],
        )  # fmt: skip


def _two_firms_one_number(firm: Planter, seals: Table, firms: Firms, people: People) -> None:
    """A seal filed under the registration number of quite another firm."""
    alone = np.array([code is None for code in seals.columns["uscc"].tolist()], dtype=np.bool_)
    for row in firm.rows(seals, firm.count(seals), alone):
        who = int(seals.who[row])
        owners = np.flatnonzero(firms.old & ~firm.used)
        for owner in owners[firm.dice.permutation(len(owners))[:400]].tolist():
            likeness = SequenceMatcher(None, firms.name[owner], firms.name[who]).ratio()
            reps = people.name[firms.rep[owner]], people.name[firms.rep[who]]
            if likeness < 0.5 and _differ(*reps):
                firm.used[owner] = True
                number = firms.registration_no[owner]
                seals.columns["registration_no"][row] = number
                firm.note(
                    "two_firms_one_number", seals, "seal_no", row, "registration_no",
                    "discrepancy", "identity_conflict", number,
                )  # fmt: skip
                firm.note(
                    "two_firms_one_number", seals, "seal_no", row, "registration_no",
                    "discrepancy", "value_conflict", number,
                )  # fmt: skip
                whose(firm, seals, "seal_no", row, firms.uscc[who])
                break


def _one_firm_two_numbers(firm: Planter, market: Table, firms: Firms) -> None:
    """Registered twice: the same name, representative and address under a second code."""
    for row in firm.rows(market, firm.count(market)):
        who = int(market.who[row])
        record = "9902" + market.columns["record_no"][row][4:]
        place = market.append(
            int(row), uscc=firms.second_uscc[who], record_no=record, registration_no=None
        )
        firm.note(
            "one_firm_two_numbers", market, "uscc", place, "name,legal_rep,address",
            "discrepancy", "possible_duplicate", firms.uscc[who],
        )  # fmt: skip
