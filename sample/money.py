"""The money of one block: budget lines, allocations, payments and who got them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample import words
from sample.firms import STATE_OWNED, Firms
from sample.people import People
from sample.plan import Block
from sample.text import Mask, Numbers, Text, number_of, padded, same, texts

ORDINARY, SOCIAL, CAPITAL = 0, 1, 2
KINDS = texts(["ordinary", "social", "capital"])
_FUNCTIONS = (("201", "205", "206", "210", "212", "213", "214"), ("208", "221"), ("223",))
OLDEST_DAYS = 170  # before the city's first day: the oldest payment
_SHARES = (0.72, 0.25, 0.03)  # of payments


@dataclass(frozen=True)
class Lines:
    """Budget lines; `extra_fen` is a late adjustment that the line could do without."""

    number: Text
    kind: Numbers
    title: Text
    function: Text
    unit_code: Text
    base_fen: Numbers
    extra_fen: Numbers


@dataclass(frozen=True)
class Payments:
    """Payments, each to one person or one firm (-1: not to one)."""

    number: Text
    line: Numbers
    kind: Numbers
    person: Numbers
    firm: Numbers
    amount_fen: Numbers
    paid_day: Numbers
    paid_second: Numbers
    purpose: Text


def make_money(block: Block, people: People, firms: Firms, units: Text) -> tuple[Lines, Payments]:
    """Lines with their payments; every line is allocated a little more than it paid.

    `units` are the USCCs of the departments that spend.
    """
    dice = block.dice(3)
    rows = max(60, block.people // 2)
    count = max(12, block.people // 200)
    kind_of_line = np.sort(dice.choice(3, size=count, p=[0.7, 0.2, 0.1]))
    kind_of_line[:3] = (ORDINARY, SOCIAL, CAPITAL)
    kind = dice.choice(3, size=rows, p=_SHARES)
    line = np.zeros(rows, dtype=np.int64)
    for each in (ORDINARY, SOCIAL, CAPITAL):
        lines_of_kind = np.flatnonzero(kind_of_line == each)
        mask = kind == each
        line[mask] = lines_of_kind[dice.integers(0, len(lines_of_kind), int(mask.sum()))]
    person, firm = _payees(dice, kind, people, firms)
    day = number_of(block.plan.day)
    amount = np.round(10 ** dice.uniform(4, 7, rows)).astype(np.int64)
    amount[kind == SOCIAL] = dice.integers(20_000, 900_000, int((kind == SOCIAL).sum()))
    payments = Payments(
        number=f"ZF{block.plan.day.year}{block.index:03d}" + padded(np.arange(rows), 7),
        line=line,
        kind=kind,
        person=person,
        firm=firm,
        amount_fen=amount,
        paid_day=day - 1 - dice.integers(0, OLDEST_DAYS, rows),
        paid_second=dice.integers(9 * 3600, 17 * 3600, rows),
        purpose=texts(words.PURPOSES)[dice.integers(0, len(words.PURPOSES), rows)],
    )
    paid = np.bincount(line, weights=amount.astype(np.float64), minlength=count).astype(np.int64)
    return _lines(block, dice, kind_of_line, paid, units), payments


def _payees(
    dice: np.random.Generator, kind: Numbers, people: People, firms: Firms
) -> tuple[Numbers, Numbers]:
    """Persons for social money, state-owned firms for capital, firms and persons for the rest."""
    rows = len(kind)
    grown = np.flatnonzero(people.living(18, 95))
    # A third of the grown-up people are on some pay list: the rest stay free for planted faults.
    listed = grown[dice.permutation(len(grown))[: max(5, len(grown) // 3)]]
    active = np.flatnonzero(firms.active)
    listed_firms = active[dice.permutation(len(active))[: max(4, len(active) * 2 // 5)]]
    owned = np.flatnonzero(firms.active & (firms.legal_form == STATE_OWNED))
    owned = owned if len(owned) else listed_firms
    to_person: Mask = (kind == SOCIAL) | ((kind == ORDINARY) & (dice.random(rows) < 0.3))
    person = np.where(to_person, listed[dice.integers(0, len(listed), rows)], -1)
    firm = np.where(to_person, -1, listed_firms[dice.integers(0, len(listed_firms), rows)])
    firm = np.where(kind == CAPITAL, owned[dice.integers(0, len(owned), rows)], firm)
    return person, firm


def _lines(
    block: Block, dice: np.random.Generator, kind: Numbers, paid: Numbers, units: Text
) -> Lines:
    count = len(kind)
    function = same(None, count)
    for each, codes in enumerate(_FUNCTIONS):
        mask = kind == each
        function[mask] = texts(codes)[dice.integers(0, len(codes), int(mask.sum()))]
    title = texts(words.PURPOSES)[dice.integers(0, len(words.PURPOSES), count)]
    return Lines(
        number=f"{block.plan.day.year}-{block.index:03d}-" + padded(np.arange(count), 5),
        kind=kind,
        title=title + "专项",
        function=function,
        unit_code=units[dice.integers(0, len(units), count)],
        base_fen=paid + dice.integers(0, 5_000_000, count) + 100,
        extra_fen=dice.integers(100, 9_000_000, count),
    )
