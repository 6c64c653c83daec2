"""Cases about firms, the projects that they build, and what auditors look at."""

from __future__ import annotations

import numpy as np

from sample.cases import Casebook
from sample.firms import REVOKED, SPARE, Firms
from sample.identifiers import usccs
from sample.plan import Block
from sample.projects import BUILDING, PREPARED, SUSPENDED, Projects
from sample.projects import REVOKED as WITHDRAWN
from sample.text import Mask, date_of, number_of

TAX, FILINGS = "tax/taxpayers", "tax/filings"
UNITS, MARKET = "statistics/units", "market/enterprises"
LICENCES, PROJECTS, PROGRESS = "approval/licences", "development/projects", "development/progress"
SCOPE = "audit/scope"
NO_TAX, NO_FILING = "no_tax_registration", "revenue_without_filing"
LICENCE, REPORT, COVERAGE = "licence_not_valid", "project_without_progress", "scope_not_covered"
LARGE = 300_000  # thirty million, in hundredths of ten thousand yuan
ASKED_DAYS = 100  # begun longer ago than this, a project must have reported


def plant_firm_cases(
    block: Block, book: Casebook, firms: Firms, made: Projects, count: int
) -> None:
    """Plant `count` cases of each kind about firms, projects and scope, and near misses."""
    builders = np.zeros(firms.rows, dtype=np.bool_)
    builders[made.firm] = True
    _tax(block, book, firms, builders, count)
    _projects(block, book, made, count)
    _scope(block, book)


def _about(book: Casebook, supply: str, firms: Firms) -> Mask:
    mask = np.zeros(firms.rows, dtype=np.bool_)
    mask[book.tables[supply].who] = True
    return mask


def _forget(book: Casebook, firm: int, *supplies: str) -> None:
    """Remove all rows about a firm."""
    for supply in supplies:
        table = book.tables[supply]
        table.keep(table.who != firm)


def _tax(block: Block, book: Casebook, firms: Firms, builders: Mask, count: int) -> None:
    known, counted = _about(book, TAX, firms), _about(book, UNITS, firms)
    plain = known & ~counted & ~builders
    sealed = _about(book, "police/seals", firms)
    register = {int(firm): row for row, firm in enumerate(book.tables[MARKET].who.tolist())}
    for firm in book.firm.free(plain & firms.active, count).tolist():
        _forget(book, firm, TAX, FILINGS)
        book.found(NO_TAX, str(firms.uscc[firm]))
    for firm in book.firm.free(plain & (firms.status == REVOKED), count).tolist():
        _forget(book, firm, TAX)
        book.missed(NO_TAX, "its licence has been revoked", book.place(MARKET, register[firm]))
    young = plain & firms.active & ~firms.old & ~sealed
    for firm in book.firm.free(young, count).tolist():
        _forget(book, firm, TAX, FILINGS)
        day = date_of(number_of(block.plan.day) - 10).isoformat()
        place = book.change(MARKET, register[firm], established_on=day)
        book.missed(NO_TAX, "founded this month", place)
    earning = known & counted & ~builders & firms.active
    for firm in book.firm.free(earning, count).tolist():
        _forget(book, firm, FILINGS)
        book.found(NO_FILING, str(firms.uscc[firm]))
    units = {int(firm): row for row, firm in enumerate(book.tables[UNITS].who.tolist())}
    for firm in book.firm.free(earning, count).tolist():
        _forget(book, firm, FILINGS)
        place = book.change(UNITS, units[firm], revenue_qian="0.00")
        book.missed(NO_FILING, "no revenue", place)
    for firm in book.firm.free(earning & firms.old, count).tolist():
        table = book.tables[FILINGS]
        rows = np.flatnonzero(table.who == firm).tolist()
        table.columns["tax_id"][rows] = firms.tax_id_15[firm]
        places = [book.place(FILINGS, row) for row in rows]
        book.missed(NO_FILING, "filed under the old number", *places)


def _projects(block: Block, book: Casebook, made: Projects, count: int) -> None:
    day = number_of(block.plan.day)
    order = block.dice(71).permutation(made.rows)
    large = made.investment >= LARGE
    building = made.status == BUILDING
    used = np.zeros(made.rows, dtype=np.bool_)

    def take(fits: Mask) -> list[int]:
        rows = [row for row in order.tolist() if fits[row] and not used[row]][:count]
        used[rows] = True
        return rows

    def licence(project: int, order: str, **cells: str | None) -> tuple[str, str]:
        held = next(
            row for row, number in enumerate(book.column(LICENCES, "licence_no"))
            if number == made.licence[project]
        )  # fmt: skip
        record = f"XKB{block.index:03d}{project:05d}{order}"
        return book.insert(LICENCES, held, None, record_no=record, **cells)

    def rely(project: int, number: str) -> tuple[str, str]:
        return book.change(PROJECTS, project, licence_no=number)

    def date(number: int) -> str:
        return date_of(number).isoformat()

    def silence(project: int) -> None:
        table = book.tables[PROGRESS]
        table.keep(table.who != project)

    for project in take(large & building):
        silence(project)
        book.found(REPORT, str(made.number[project]), book.place(PROJECTS, project))
    for project in take(building & ~large):
        silence(project)
        place = book.change(PROJECTS, project, investment_wan="2999.99")
        book.missed(REPORT, "smaller than thirty million", place)
    for project in take(large & building):
        silence(project)
        place = book.change(PROJECTS, project, started_on=date(day - 20))
        book.missed(REPORT, "begun this month", place)
    for project in take(large & building):
        silence(project)
        place = book.change(PROJECTS, project, status=SUSPENDED)
        book.missed(REPORT, "suspended", place)
    begun = made.status != PREPARED
    for number, project in enumerate(take(begun)):
        start, held = int(made.started[project]), f"D9901{block.index:03d}B{project:07d}"
        ended = {"status": WITHDRAWN, "ended_on": date(start - 30)} if number % 2 else {}
        place = licence(
            project, "A", licence_no=held, valid_from=date(start - 1200),
            valid_to=date(start + 300 if ended else start - 15), **ended,
        )  # fmt: skip
        book.found(LICENCE, f"{made.number[project]}|{held}", place, rely(project, held))
    for project in take(begun):
        start, held = int(made.started[project]), f"D9901{block.index:03d}C{project:07d}"
        spans = {"A": (start - 1200, start - 9), "B": (start - 8, start + 900)}
        places = [
            licence(project, part, licence_no=held, valid_from=date(since), valid_to=date(until))
            for part, (since, until) in spans.items()
        ]
        book.missed(LICENCE, "renewed in time", *places, rely(project, held))
    for project in take(begun):
        start, held = int(made.started[project]), f"D9901{block.index:03d}D{project:07d}"
        place = licence(
            project, "A", licence_no=held, valid_from=date(start - 300),
            valid_to=date(start + 900), status=WITHDRAWN, ended_on=date(start + 90),
        )  # fmt: skip
        book.missed(LICENCE, "revoked after the start", place, rely(project, held))


def _scope(block: Block, book: Casebook) -> None:
    year, day = block.plan.day.year, number_of(block.plan.day)
    prefix = f"{block.index:03d}"
    nobody = np.array([990102, 990103]), np.array([2, 3]) * SPARE + block.index
    codes = usccs("12", *nobody, np.array([True, True]))
    line = f"{year}-{prefix}-9"
    for number, (why, cells) in enumerate((
        ("", {"kind": "unit", "unit_code": codes[0], "line_no": None, "title": "市样例事务中心"}),
        ("", {"kind": "fund", "line_no": line + "0001", "title": "惠企专项"}),
        ("", {"kind": "fund", "line_no": line + "0002", "title": "惠农专项"}),
        ("taken out of scope", {
            "kind": "unit", "unit_code": codes[1], "line_no": None, "title": "市样例服务中心",
            "scope_to": date_of(day - 100).isoformat(),
        }),
        ("not yet in scope", {
            "kind": "fund", "line_no": line + "0003", "title": "下年专项",
            "scope_from": f"{year + 1}-06-01",
        }),
    )):  # fmt: skip
        item = f"DXB{prefix}{number:05d}"
        place = book.insert(SCOPE, 0, item_no=item, **cells)
        if why:
            book.missed(COVERAGE, why, place)
        else:
            book.found(COVERAGE, item, place)
