"""What the thirteen departments of the population dataset write down, each in its own way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sample import words
from sample.firms import Firms
from sample.people import MALE, People
from sample.plan import Block
from sample.tables import Table, sometimes, update_times
from sample.text import (
    Columns,
    Mask,
    Numbers,
    Text,
    chosen,
    days,
    number_of,
    padded,
    plain,
    same,
    texts,
    yuan,
)  # fmt: skip

Writer = Callable[[Block, np.random.Generator, People, Firms], Table]


def _take(dice: np.random.Generator, mask: Mask, share: float) -> Numbers:
    """Rows of a random share of the people in the mask."""
    rows: Numbers = np.flatnonzero(mask & (dice.random(len(mask)) < share))
    return rows


def _worded(sex: Text, male: str, female: str) -> Text:
    return chosen(sex == MALE, same(male, len(sex)), same(female, len(sex)))


def _numbered(prefix: str, block: Block, rows: int) -> Text:
    return f"{prefix}{block.index:03d}" + padded(np.arange(rows), 8)


def _person(people: People, who: Numbers, sex: Text, **more: Text) -> Columns:
    return {"resident_id": people.resident_id[who], "name": people.name[who], "sex": sex, **more}


def _ethnic(codes: Text, spell: Callable[[str], str]) -> Text:
    return texts([spell(code) for code in codes.tolist()])


def _since(people: People, who: Numbers, day: int, dice: np.random.Generator, age: int) -> Numbers:
    """A day between everyone's given age and the city's first day."""
    low = np.minimum(people.born[who] + age * 366, day - 40)
    since: Numbers = low + (dice.random(len(who)) * (day - 30 - low)).astype(np.int64)
    return since


def police(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = np.arange(people.rows)
    columns = {
        "record_no": "JM" + padded(people.number, 8),
        **_person(people, who, people.sex),
        "ethnicity": people.ethnicity,
        "birth_date": days(people.born, "%Y%m%d"),
        "division": people.division,
        "address": people.address,
        "household_no": people.household,
        "status": _worded(chosen(people.alive, same(MALE, people.rows)), "1", "2"),
        "updated_at": update_times(block, dice, people.rows),
    }
    return Table("police/residents", columns, who)


def health(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.alive, 0.6)
    kind = dice.choice(5, size=len(who), p=[0.28, 0.26, 0.3, 0.08, 0.08])
    blood = texts(["A", "B", "O", "AB", "-"])[kind]
    columns = {
        "record_no": _numbered("DA", block, len(who)),
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "birth_date": days(people.born[who]),
        "phone": people.phone[who],
        "blood_type": blood,
        "address": people.address[who],
        "updated_at": update_times(block, dice, len(who)),
    }
    return Table("health/patients", columns, who)


def human_resources(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(18, 62), 0.75)
    rows = len(who)
    active = np.flatnonzero(firms.active)
    employer = firms.uscc[active[dice.integers(0, len(active), rows)]]
    columns = {
        "record_no": _numbered("9901", block, rows),
        **_person(people, who, people.sex[who]),
        "ethnicity": _ethnic(people.ethnicity[who], lambda code: str(int(code))),
        "birth_date": days(people.born[who]),
        "employer_uscc": chosen(dice.random(rows) < 0.85, employer),
        "insured_status": texts(["1", "2", "3"])[dice.choice(3, size=rows, p=[0.85, 0.1, 0.05])],
        "phone": people.phone[who],
        "updated_at": update_times(block, dice, rows),
    }
    columns["resident_id"] = sometimes(dice, 0.08, people.legacy_id[who], columns["resident_id"])
    return Table("human_resources/insured", columns, who)


def education(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(6, 18), 0.96)
    age = people.age[who]
    day = number_of(block.plan.day)
    columns = {
        "student_no": _numbered("G", block, len(who)),
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "ethnicity": _ethnic(people.ethnicity[who], lambda code: words.ETHNIC_NAMES[code]),
        "birth_date": days(people.born[who], "%Y.%m.%d"),
        "school": people.school[who],
        "grade": plain(np.clip(age - 5, 1, 12)),
        "enrolled_on": days(day - 60 - (age - 6) * 365),
    }
    return Table("education/students", columns, who)


def civil_affairs(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(23, 90), 0.6)
    rows = len(who)
    day = number_of(block.plan.day)
    columns = {
        "record_no": _numbered("J990100-", block, rows),
        **_person(people, who, _worded(people.sex[who], "男性", "女性")),
        "birth_date": days(people.born[who]),
        "marital_status": texts(["20", "21", "22", "40", "30"])[
            dice.choice(5, size=rows, p=[0.6, 0.2, 0.07, 0.08, 0.05])
        ],
        "certificate_no": "字第" + padded(dice.integers(0, 10**6, rows), 6) + "号",
        "registered_on": days(_since(people, who, day, dice, 21)),
    }
    columns["resident_id"] = sometimes(dice, 0.05, people.legacy_id[who], columns["resident_id"])
    return Table("civil_affairs/marriages", columns, who)


def housing(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(24, 95), 0.4)
    rows = len(who)
    columns = {
        "certificate_no": f"样（{block.plan.day.year - 1}）样例市不动产权第{block.index:03d}"
        + padded(np.arange(rows), 7) + "号",
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "birth_date": days(people.born[who]),
        "house_address": people.address[who],
        "area_m2": yuan(dice.integers(3_500, 22_000, rows)),
        "phone": people.phone[who],
        "registered_on": days(_since(people, who, number_of(block.plan.day), dice, 20)),
    }  # fmt: skip
    columns["resident_id"] = sometimes(dice, 0.06, people.legacy_id[who], columns["resident_id"])
    return Table("housing/owners", columns, who)


def medical_insurance(
    block: Block, dice: np.random.Generator, people: People, firms: Firms
) -> Table:
    who = _take(dice, people.alive, 0.93)
    rows = len(who)
    grown = people.age[who] >= 18
    columns = {
        **_person(people, who, _worded(people.sex[who], "M", "F")),
        "birth_date": days(people.born[who], "%Y/%m/%d"),
        "address": people.address[who],
        "insurance_type": chosen(
            grown & (dice.random(rows) < 0.55), same("310", rows), same("390", rows)
        ),
        "phone": people.phone[who],
        "updated_at": update_times(block, dice, rows),
    }
    columns["resident_id"] = sometimes(dice, 0.03, people.legacy_id[who], columns["resident_id"])
    return Table("medical_insurance/insured", columns, who)


def transport(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(22, 60), 0.06)
    columns = {
        "licence_no": _numbered("9901", block, len(who)),
        **_person(people, who, people.sex[who]),
        "phone": people.phone[who],
        "issued_on": days(_since(people, who, number_of(block.plan.day), dice, 21)),
    }
    return Table("transport/drivers", columns, who)
