"""One block of the city with everything in it: people, firms, money, and who wrote down what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample import business, drop_offs, projects, residents, support
from sample.cases import Case
from sample.faults import Fault
from sample.firms import Firms, make_firms
from sample.money import Lines, Payments, make_money
from sample.people import People, make_people
from sample.plan import Block
from sample.plant import plant
from sample.tables import Table
from sample.text import Mask, texts
from schemas.contract import Catalog

PEOPLE = (
    residents.police, residents.health, residents.human_resources, residents.education,
    residents.civil_affairs, residents.housing, residents.medical_insurance, residents.transport,
    drop_offs.justice, drop_offs.disabled_federation, drop_offs.veterans, drop_offs.agriculture,
    drop_offs.funeral,
)  # fmt: skip
FIRMS = (business.market, business.tax, business.quality, business.seals, business.statistics)


@dataclass(frozen=True)
class Quarter:
    """`tables` by supply; `spared`: people in whose records nothing was planted."""

    block: Block
    people: People
    firms: Firms
    lines: Lines
    paid: Payments
    tables: dict[str, Table]
    truth: list[Fault]
    cases: list[Case]
    spared: Mask


def make_quarter(block: Block, catalog: Catalog) -> Quarter:
    """The block as it is on the city's first day."""
    people = make_people(block)
    firms = make_firms(block, people)
    units = texts([d.code for _, d in sorted(catalog.departments.items())])
    lines, paid = make_money(block, people, firms, units)
    tables = [
        write(block, block.dice(10 + place), people, firms)
        for place, write in enumerate((*PEOPLE, *FIRMS))
    ]
    tables += [
        business.allocations(block, block.dice(40), lines),
        business.payments(block, block.dice(41), lines, paid, people, firms),
        business.benefits(block, block.dice(42), lines, paid, people),
        business.injections(block, block.dice(43), lines, paid, firms),
    ]
    named = {table.supply: table for table in tables}
    roles = support.make_roles(block, people, firms)
    licensed = projects.licences(block, block.dice(60), firms)
    made = projects.make_projects(block, firms, licensed)
    for table in (
        support.allowances(block, block.dice(61), people, roles),
        support.employees(block, block.dice(62), people, roles, units),
        support.shareholders(block, block.dice(63), people, firms, roles),
        support.filings(block, block.dice(64), firms, named["tax/taxpayers"]),
        licensed,
        projects.projects(block, block.dice(65), made, firms, units),
        projects.progress(block, block.dice(66), made),
        projects.scope(block, lines, paid),
    ):
        named[table.supply] = table
    truth: list[Fault] = []
    cases: list[Case] = []
    spared = np.ones(people.rows, dtype=np.bool_)
    if block.plan.faults:
        truth, cases, touched = plant(
            block, named, catalog.supplies, people, firms, lines, paid, roles, made
        )
        spared = ~touched
    return Quarter(block, people, firms, lines, paid, named, truth, cases, spared)
