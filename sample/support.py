"""Who owns firms, who serves the city, who gets social assistance: never the same person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sample.firms import STATE_OWNED, Firms
from sample.people import People
from sample.plan import Block
from sample.residents import _numbered
from sample.tables import Table, update_times
from sample.text import (
    Mask,
    Numbers,
    Text,
    chosen,
    days,
    moments,
    number_of,
    same,
    texts,
    yuan,
)  # fmt: skip

BUSINESS = "9500"  # self-employed: owning one is no bar to assistance
STATE = ("11990100MB00024010", "市人民政府国有资产监督管理委员会")
SUBSISTENCE, HARDSHIP, DISABLED, CARE = "10", "20", "30", "40"
ASSISTANCE = texts([SUBSISTENCE, HARDSHIP, DISABLED, CARE])
_SHARES = (0.6, 0.1, 0.15, 0.15)
_AMOUNTS = np.array([65_000, 98_000, 10_000, 12_000])  # fen a month
MONTHS = 3  # of assistance that are on record
SHARE, FEWEST = 0.03, 3  # of the people who could be public employees, or assisted
PAY_DAY = 10  # of the month


@dataclass(frozen=True)
class Roles:
    """Rows of the block's people and firms. The three groups of people share nobody."""

    owner: Numbers  # -1: the state
    owned: Numbers  # the firm, as long as `owner`
    share: Numbers  # in hundredths
    staff: Numbers
    left: Numbers  # the day on which a public employee left; -1: in post
    poor: Numbers
    assistance: Numbers  # place in ASSISTANCE, as long as `poor`


def make_roles(block: Block, people: People, firms: Firms) -> Roles:
    """Every firm has its representative or the state as owner; companies may have one more."""
    dice = block.dice(4)
    first = np.arange(firms.rows)
    grown = np.flatnonzero(people.living(22, 70))
    state = firms.legal_form == STATE_OWNED
    company = (firms.legal_form != BUSINESS) & ~state
    shared = np.flatnonzero((dice.random(firms.rows) < 0.4) & company)
    partner = grown[dice.integers(0, len(grown), len(shared))]
    owner = np.concatenate([np.where(state, -1, firms.rep), partner])
    share = np.full(firms.rows, 100)
    share[shared] = 60
    other = np.ones(people.rows, dtype=np.bool_)
    other[owner[owner >= 0]] = False
    other[firms.rep] = False
    staff = _some(dice, people.living(22, 60) & other)
    gone = dice.random(len(staff)) < 0.1
    other[staff] = False
    poor = _some(dice, people.living(18, 96) & other)
    return Roles(
        owner=owner,
        owned=np.concatenate([first, shared]),
        share=np.concatenate([share, np.full(len(shared), 40)]),
        staff=staff,
        left=np.where(gone, number_of(block.plan.day) - dice.integers(150, 400, len(staff)), -1),
        poor=poor,
        assistance=dice.choice(len(ASSISTANCE), size=len(poor), p=_SHARES),
    )


def _some(dice: np.random.Generator, fits: Mask) -> Numbers:
    rows = np.flatnonzero(fits)
    count = max(FEWEST, round(len(rows) * SHARE))
    return np.sort(rows[dice.permutation(len(rows))[:count]])


def pay_days(day: date) -> list[date]:
    """The last days on which assistance was paid, oldest first."""
    paid, first = [], day.replace(day=1)
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        paid.append(first.replace(day=PAY_DAY))
    return paid[::-1]


def allowances(block: Block, dice: np.random.Generator, people: People, roles: Roles) -> Table:
    """One row per person and month."""
    paid = pay_days(block.plan.day)
    who = np.repeat(roles.poor, MONTHS)
    kind = np.repeat(roles.assistance, MONTHS)
    rows = len(who)
    day = np.tile(np.array([number_of(d) for d in paid]), len(roles.poor))
    columns = {
        "grant_no": _numbered("JZ", block, rows),
        "resident_id": people.resident_id[who],
        "name": people.name[who],
        "kind": ASSISTANCE[kind],
        "division": people.division[who],
        "month": days(day, "%Y-%m"),
        "amount": yuan(_AMOUNTS[kind]),
        "paid_on": days(day),
        "updated_at": moments(day, dice.integers(9 * 3600, 17 * 3600, rows)),
    }
    return Table("civil_affairs/allowances", columns, who)


def employees(
    block: Block, dice: np.random.Generator, people: People, roles: Roles, units: Text
) -> Table:
    """Posts of the city's departments, those left ones too."""
    who, rows = roles.staff, len(roles.staff)
    joined = np.minimum(people.born[who] + 22 * 366 + dice.integers(0, 900, rows),
                        number_of(block.plan.day) - 500)  # fmt: skip
    columns = {
        "record_no": _numbered("BZ", block, rows),
        "resident_id": people.resident_id[who],
        "name": people.name[who],
        "unit_code": units[dice.integers(0, len(units), rows)],
        "kind": texts(["1", "2"])[dice.integers(0, 2, rows)],
        "since": days(joined),
        "left_on": days(roles.left),
        "updated_at": update_times(block, dice, rows),
    }
    return Table("staffing/employees", columns, who)


def shareholders(
    block: Block, dice: np.random.Generator, people: People, firms: Firms, roles: Roles
) -> Table:
    """Owners by firm; `who` is the firm."""
    rows, state = len(roles.owner), roles.owner < 0
    capital = firms.capital_fen[roles.owned] * roles.share // 100
    columns = {
        "record_no": _numbered("TZ", block, rows),
        "uscc": firms.uscc[roles.owned],
        "holder_kind": chosen(state, same("2", rows), same("1", rows)),
        "holder_id": chosen(~state, people.resident_id[roles.owner]),
        "holder_uscc": chosen(state, same(STATE[0], rows)),
        "holder_name": chosen(state, same(STATE[1], rows), people.name[roles.owner]),
        "share": yuan(roles.share) + "0000",
        "subscribed_wan": yuan(capital),
        "since": days(firms.established[roles.owned]),
        "updated_at": update_times(block, dice, rows),
    }
    return Table("market/shareholders", columns, roles.owned)


def filings(block: Block, dice: np.random.Generator, firms: Firms, tax: Table) -> Table:
    """Four quarters of last year's VAT by every active firm, under its number at the tax office."""
    year = block.plan.day.year - 1
    number = firms.uscc.copy()
    number[tax.who] = tax.columns["tax_id"]
    who = np.repeat(np.flatnonzero(firms.active), 4)
    rows = len(who)
    quarter = np.tile(np.arange(4), rows // 4)
    after = [date(year, 4, 1), date(year, 7, 1), date(year, 10, 1), date(year + 1, 1, 1)]
    ends = np.array([number_of(day) for day in after])
    filed = np.minimum(ends[quarter] + dice.integers(5, 15, rows), number_of(block.plan.day) - 1)
    sales = firms.revenue_fen[who] * 250  # of a yearly thousand yuan
    columns = {
        "filing_no": _numbered("ZZS", block, rows),
        "tax_id": number[who],
        "year": same(str(year), rows),
        "quarter": texts(["1", "2", "3", "4"])[quarter],
        "sales": yuan(sales),
        "tax": yuan(sales * 3 // 100),
        "filed_on": days(filed),
        "updated_at": moments(filed, dice.integers(9 * 3600, 17 * 3600, rows)),
    }
    return Table("tax/filings", columns, who)
