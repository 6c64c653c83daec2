"""Cases about payments: to the dead, split below the limit; and payments that are in order."""

from __future__ import annotations

import numpy as np

from sample.cases import Casebook, Place
from sample.faults import Planter
from sample.firms import CANCELLED, Firms
from sample.money import ORDINARY, Lines, Payments
from sample.people import People
from sample.plan import Block
from sample.text import Mask, Numbers, date_of, moments, number_of, yuan

TREASURY, BENEFITS, BUDGET = "treasury/payments", "funds/benefits", "budget/allocations"
SPLIT = "split_payment"
BELOW_FEN = 18_000_000  # of a limit of 200,000 yuan
SHORT, LONG = 3, 40  # days between the parts of a payment


def plant_money_cases(
    block: Block,
    book: Casebook,
    payment: Planter,
    people: People,
    firms: Firms,
    lines: Lines,
    paid: Payments,
    count: int,
) -> None:
    """Plant `count` cases of each kind; `payment` knows which payments have a fault already."""
    _pensions(book, payment, people, paid, count)
    _before_the_end(block, book, payment, firms, paid, count)
    kept = {case.key for case in book.cases if case.check == "over_budget_line"}
    ledger = Parts(block, book, payment, lines, paid, kept)
    ledger.split(count)
    ledger.spend_all(count)


def _pensions(book: Casebook, payment: Planter, people: People, paid: Payments, count: int) -> None:
    """Pensions that go on after death; those before it are in order."""
    table = book.tables[BENEFITS]
    for late in (True, False):
        for person in book.person.free(people.died >= 0, count).tolist():
            ends = _month_end(int(people.died[person]))
            fits: Mask = paid.paid_day > ends if late else paid.paid_day < people.died[person]
            for row in payment.rows(table, 1, fits[table.who]):
                order = int(table.who[row])
                number, name = people.resident_id[person], people.name[person]
                here = book.change(BENEFITS, row, resident_id=number, name=name)
                there = book.change(TREASURY, order, payee_resident_id=number, payee_name=name)
                if late:
                    amount = int(paid.amount_fen[order])
                    key = f"{TREASURY}|{paid.number[order]}"
                    book.found("dead_but_paid", key, here, there, amount_fen=amount)
                else:
                    book.missed("dead_but_paid", "died after the payment", here, there)


def _month_end(day: int) -> int:
    """The last day of the month of a day."""
    first = date_of(day).replace(day=1)
    return number_of(date_of(number_of(first) + 32).replace(day=1)) - 1


def _before_the_end(
    block: Block, book: Casebook, payment: Planter, firms: Firms, paid: Payments, count: int
) -> None:
    """Firms that were paid before they were cancelled."""
    table = book.tables[TREASURY]
    late = number_of(block.plan.day) - 120
    gone = (firms.status == CANCELLED) & (firms.cancelled > late)
    for firm in book.firm.free(gone, count).tolist():
        fits = (paid.kind == ORDINARY) & (paid.firm >= 0) & (paid.paid_day < firms.cancelled[firm])
        for row in payment.rows(table, 1, fits[table.who]):
            uscc, name = firms.uscc[firm], firms.name[firm]
            place = book.change(TREASURY, row, payee_uscc=uscc, payee_name=name)
            book.missed("cancelled_but_paid", "paid before the end", place)


class Parts:
    """Payments in parts, each with the budget that they need."""

    def __init__(
        self, block: Block, book: Casebook, payment: Planter, lines: Lines, paid: Payments,
        spoilt: set[str],
    ) -> None:  # fmt: skip
        self.block, self.book, self.payment = block, book, payment
        self.lines, self.paid = lines, paid
        self.spoilt = np.flatnonzero(np.isin(lines.number.tolist(), sorted(spoilt)))
        self.given = 0

    def base(self, count: int) -> list[int]:
        """Orders to firms on lines that balance, with time left for further parts."""
        treasury, paid = self.book.tables[TREASURY], self.paid
        latest = number_of(self.block.plan.day) - LONG - 10
        fits = (paid.kind == ORDINARY) & (paid.firm >= 0) & (paid.paid_day < latest)
        fits &= ~np.isin(paid.line, self.spoilt)
        # Repeated rows share their order: the first of them is the payment itself.
        rows = self.payment.rows(treasury, count, fits[treasury.who])
        return [int(treasury.who[row]) for row in rows]

    def split(self, count: int) -> None:
        """Three parts below the limit; others are of two purposes, far apart, or one is large."""
        for order in self.base(count):
            rows, total = self.pay(order, [BELOW_FEN] * 3, SHORT)
            self.book.found(SPLIT, str(self.paid.number[order]), *rows, amount_fen=total)
        for order in self.base(count):
            rows, _ = self.pay(order, [BELOW_FEN] * 2, SHORT, purpose="另行签约的专项服务费")
            self.book.missed(SPLIT, "of different purposes", *rows)
        for order in self.base(count):
            rows, _ = self.pay(order, [BELOW_FEN] * 2, LONG)
            self.book.missed(SPLIT, "far apart", *rows)
        for order in self.base(count):
            rows, _ = self.pay(order, [900_000, 40_000_000], SHORT)
            self.book.missed(SPLIT, "approved as one above the limit", *rows)

    def pay(
        self, order: int, amounts: list[int], apart: int, purpose: str | None = None
    ) -> tuple[list[Place], int]:
        """Pay the order in parts, the first in place of itself, and give the line what it needs."""
        treasury = self.book.tables[TREASURY]
        places, number = [], str(self.paid.number[order])
        for part, amount in enumerate(amounts):
            day = np.array([self.paid.paid_day[order] + part * apart])
            second = np.array([self.paid.paid_second[order]])
            text = yuan(np.array([amount]))[0]
            cells = {
                "amount": text, "approved_amount": text,
                "paid_at": moments(day, second)[0], "updated_at": moments(day, second)[0],
                "payee_uscc": treasury.columns["payee_uscc"][order],
            }  # fmt: skip
            if part == 0:
                places.append(self.book.change(TREASURY, order, **cells))
                continue
            cells["payment_no"] = f"{number}P{part}"
            if purpose:
                cells["purpose"] = purpose
            places.append(self.book.insert(TREASURY, order, **cells))
        extra = sum(amounts) - int(self.paid.amount_fen[order])
        places.append(self.give(int(self.paid.line[order]), extra))
        return places, sum(amounts)

    def give(self, line: int, fen: int) -> Place:
        """A further allocation to a line."""
        budget = self.book.tables[BUDGET]
        first = int(np.flatnonzero(budget.who == line)[0])
        self.given += 1
        number = f"样财预追〔{self.block.plan.day.year}〕{self.block.index:03d}{self.given:06d}号"
        amount = yuan(np.array([fen]))[0]
        return self.book.insert(BUDGET, first, allocation_no=number, amount=amount)

    def spend_all(self, count: int) -> None:
        """Lines that have paid out all they were given, to the fen."""
        total = np.zeros(len(self.lines.number), dtype=np.int64)
        np.add.at(total, self.paid.line, self.paid.amount_fen)
        touched = set(self.paid.line[self.payment.used].tolist()) | set(self.spoilt.tolist())
        left: Numbers = np.flatnonzero(
            (self.lines.kind == ORDINARY) & (total > 1_000_000)
            & ~np.isin(np.arange(len(total)), sorted(touched))
        )  # fmt: skip
        budget = self.book.tables[BUDGET]
        for line in left[:count].tolist():
            base, extra = np.flatnonzero(budget.who == line)[:2].tolist()
            places = (
                self.book.change(BUDGET, base, amount=yuan(total[[line]] - 100)[0]),
                self.book.change(BUDGET, extra, amount="1.00"),
            )
            self.book.missed("over_budget_line", "spent to the last fen", *places)
