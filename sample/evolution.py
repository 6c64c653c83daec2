"""Lets days pass in a city that stands already."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from sample.cases import Case
from sample.city import CATALOG, City, Progress, counted
from sample.databases import delete, insert, open_database, update
from sample.disturbances import finish_half_files, renamed, troubled_deliveries
from sample.drops import Delivery
from sample.faults import Fault
from sample.next_day import Changes, live
from sample.plan import Plan
from sample.quarter import make_quarter
from sample.tables import Table
from sample.target import Target
from sample.text import Columns
from sample.truth import read_truth, write_truth
from schemas.catalog import load_catalog
from schemas.contract import Supply


def evolve(target: Target | Path, day: int = 2, progress: Progress | None = None) -> City:
    """Let the city live up to its `day`-th day; what happened is determined by its plan.

    Databases receive inserts, updates and physical deletes; departments with files deliver the
    whole table again each day. The truth file then tells of all days. Days already lived are not
    lived again.
    """
    place = target if isinstance(target, Target) else Target(target)
    known = read_truth(place.folder)
    plan = Plan(known["people"], known["seed"], known["faults"], date.fromisoformat(known["day"]))
    catalog = load_catalog(CATALOG, place.home)
    lived = int(known["days"])
    truth: list[Fault] = []
    cases: list[Case] = []
    rows = dict.fromkeys(catalog.supplies, 0)
    with ExitStack() as stack:
        connections: dict[str, Connection] = {}
        drops = {
            (supply.name, today): _delivery(stack, place, supply, plan, today)
            for supply in catalog.supplies.values() if supply.properties.files
            for today in range(lived + 1, day + 1)
        }  # fmt: skip
        for block in plan.blocks():
            quarter = make_quarter(block, catalog)
            later: list[Fault] = []
            if progress:
                progress(f"quarter {block.index + 1}", block.index, plan.block_count)
            for today in range(2, day + 1):
                changes, happened = live(quarter, today)
                later += [fault for fault in happened if fault.day == today]
                if today <= lived:
                    continue
                for supply in catalog.supplies.values():
                    table = quarter.tables[supply.name]
                    if supply.properties.files:
                        drops[supply.name, today].write(table.columns)
                    else:
                        url = place.database(supply.department.name)
                        connection = _connection(stack, connections, url)
                        _apply(connection, supply, table, changes[supply.name], plan)
            truth += [*quarter.truth, *later]
            cases += quarter.cases
            for name, table in quarter.tables.items():
                rows[name] += table.rows
    if plan.faults:
        finish_half_files(place, catalog, plan)
        truth += [replace(f, until=2 if f.stage == "batch" else 0)
                  for f in troubled_deliveries(catalog, plan)]  # fmt: skip
    path = write_truth(place.folder, plan, rows, truth, cases, max(day, lived))
    return City(plan, rows, counted(truth), path)


def _delivery(stack: ExitStack, target: Target, supply: Supply, plan: Plan, today: int) -> Delivery:
    names = renamed(supply, plan)
    header = [names.get(f.column, f.column) for f in supply.fields]
    folder = target.drop(supply.department.name)
    day = plan.day + timedelta(days=today - 1)
    return stack.enter_context(Delivery(folder, supply, day, header))


def _connection(stack: ExitStack, connections: dict[str, Connection], url: str) -> Connection:
    if url not in connections:
        connections[url] = stack.enter_context(open_database(url).begin())
    return connections[url]


def _apply(
    connection: Connection, supply: Supply, table: Table, changes: Changes, plan: Plan
) -> None:
    delete(connection, supply, changes.deleted)
    names = renamed(supply, plan)
    update(connection, supply, _part(table, changes.updated), names)
    insert(connection, supply, _part(table, changes.inserted))


def _part(table: Table, rows: list[int]) -> Columns:
    places = np.array(rows, dtype=np.int64)
    return {name: column[places] for name, column in table.columns.items()}
