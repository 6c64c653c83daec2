"""Cases about social assistance: who must not get it, or not twice; and those who may."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from sample.cases import Casebook, Place
from sample.firms import CANCELLED, Firms
from sample.people import People
from sample.plan import Block
from sample.support import BUSINESS, CARE, DISABLED, HARDSHIP, SUBSISTENCE, Roles, pay_days
from sample.text import Mask, Numbers, date_of, number_of

TABLE = "civil_affairs/allowances"
OWNERS, STAFF = "market/shareholders", "staffing/employees"
SUBSIDY = "subsidy_to_owner_or_employee"
DEAD = "dead_but_paid"
MONTH = "%Y-%m"


def plant_people_cases(
    block: Block, book: Casebook, people: People, firms: Firms, roles: Roles, count: int
) -> None:
    """Plant `count` cases of each kind about people, and near misses."""
    grants = Grants(block, book, people)
    _excluding(grants, count)
    _two_districts(grants, count)
    _owners(grants, firms, roles, count)
    _employees(grants, roles, count)
    _dead(grants, count)


class Grants:
    """Writes payments of social assistance."""

    def __init__(self, block: Block, book: Casebook, people: People) -> None:
        self.block, self.book, self.people = block, book, people
        self.days = pay_days(block.plan.day)
        self.last = self.days[-1]
        self.written = 0

    def recipients(self, kind: str, count: int) -> list[int]:
        """Rows of the newest month of some who get this kind and have no fault yet."""
        columns = self.book.tables[TABLE].columns
        month = self.last.strftime(MONTH)
        fits: Mask = (columns["kind"] == kind) & (columns["month"] == month)
        return self.book.person.rows(self.book.tables[TABLE], count, fits)

    def pay(
        self, person: int, kind: str, amount_fen: int, day: date, division: str | None = None
    ) -> Place:
        """One more payment to a person."""
        self.written += 1
        return self.book.insert(
            TABLE, 0, person,
            grant_no=f"JZB{self.block.index:03d}{self.written:08d}",
            resident_id=self.people.resident_id[person], name=self.people.name[person],
            kind=kind, division=division or self.people.division[person],
            month=day.strftime(MONTH), amount=f"{amount_fen // 100}.{amount_fen % 100:02d}",
            paid_on=day.isoformat(), updated_at=f"{day.isoformat()} 10:00:00",
        )  # fmt: skip

    def number(self, person: int) -> str:
        return str(self.people.resident_id[person])


def _excluding(grants: Grants, count: int) -> None:
    """Two kinds of which one excludes the other, in one month."""
    book, who = grants.book, grants.book.tables[TABLE].who
    for row in grants.recipients(SUBSISTENCE, count):
        person = int(who[row])
        more = grants.pay(person, HARDSHIP, 98_000, grants.last)
        key = f"{grants.number(person)}|{SUBSISTENCE}|{HARDSHIP}"
        book.found("exclusive_subsidies", key, more, amount_fen=65_000)
    for row in grants.recipients(CARE, max(1, count // 2)):
        person = int(who[row])
        both = [grants.pay(person, HARDSHIP, 98_000, day) for day in grants.days[-2:]]
        key = f"{grants.number(person)}|{HARDSHIP}|{CARE}"
        book.found("exclusive_subsidies", key, *both, amount_fen=24_000)
    for row in grants.recipients(SUBSISTENCE, count):
        more = grants.pay(int(who[row]), DISABLED, 10_000, grants.last)
        book.missed("exclusive_subsidies", "the two kinds go together", more)
    for row in grants.recipients(SUBSISTENCE, count):
        place = book.change(TABLE, row, kind=HARDSHIP, amount="980.00")
        book.missed("exclusive_subsidies", "one after the other", place)


def _two_districts(grants: Grants, count: int) -> None:
    book, who = grants.book, grants.book.tables[TABLE].who
    for row in grants.recipients(SUBSISTENCE, count):
        person = int(who[row])
        there = _elsewhere(grants, person)
        more = [grants.pay(person, SUBSISTENCE, 65_000, day, there) for day in grants.days[-2:]]
        key = f"{grants.number(person)}|{SUBSISTENCE}"
        book.found("paid_in_two_districts", key, *more, amount_fen=130_000)
    for row in grants.recipients(SUBSISTENCE, count):
        place = book.change(TABLE, row, division=_elsewhere(grants, int(who[row])))
        book.missed("paid_in_two_districts", "moved to another district", place)


def _elsewhere(grants: Grants, person: int) -> str:
    return "990103" if grants.people.division[person] != "990103" else "990104"


def _owners(grants: Grants, firms: Firms, roles: Roles, count: int) -> None:
    """Owners of a company that does business; not of one that is gone, nor of a market stall."""
    book = grants.book
    held = np.bincount(roles.owner[roles.owner >= 0], minlength=grants.people.rows)
    once = (roles.owner >= 0) & (held[roles.owner] == 1)
    stall = (firms.legal_form == BUSINESS)[roles.owned]
    active = firms.active[roles.owned]
    first = number_of(grants.days[0])
    gone = ((firms.status == CANCELLED) & (firms.cancelled < first))[roles.owned]
    for row in _holdings(book, roles, once & active & ~stall, count):
        person = int(roles.owner[row])
        paid = [grants.pay(person, SUBSISTENCE, 65_000, day) for day in grants.days[-2:]]
        key = "|".join(book.place(OWNERS, row))
        book.found(SUBSIDY, key, *paid, amount_fen=130_000)
    for fits, why in (
        (once & gone, "the firm was cancelled before"),
        (once & active & stall, "self-employed"),
    ):
        for row in _holdings(book, roles, fits, count):
            paid_now = grants.pay(int(roles.owner[row]), SUBSISTENCE, 65_000, grants.last)
            book.missed(SUBSIDY, why, paid_now)


def _holdings(book: Casebook, roles: Roles, fits: Mask, count: int) -> list[int]:
    """Rows of owners of which neither person nor firm has a fault yet; both have one from now."""
    rows = np.flatnonzero(fits & ~book.person.used[roles.owner] & ~book.firm.used[roles.owned])
    taken: Numbers = rows[book.person.dice.permutation(len(rows))[:count]]
    book.person.used[roles.owner[taken]] = True
    book.firm.used[roles.owned[taken]] = True
    return [int(row) for row in taken]


def _employees(grants: Grants, roles: Roles, count: int) -> None:
    book, table = grants.book, grants.book.tables[STAFF]
    for row in book.person.rows(table, count, roles.left < 0):
        paid = grants.pay(int(table.who[row]), HARDSHIP, 98_000, grants.last)
        key = "|".join(book.place(STAFF, row))
        book.found(SUBSIDY, key, paid, amount_fen=98_000)
    for row in book.person.rows(table, count, roles.left >= 0):
        paid = grants.pay(int(table.who[row]), HARDSHIP, 98_000, grants.last)
        book.missed(SUBSIDY, "left the post before", paid)


def _dead(grants: Grants, count: int) -> None:
    """Assistance after the month of death; that of the month itself is due."""
    book, people = grants.book, grants.people
    month = number_of(grants.last.replace(day=1))
    gone = (people.died >= 0) & (people.died < month)
    for person in book.person.free(gone, count).tolist():
        paid = grants.pay(person, SUBSISTENCE, 65_000, grants.last)
        book.found(DEAD, "|".join(paid), paid, amount_fen=65_000)
    for place, person in enumerate(book.person.free(gone, 2 * count).tolist()):
        begins = date_of(people.died[person]).replace(day=1)
        if place % 2:
            paid = grants.pay(person, SUBSISTENCE, 65_000, begins - timedelta(days=1))
            book.missed(DEAD, "died after the payment", paid)
        else:
            ends = (begins + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            paid = grants.pay(person, SUBSISTENCE, 65_000, ends)
            book.missed(DEAD, "the month of death", paid)
