"""The sample city: generate every block, plant its faults, fill every front end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from sample.cases import Case
from sample.databases import create_index, create_table, insert, open_database
from sample.disturbances import LATE, leave_half_files, renamed, troubled_deliveries
from sample.drops import CITY, Delivery, clear_drop
from sample.faults import Fault
from sample.plan import Plan
from sample.quarter import make_quarter
from sample.tables import Table
from sample.target import Target
from sample.truth import write_truth
from schemas.catalog import load_catalog
from schemas.contract import Supply

CATALOG = Path(__file__).parent.parent / "schemas"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class City:
    """What was built: rows per supply, and the planted faults by kind."""

    plan: Plan
    rows: dict[str, int]
    faults: dict[str, int]
    truth: Path


def create(
    target: Target | Path,
    people: int = 20_000,
    seed: int = 1,
    faults: bool = True,
    day: date | None = None,
    progress: Progress | None = None,
) -> City:
    """Build a city of `people` and fill all of its front ends, replacing what stood there.

    The same people, seed, faults and day (default: yesterday) give the same rows. `progress` is
    told (what, done, of how many).
    """
    place = target if isinstance(target, Target) else Target(target)
    plan = Plan(people, seed, faults, day or yesterday())
    catalog = load_catalog(CATALOG, place.home)
    place.folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = dict.fromkeys(catalog.supplies, 0)
    truth: list[Fault] = []
    cases: list[Case] = []
    with ExitStack() as stack:
        connections: dict[str, Connection] = {}
        fronts = {
            supply.name: _open(stack, connections, place, supply, plan)
            for supply in catalog.supplies.values()
        }
        blocks = list(plan.blocks())
        steps = len(blocks) * len(fronts)
        for block in blocks:
            quarter = make_quarter(block, catalog)
            truth += quarter.truth
            cases += quarter.cases
            for step, table in enumerate(quarter.tables.values(), block.index * len(fronts)):
                if progress:
                    progress(table.supply, step, steps)
                fronts[table.supply](table)
                rows[table.supply] += table.rows
    if faults:
        leave_half_files(place, catalog, plan)
        truth += troubled_deliveries(catalog, plan)
    path = write_truth(place.folder, plan, rows, truth, cases)
    return City(plan, rows, counted(truth), path)


def yesterday() -> date:
    """The default first day: its next day is today, so that nothing lies in the future."""
    return datetime.now(CITY).date() - timedelta(days=1)


def counted(truth: list[Fault]) -> dict[str, int]:
    """Planted faults by kind."""
    return dict(Counter(fault.kind for fault in truth))


def _open(
    stack: ExitStack,
    connections: dict[str, Connection],
    target: Target,
    supply: Supply,
    plan: Plan,
) -> Callable[[Table], None]:
    """The supply's front end, emptied, as something that takes rows."""
    department = supply.department.name
    if supply.properties.files:
        day = plan.day - (LATE.get(supply.name, timedelta()) if plan.faults else timedelta())
        aliases = renamed(supply, plan)
        header = [aliases.get(f.column, f.column) for f in supply.fields]
        clear_drop(target.drop(department), supply)
        delivery = stack.enter_context(Delivery(target.drop(department), supply, day, header))
        return lambda table: delivery.write(table.columns)
    url = target.database(department)
    if url not in connections:
        connections[url] = stack.enter_context(open_database(url).begin())
    connection = connections[url]
    create_table(connection, supply, renamed(supply, plan))
    stack.callback(create_index, connection, supply)
    return lambda table: insert(connection, supply, table.columns)
