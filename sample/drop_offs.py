"""What the five departments without a database hand over as files."""

from __future__ import annotations

import numpy as np

from sample import words
from sample.firms import Firms
from sample.people import People
from sample.plan import Block
from sample.residents import _ethnic, _numbered, _person, _since, _take, _worded
from sample.tables import Table, sometimes
from sample.text import days, number_of, padded, plain, texts, yuan


def justice(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(16, 90), 0.03)
    day = number_of(block.plan.day)
    columns = {
        "case_no": f"（{block.plan.day.year}）样法援字第{block.index:03d}"
        + padded(np.arange(len(who)), 6)
        + "号",
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "birth_date": days(people.born[who]),
        "phone": people.phone[who],
        "accepted_on": days(day - 5 - dice.integers(0, 170, len(who))),
    }
    return Table("justice/aid_cases", columns, who)


def disabled_federation(
    block: Block, dice: np.random.Generator, people: People, firms: Firms
) -> Table:
    who = _take(dice, people.living(5, 95), 0.035)
    rows = len(who)
    kind, level = dice.integers(0, 7, rows), dice.integers(0, 4, rows)
    columns = {
        # A certificate's number is the resident number, the kind and the level.
        "certificate_no": people.resident_id[who] + plain(kind + 1) + plain(level + 1),
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "ethnicity": _ethnic(people.ethnicity[who], lambda code: words.ETHNIC_NAMES[code][:-1]),
        "category": texts(["视力", "听力", "言语", "肢体", "智力", "精神", "多重"])[kind],
        "level": texts(["一级", "二级", "三级", "四级"])[level],
        "address": people.address[who],
        "issued_on": days(_since(people, who, number_of(block.plan.day), dice, 4), "%Y年%m月%d日"),
    }
    return Table("disabled_federation/certificates", columns, who)


def veterans(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = _take(dice, people.living(30, 95) & (people.sex == "1"), 0.07)
    rows = len(who)
    served = dice.integers(2, 9, rows)
    enlisted = people.born[who] + 18 * 366 + dice.integers(0, 300, rows)
    columns = {
        "record_no": _numbered("YF", block, rows),
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "birth_date": days(people.born[who]),
        "service_years": plain(served),
        "enlisted_on": days(enlisted),
        "discharged_on": days(enlisted + served * 365),
        "monthly_benefit": yuan(dice.integers(40_000, 250_000, rows)),
    }
    columns["resident_id"] = sometimes(dice, 0.1, people.legacy_id[who], columns["resident_id"])
    return Table("veterans/veterans", columns, who)


def agriculture(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    rural = np.isin(people.division.tolist(), ["990122", "990123", "990181", "990108"])
    who = _take(dice, people.living(25, 90) & rural, 0.5)
    rows = len(who)
    start = number_of(block.plan.day) - 9000 + dice.integers(0, 4000, rows)
    columns = {
        "contract_no": _numbered("990122", block, rows) + "J",
        **_person(people, who, people.sex[who]),
        "village": texts(words.COMMUNITIES)[dice.integers(0, 16, rows)] + "村第"
        + plain(1 + dice.integers(0, 9, rows)) + "村民小组",
        "area_mu": plain(dice.integers(0, 30, rows))
        + "." + padded(dice.integers(1, 10_000, rows), 4),
        "valid_from": days(start),
        "valid_to": days(start + 30 * 365),
    }  # fmt: skip
    return Table("agriculture/contractors", columns, who)


def funeral(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = np.flatnonzero(~people.alive)
    died = people.died[who]
    columns = {
        "record_no": _numbered("HH", block, len(who)),
        **_person(people, who, _worded(people.sex[who], "男", "女")),
        "birth_date": days(people.born[who], "%Y%m%d"),
        "death_date": days(died, "%Y%m%d"),
        "cremated_on": days(died + dice.integers(1, 6, len(who)), "%Y%m%d"),
    }
    return Table("funeral/cremations", columns, who)
