"""The people of one block: who they are, once, before any department writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sample import words
from sample.identifiers import legacy_resident_ids, resident_ids
from sample.plan import Block
from sample.text import Mask, Numbers, Text, chosen, days, number_of, padded, same, texts

MALE, FEMALE = "1", "2"
TODAY = number_of(date(2026, 1, 1))  # ages are counted here, whatever the city's day
SPARE_SEQUENCE = 960  # 960..995 are kept for planted second numbers; 996..999 have a meaning
_DEATHS = 0.012
_CARRIERS = (30, 33, 35, 36, 37, 38, 39, 50, 51, 58, 59, 77, 80, 86, 88, 89)
_AGES = ((0, 6, 0.055), (6, 18, 0.125), (18, 30, 0.15), (30, 45, 0.23), (45, 60, 0.24),
         (60, 75, 0.145), (75, 96, 0.055))  # fmt: skip


@dataclass(frozen=True)
class People:
    """Columns over the block's people; days are counted from `text.EPOCH`."""

    number: Numbers  # over the whole city
    name: Text
    sex: Text
    ethnicity: Text
    born: Numbers
    resident_id: Text
    legacy_id: Text  # None for people who never had one
    second_id: Text  # a valid number that is nobody's
    division: Text
    address: Text
    household: Text
    phone: Text
    died: Numbers  # -1: alive
    school: Text

    @property
    def rows(self) -> int:
        return len(self.number)

    @property
    def alive(self) -> Mask:
        return self.died < 0

    @property
    def age(self) -> Numbers:
        return (TODAY - self.born) // 365

    def living(self, low: int, high: int) -> Mask:
        """People alive and from `low` to below `high` years of age."""
        return self.alive & (self.age >= low) & (self.age < high)


def make_people(block: Block) -> People:
    """The block's people, in households of one to five under one roof."""
    dice = block.dice(1)
    rows = block.people
    number = np.arange(block.start, block.start + rows)
    male = dice.random(rows) < 0.511
    born = _births(dice, rows)
    home = _households(dice, rows)
    place = _weighted(dice, np.array([share for *_, share in words.DISTRICTS]), int(home[-1]) + 1)
    code = np.array([code for code, *_ in words.DISTRICTS])[place][home]
    issued = _issued_in(code, born)
    sequence = _sequences(block, issued, born, male)
    ids = resident_ids(issued, born, sequence)
    spare = SPARE_SEQUENCE + 2 * (block.index % 18) + male.astype(np.int64)
    died = np.where(
        (dice.random(rows) < _DEATHS * np.clip((TODAY - born) / 20_000, 0.1, 3)),
        number_of(block.plan.day) - 20 - dice.integers(0, 400, rows), -1,
    )  # fmt: skip
    died[born > TODAY - 700] = -1
    district = texts([name for _, name, _ in words.DISTRICTS])[place][home]
    return People(
        number=number,
        name=_names(dice, male, born, home),
        sex=chosen(male, same(MALE, rows), same(FEMALE, rows)),
        ethnicity=_ethnicities(dice, home),
        born=born,
        resident_id=ids,
        legacy_id=legacy_resident_ids(ids, born),
        second_id=resident_ids(issued, born, spare),
        division=padded(code, 6),
        address=_addresses(block, home, district),
        household=padded(np.full(rows, block.index), 3) + padded(home, 7),
        phone=_phones(dice, rows),
        died=died,
        school="样例市" + district + texts(words.SCHOOLS)[dice.integers(0, 8, rows)],
    )


def _weighted(dice: np.random.Generator, shares: np.ndarray, rows: int) -> Numbers:
    return dice.choice(len(shares), size=rows, p=shares / shares.sum()).astype(np.int64)


def _births(dice: np.random.Generator, rows: int) -> Numbers:
    band = _weighted(dice, np.array([share for *_, share in _AGES]), rows)
    low, high = (np.array([a[i] for a in _AGES])[band] * 365 for i in (0, 1))
    drawn: Numbers = TODAY - low - (dice.random(rows) * (high - low)).astype(np.int64) - 1
    return drawn


def _households(dice: np.random.Generator, rows: int) -> Numbers:
    sizes = dice.choice([1, 2, 3, 4, 5], size=rows, p=[0.25, 0.30, 0.22, 0.14, 0.09])
    return np.repeat(np.arange(rows), sizes)[:rows]


def _issued_in(code: Numbers, born: Numbers) -> Numbers:
    """The division at birth: some have been abolished since."""
    issued = code.copy()
    for now, then in words.ABOLISHED.items():
        issued[(code == now) & (born < number_of(date(2003, 1, 1)))] = then
    return issued


def _sequences(block: Block, code: Numbers, born: Numbers, male: Mask) -> Numbers:
    """Running numbers within division, birth day and sex: odd for men, even for women."""
    group = (code * 100_000 + born) * 2 + male
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - starts
    slots = SPARE_SEQUENCE // 2 // block.plan.block_count
    if rank.max() >= slots:
        raise ValueError(f"too many people born on one day: {rank.max()} of {slots}")
    return (rank + block.index * slots) * 2 + male


def _names(dice: np.random.Generator, male: Mask, born: Numbers, home: Numbers) -> Text:
    surnames = texts(list(words.SURNAMES))
    shares = np.array(list(words.SURNAMES.values()))
    family = _weighted(dice, shares, int(home[-1]) + 1)[home]
    own = _weighted(dice, shares, len(born))
    married_in = dice.random(len(born)) < 0.4
    surname = surnames[np.where(married_in, own, family)]
    given = same("", len(born))
    year = days(born, "%Y").astype(np.int64)
    for cohort, (since, men, women) in enumerate(words.GIVEN):
        until = words.GIVEN[cohort + 1][0] if cohort + 1 < len(words.GIVEN) else 9999
        for is_male, pool in ((True, men), (False, women)):
            mask = (year >= since) & (year < until) & (male == is_male)
            letters, count = texts(list(pool)), int(mask.sum())
            first, second = dice.integers(0, len(letters), (2, count))
            short = dice.random(count) < words.ONE_CHARACTER[cohort]
            given[mask] = letters[first] + chosen(short, same("", count), letters[second])
    return surname + given


def _ethnicities(dice: np.random.Generator, home: Numbers) -> Text:
    codes, shares = texts(list(words.ETHNIC)), np.array(list(words.ETHNIC.values()))
    return codes[_weighted(dice, shares, int(home[-1]) + 1)[home]]


def _addresses(block: Block, home: Numbers, district: Text) -> Text:
    """One address per household and no two alike: mixed radix over street, house, flat."""
    flat, rest = home % 24, home // 24
    unit, rest = rest % 3, rest // 3
    building, rest = rest % 12, rest // 12
    road, house = rest % len(words.STREETS), rest // len(words.STREETS) + 1 + block.index * 100
    streets, communities = texts(words.STREETS), texts(words.COMMUNITIES)
    room = padded((flat // 4 + 1) * 100 + flat % 4 + 1, 3)
    return (
        "样例市" + district + streets[road] + "街道" + communities[home // 400 % len(communities)]
        + "社区" + streets[road] + "路" + texts([str(n) for n in house.tolist()]) + "号"
        + padded(building + 1, 2) + "幢" + padded(unit + 1, 1) + "单元" + room + "室"
    )  # fmt: skip


def _phones(dice: np.random.Generator, rows: int) -> Text:
    heads = texts([f"1{n}" for n in _CARRIERS])
    return heads[dice.integers(0, len(heads), rows)] + padded(dice.integers(0, 10**8, rows), 8)
