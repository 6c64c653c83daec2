"""One block of the city with everything in it: people, firms, money, and who wrote down what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample import business, drop_offs, residents
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
    truth: list[Fault] = []
    spared = np.ones(people.rows, dtype=np.bool_)
    if block.plan.faults:
        truth, touched = plant(block, named, catalog.supplies, people, firms, lines, paid)
        spared = ~touched
    return Quarter(block, people, firms, lines, paid, named, truth, spared)
