"""What happens in one block from one day to the next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from sample.day_cases import pay_again, report_late
from sample.faults import Fault
from sample.identifiers import resident_ids
from sample.money import ORDINARY
from sample.people import FEMALE, SPARE_SEQUENCE
from sample.quarter import Quarter
from sample.tables import Table
from sample.text import date_of, number_of

MOVES = 1 / 400  # of the people a day
BIRTHS = 1 / 2_000
LEAVERS = 1 / 1_000
PAYMENTS = 1 / 5  # of the budget lines
MENDED = 1 / 2  # of the wrong check digits of these
MENDERS = ("police/residents", "health/patients", "human_resources/insured", "market/enterprises")
NIGHT_S = 300  # a city that has lived up to today has no row from the future
STAMP = "%Y-%m-%d %H:%M:%S"
WITHIN_OVERLAP = timedelta(minutes=30)  # the contracts read one hour again
BEYOND_OVERLAP = timedelta(days=5)  # only a comparison of all keys finds it


@dataclass
class Changes:
    """Rows of one table that are new or different (places), and keys that are gone."""

    inserted: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


class Day:
    """One day of one quarter: events change its tables in place and are noted per supply."""

    def __init__(self, quarter: Quarter, day: int) -> None:
        self.quarter, self.day = quarter, day
        self.dice = quarter.block.dice(1000 + day)
        self.number = number_of(quarter.block.plan.day) + day - 1
        self.changes: dict[str, Changes] = {name: Changes() for name in quarter.tables}
        self.newest = {
            name: max(table.columns["updated_at"].tolist())
            for name, table in quarter.tables.items()
            if "updated_at" in table.columns and table.rows
        }

    def stamp(self) -> str:
        """Some moment in the first minutes of this day, when the nightly jobs run."""
        second = int(self.dice.integers(0, NIGHT_S))
        return (datetime(1900, 1, 1) + timedelta(days=self.number, seconds=second)).strftime(STAMP)

    def write(self, supply: str, row: int, /, **cells: str | None) -> None:
        """Update one row, and its time of update where the table has one."""
        columns = self.quarter.tables[supply].columns
        if "updated_at" in columns:
            cells["updated_at"] = self.stamp()
        for field_name, cell in cells.items():
            columns[field_name][row] = cell
        changes = self.changes[supply]
        if row not in changes.inserted and row not in changes.updated:
            changes.updated.append(row)

    def insert(self, supply: str, row: int, /, **cells: str | None) -> int:
        """Insert a copy of a row with other cells."""
        table = self.quarter.tables[supply]
        if "updated_at" in table.columns:
            cells.setdefault("updated_at", self.stamp())
        place = table.append(row, **cells)
        self.changes[supply].inserted.append(place)
        return place

    def remove(self, name: str, rows: list[int], key: str) -> None:
        """Delete rows."""
        table = self.quarter.tables[name]
        self.changes[name].deleted += [str(table.columns[key][row]) for row in rows]
        keep = np.ones(table.rows, dtype=np.bool_)
        keep[rows] = False
        for field_name, column in table.columns.items():
            table.columns[field_name] = column[keep]
        table.who = table.who[keep]


def live(quarter: Quarter, day: int) -> tuple[dict[str, Changes], list[Fault]]:
    """Let one day pass; returns what changed, and what was planted or mended on it.

    Nothing that a day changes is about a person with a fault of the first day, except mending.
    Deletions come first, since they move rows.
    """
    today = Day(quarter, day)
    _leave(today)
    truth = _mend(today)
    _move(today)
    _births(today)
    _pay(today)
    if quarter.block.plan.faults:
        truth += _late_rows(today)
        report_late(today)
        pay_again(today)
    return today.changes, truth


def _some(today: Day, table: Table, share: float, at_least: int) -> list[int]:
    """Places of rows about people without a fault."""
    rows = np.flatnonzero(today.quarter.spared[table.who])
    count = max(at_least, round(len(rows) * share))
    return [int(row) for row in rows[today.dice.permutation(len(rows))[:count]]]


def _leave(today: Day) -> None:
    """Houses are sold and insurances end: rows are deleted for good."""
    for name, key in (
        ("housing/owners", "certificate_no"),
        ("medical_insurance/insured", "resident_id"),
        ("health/patients", "record_no"),
    ):
        today.remove(name, _some(today, today.quarter.tables[name], LEAVERS, 1), key)


def _move(today: Day) -> None:
    """People move, and all departments that know their address learn of it."""
    quarter = today.quarter
    police = quarter.tables["police/residents"]
    for row in _some(today, police, MOVES, 2):
        who, old = police.who[row], police.columns["address"][row]
        new = old.replace("路", f"路{today.day}0", 1)
        for name, table in quarter.tables.items():
            if "address" in table.columns and "resident_id" in table.columns:
                for place in np.flatnonzero(table.who == who).tolist():
                    if table.columns["address"][place] == old:
                        today.write(name, place, address=new)


def _births(today: Day) -> None:
    """Children are born, registered and insured."""
    quarter, block = today.quarter, today.quarter.block
    police = quarter.tables["police/residents"]
    insured = quarter.tables["medical_insurance/insured"]
    slots = SPARE_SEQUENCE // 2 // block.plan.block_count
    age = quarter.people.age[insured.who]
    fit = quarter.spared & (quarter.people.sex == FEMALE)
    women = np.flatnonzero(fit[insured.who] & (age >= 22) & (age < 40))
    count = min(slots, max(1, round(insured.rows * BIRTHS)))
    mothers = women[today.dice.permutation(len(women))[:count]].tolist()
    born = date_of(today.number)
    for order, row in enumerate(mothers):
        who = int(insured.who[row])
        girl = bool(today.dice.integers(0, 2))
        sequence = (block.index * slots + order) * 2 + (not girl)
        division = int(police.columns["division"][who])
        number = resident_ids(np.array([division]), np.array([today.number]), np.array([sequence]))[
            0
        ]
        name = police.columns["name"][who] + ("安" if girl else "宁")
        today.insert(
            "police/residents", who, resident_id=number, name=name, sex="2" if girl else "1",
            birth_date=born.strftime("%Y%m%d"),
            record_no=f"JM{today.day:02d}{block.index:03d}{order:05d}N",
        )  # fmt: skip
        today.insert(
            "medical_insurance/insured", row, resident_id=number, name=name,
            sex="F" if girl else "M", birth_date=born.strftime("%Y/%m/%d"), insurance_type="390",
        )  # fmt: skip


def _pay(today: Day) -> None:
    """One small payment on some lines, well within what they have left."""
    quarter = today.quarter
    treasury = quarter.tables["treasury/payments"]
    # A line that was over budget or has faults stays as it is, so that its finding does.
    broken = {fault.key for fault in quarter.truth}
    broken |= {key for case in quarter.cases for _, key in case.rows}
    sound = [
        row for row in np.flatnonzero(quarter.paid.kind == ORDINARY).tolist()
        if treasury.columns["payment_no"][row] not in broken
        and treasury.columns["line_no"][row] not in broken
    ]  # fmt: skip
    _, first = np.unique(quarter.paid.line[sound], return_index=True)
    count = max(1, round(len(first) * PAYMENTS))
    for order, place in enumerate(first[today.dice.permutation(len(first))[:count]].tolist()):
        stamp = today.stamp()
        today.insert(
            "treasury/payments", sound[place], amount="0.10", approved_amount="0.10",
            payment_no=f"ZF{today.day:02d}{quarter.block.index:03d}{order:07d}N",
            paid_at=stamp, updated_at=stamp,
        )  # fmt: skip


def _mend(today: Day) -> list[Fault]:
    """Some departments correct half of their wrong check digits."""
    quarter = today.quarter
    mended = []
    open_faults = [
        f for f in quarter.truth
        if f.kind == "wrong_check_digit" and f.supply in MENDERS and not f.until
    ]  # fmt: skip
    for fault in open_faults[: round(len(open_faults) * MENDED)]:
        table = quarter.tables[fault.supply]
        for row in range(table.rows):
            cells = {column[row] for column in table.columns.values()}
            if fault.key in cells and table.columns[fault.field][row] != fault.other:
                today.write(fault.supply, row, **{fault.field: fault.other})
                break
        mended.append(replace(fault, until=today.day))
        quarter.truth[quarter.truth.index(fault)] = mended[-1]
    return mended


def _late_rows(today: Day) -> list[Fault]:
    """Rows entered yesterday's way: their time lies before what the hub has already read."""
    table = today.quarter.tables["health/patients"]
    newest = datetime.strptime(today.newest["health/patients"], STAMP)
    police = today.quarter.tables["police/residents"]
    truth = []
    known = set(table.who.tolist())
    spared = today.quarter.spared & today.quarter.people.alive
    absent = [p for p in np.flatnonzero(spared).tolist() if p not in known][:2]
    for person, (kind, back, expect) in zip(
        absent,
        (
            ("late_row", WITHIN_OVERLAP, "overlap"),
            ("late_row", BEYOND_OVERLAP, "key_comparison"),
        ),
        strict=False,
    ):
        key = f"DAL{today.day:02d}{today.quarter.block.index:03d}{expect[0]}"
        people = today.quarter.people
        place = today.insert(
            "health/patients", 0, record_no=key, resident_id=people.resident_id[person],
            name=people.name[person], sex="男" if people.sex[person] == "1" else "女",
            birth_date=date_of(people.born[person]).isoformat(), phone=people.phone[person],
            address=police.columns["address"][person], updated_at=(newest - back).strftime(STAMP),
        )  # fmt: skip
        table.who[place] = person
        truth.append(Fault(kind, "health/patients", key, "updated_at", "batch", expect,
                           day=today.day))  # fmt: skip
    return truth
