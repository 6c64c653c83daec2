"""Licences of firms, the city's investment projects, their progress, and what auditors look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample import words
from sample.firms import Firms
from sample.money import Lines, Payments
from sample.plan import Block
from sample.residents import _numbered
from sample.tables import Table, update_times
from sample.text import (
    Numbers,
    Text,
    chosen,
    days,
    moments,
    number_of,
    padded,
    plain,
    same,
    texts,
    yuan,
)  # fmt: skip

BUILDERS = ("47", "48", "50")  # trades that build
FOOD = ("13", "14", "62")
HIGH_TECH = ("26", "27", "34", "38", "39", "64", "65")
CONSTRUCTION, FOOD_BUSINESS, HIGH_TECH_FIRM = "11", "21", "51"
VALID, REVOKED = "1", "2"
PREPARED, BUILDING, SUSPENDED, FINISHED = "1", "2", "3", "4"
REPORTS = 3  # of every project that has begun, a month apart
FEWEST_PAYMENTS = 5  # of a fund in scope: one in quarantine must not look like none


@dataclass(frozen=True)
class Projects:
    """Columns over the block's projects; `firm` builds."""

    number: Text
    title: Text
    firm: Numbers
    licence: Text
    investment: Numbers  # hundredths of ten thousand yuan
    status: Text
    started: Numbers  # -1: not yet
    finished: Numbers

    @property
    def rows(self) -> int:
        return len(self.number)


def make_projects(block: Block, firms: Firms, licensed: Table) -> Projects:
    """One project per 250 people, built by firms whose licence covers the time."""
    dice = block.dice(5)
    rows = max(24, block.people // 250)
    day = number_of(block.plan.day)
    fit = np.flatnonzero(licensed.columns["kind"] == CONSTRUCTION)
    held = fit[dice.integers(0, len(fit), rows)]
    status = texts([PREPARED, BUILDING, SUSPENDED, FINISHED])[
        dice.choice(4, size=rows, p=[0.1, 0.65, 0.05, 0.2])
    ]
    started = day - dice.integers(200, 900, rows)
    year = block.plan.day.year
    place = texts([name for _, name, _ in words.DISTRICTS])[dice.integers(0, 10, rows)]
    what = texts(["道路改造工程", "学校新建工程", "医院扩建工程", "管网更新工程", "保障性住房工程"])
    return Projects(
        number=f"{year - 3}-990100-48-01-{block.index:03d}" + padded(np.arange(rows), 5),
        title="样例市" + place + texts(words.STREETS)[dice.integers(0, 20, rows)]
        + what[dice.integers(0, len(what), rows)],
        firm=licensed.who[held],
        licence=licensed.columns["licence_no"][held],
        investment=np.round(10 ** dice.uniform(4.7, 6.7, rows)).astype(np.int64),
        status=status,
        started=np.where(status == PREPARED, -1, started),
        finished=np.where(status == FINISHED, started + 150, -1),
    )  # fmt: skip


def licences(block: Block, dice: np.random.Generator, firms: Firms) -> Table:
    """One licence for every firm of a trade that needs one, and for half of the high-tech ones."""
    day = number_of(block.plan.day)
    builds = firms.active & np.isin(firms.industry.tolist(), BUILDERS)
    if not builds.any():
        builds = firms.active.copy()
    cooks = firms.active & np.isin(firms.industry.tolist(), FOOD) & ~builds
    clever = firms.active & np.isin(firms.industry.tolist(), HIGH_TECH) & ~builds
    clever &= dice.random(firms.rows) < 0.5
    who = np.flatnonzero(builds | cooks | clever)
    rows = len(who)
    kind = chosen(builds[who], same(CONSTRUCTION, rows), chosen(
        cooks[who], same(FOOD_BUSINESS, rows), same(HIGH_TECH_FIRM, rows)))  # fmt: skip
    # A builder's covers every project; of the others some have run out.
    since = np.where(builds[who], day - 1200, day - dice.integers(200, 1500, rows))
    until = np.where(builds[who], day + 600, since + 3 * 365)
    columns = {
        "record_no": _numbered("XK", block, rows),
        "licence_no": "D9901" + kind + f"{block.index:03d}" + padded(np.arange(rows), 7),
        "kind": kind,
        "uscc": firms.uscc[who],
        "holder_name": firms.name[who],
        "valid_from": days(since),
        "valid_to": days(until),
        "status": same(VALID, rows),
        "ended_on": same(None, rows),
        "updated_at": update_times(block, dice, rows),
    }
    return Table("approval/licences", columns, who)


def projects(
    block: Block, dice: np.random.Generator, made: Projects, firms: Firms, units: Text
) -> Table:
    rows, day = made.rows, number_of(block.plan.day)
    columns = {
        "project_no": made.number,
        "name": made.title,
        "owner_code": units[dice.integers(0, len(units), rows)],
        "contractor_uscc": firms.uscc[made.firm],
        "licence_no": made.licence,
        "investment_wan": yuan(made.investment),
        "status": made.status,
        "approved_on": days(np.where(made.started < 0, day, made.started) - 90),
        "started_on": days(made.started),
        "finished_on": days(made.finished),
        "updated_at": update_times(block, dice, rows),
    }
    return Table("development/projects", columns, np.arange(rows))


def progress(block: Block, dice: np.random.Generator, made: Projects) -> Table:
    """The newest monthly reports of every project that has begun; `who` is the project."""
    begun = np.flatnonzero(made.started >= 0)
    who = np.repeat(begun, REPORTS)
    rows = len(who)
    order = np.tile(np.arange(REPORTS), len(begun))
    newest = np.where(made.finished >= 0, made.finished, number_of(block.plan.day) - 6)[who]
    day = newest - 30 * (REPORTS - 1 - order) - dice.integers(0, 5, rows)
    percent = np.where(made.finished[who] >= 0, 100, dice.integers(10, 60, len(begun)).repeat(3))
    percent = np.minimum(percent + 5 * order, 100)
    columns = {
        "report_no": _numbered("JD", block, rows),
        "project_no": made.number[who],
        "percent": plain(percent),
        "invested_wan": yuan(made.investment[who] * percent // 100),
        "reported_on": days(day),
        "updated_at": moments(day, dice.integers(9 * 3600, 17 * 3600, rows)),
    }
    return Table("development/progress", columns, who)


def scope(block: Block, lines: Lines, paid: Payments) -> Table:
    """The funds that are paid from, and the units that spend them."""
    count = np.bincount(paid.line, minlength=len(lines.number))
    line = np.flatnonzero(count >= FEWEST_PAYMENTS)
    units = sorted(set(lines.unit_code.tolist())) if block.index == 0 else []
    rows = len(line) + len(units)
    unit = np.arange(rows) >= len(line)
    number, title, code = (same(None, rows) for _ in range(3))
    number[: len(line)], title[: len(line)] = lines.number[line], lines.title[line]
    code[: len(line)] = lines.unit_code[line]
    code[len(line) :] = units
    title[len(line) :] = "预算单位"
    columns = {
        "item_no": _numbered("DX", block, rows),
        "kind": chosen(unit, same("unit", rows), same("fund", rows)),
        "unit_code": code,
        "line_no": number,
        "title": title,
        "scope_to": same(None, rows),
        "scope_from": same(f"{block.plan.day.year - 1}-01-01", rows),
    }
    return Table("audit/scope", columns, np.arange(rows))
