"""The firms of one block, their numbers old and new, and who stands for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sample import words
from sample.identifiers import registration_numbers, usccs
from sample.people import People
from sample.plan import Block
from sample.text import Mask, Numbers, Text, chosen, number_of, padded, same, texts

ACTIVE, REVOKED, CANCELLED = "1", "2", "3"
STATE_OWNED = "1110"
ONE_CODE = number_of(date(2015, 10, 1))  # the USCC replaces the three older numbers
SPARE = 50_000_000  # running numbers from here on are nobody's


@dataclass(frozen=True)
class Firms:
    """Columns over the block's firms; days are counted from `text.EPOCH`."""

    number: Numbers
    uscc: Text
    second_uscc: Text  # a valid code that is nobody's
    org_code: Text
    registration_no: Text  # None for firms founded under the one code
    second_registration_no: Text
    tax_id_15: Text
    name: Text
    legal_form: Text
    rep: Numbers  # row of the legal representative among the block's people
    address: Text
    division: Text
    industry: Text
    capital_fen: Numbers  # of ten thousand yuan
    established: Numbers
    status: Text
    cancelled: Numbers  # -1: not
    employees: Numbers
    revenue_fen: Numbers  # of a thousand yuan

    @property
    def rows(self) -> int:
        return len(self.number)

    @property
    def old(self) -> Mask:
        return self.established < ONE_CODE

    @property
    def active(self) -> Mask:
        mask: Mask = self.status == ACTIVE
        return mask


def make_firms(block: Block, people: People) -> Firms:
    """The block's firms; every representative is one of its grown-up people."""
    dice = block.dice(2)
    rows = block.firms
    number = np.arange(rows) + block.start // 10 + block.index * 20
    place = dice.integers(0, len(words.DISTRICTS), rows)
    code = np.array([code for code, *_ in words.DISTRICTS])[place]
    district = texts([name for _, name, _ in words.DISTRICTS])[place]
    day = number_of(block.plan.day)
    established = day - 60 - (dice.random(rows) ** 1.5 * 11_000).astype(np.int64)
    old = established < ONE_CODE
    form = dice.choice(len(words.FORMS), size=rows, p=[share for *_, share in words.FORMS])
    trade = dice.integers(0, len(words.TRADES), rows)
    status = texts([ACTIVE, REVOKED, CANCELLED])[dice.choice(3, size=rows, p=[0.9, 0.03, 0.07])]
    gone: Mask = status == CANCELLED
    span = np.maximum(day - 30 - established, 1)
    codes = usccs("91", code, number, old)
    grown = np.flatnonzero(people.living(22, 70))
    house = 1 + number % 997
    return Firms(
        number=number,
        uscc=codes,
        second_uscc=usccs("91", code, number + SPARE, old),
        org_code=texts([c[8:17] for c in codes.tolist()]),
        registration_no=chosen(old, registration_numbers(code, number)),
        second_registration_no=registration_numbers(code, number + SPARE),
        tax_id_15=padded(code, 6) + texts([c[8:17] for c in codes.tolist()]),
        name=_names(dice, district, form, trade),
        legal_form=texts([f for f, *_ in words.FORMS])[form],
        rep=grown[dice.integers(0, len(grown), rows)],
        address="样例市" + district + texts(words.STREETS)[dice.integers(0, 20, rows)] + "路"
        + texts([str(n) for n in house.tolist()]) + "号" + padded(number // 997, 4) + "室",
        division=padded(code, 6),
        industry=texts([i for i, _ in words.TRADES])[trade],
        capital_fen=np.round(10 ** dice.uniform(0.5, 4.5, rows)).astype(np.int64) * 100,
        established=established,
        status=status,
        cancelled=np.where(gone, established + (dice.random(rows) * span).astype(np.int64), -1),
        employees=np.maximum(1, (10 ** dice.uniform(0, 3, rows)).astype(np.int64)),
        revenue_fen=(10 ** dice.uniform(3, 8, rows)).astype(np.int64),
    )  # fmt: skip


def _names(dice: np.random.Generator, district: Text, form: Numbers, trade: Numbers) -> Text:
    rows = len(form)
    brand = texts(words.BRANDS)[dice.integers(0, len(words.BRANDS), rows)]
    second = texts(words.SECOND)[dice.integers(0, len(words.SECOND), rows)]
    local = dice.random(rows) < 0.4
    city = chosen(local, "样例市" + district, same("样例市", rows))
    endings = texts([ending for _, ending, _ in words.FORMS])[form]
    return city + brand + second + texts([t for _, t in words.TRADES])[trade] + endings
