"""How often departments agree: the room's comparisons, references and balances, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from duckdb import DuckDBPyConnection

from hub.reconcile.golden import givers
from hub.reconcile.plan import Golden, Plan
from hub.reconcile.references import table
from hub.records import Measure

Found = dict[tuple[str, str | None, str | None], int]
"""Discrepancies by (kind, field, supply)."""


def count_measures(
    connection: DuckDBPyConnection, plan: Plan, filled: Iterable[Golden], balanced: bool, list_: str
) -> tuple[Measure, ...]:
    """0401 per field and supply, 0402 per reference and balance, discrepancies per kind.

    `list_`: the discrepancies just written, as SQL. 0401: B are entities of which this supply and
    another one give the field, A those where this supply agrees with the surviving value. 0402: B
    are rows that must refer to an entity, and lines of money; A those that do, and that tie out.
    """
    rows = connection.execute(
        f"SELECT kind, field, supply, severity, count(*) FROM {list_} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found: Found = {}
    for kind, field, supply, _, count in rows:
        found[kind, field, supply] = found.get((kind, field, supply), 0) + count
    dataset = plan.dataset.name
    listed = [
        Measure(None, count, 0, supply, dataset, field, f"discrepancy.{kind}.{severity}")
        for kind, field, supply, severity, count in rows
    ]
    return (
        *_agreement(connection, plan, found),
        *(m for golden in filled for m in _references(connection, plan, golden, found)),
        *(_balances(connection, plan) if balanced else ()),
        *listed,
    )


def _agreement(connection: DuckDBPyConnection, plan: Plan, found: Found) -> Iterator[Measure]:
    """Who gives which cell is counted; what disagrees is known from the list."""
    for golden in plan.compared:
        sums: dict[str, int] = {}
        counts = connection.execute(
            f"SELECT {givers(golden)}, count(*) FROM wide GROUP BY {givers(golden)}"
        ).fetchall()
        for place in golden.feeds:
            supply, own = plan.sources[place].supply.name, 1 << place
            compared = sum(n for mask, n in counts if mask & own and mask != own)
            sums[supply] = sums.get(supply, 0) + compared
        for supply, compared in sums.items():
            differing = found.get(("value_conflict", golden.field.name, supply), 0)
            yield Measure(
                "0401", compared - differing, compared, supply, plan.dataset.name, golden.field.name
            )


def _references(
    connection: DuckDBPyConnection, plan: Plan, target: Golden, found: Found
) -> Iterator[Measure]:
    """Per supply that a row is named by, as in the list of discrepancies."""
    reference = next(r for r in plan.reconcile.resolve if r.field == target.field.name)
    numbers = [plan.golden(name) for name in dict.fromkeys(reference.using.values())]
    shown = " OR ".join(f"g.{n.value} IS NOT NULL" for n in numbers if n.feeds) or "false"
    asked = "true" if reference.required else f"({shown})"
    origin = f"coalesce({', '.join(f'g.origin{s.place}' for s in plan.sources)}, NULL)"
    rows = connection.execute(
        f"SELECT origin.supply, count(*) FILTER ({asked}), "
        f"count(*) FILTER ({asked} AND t.entity_id IS NOT NULL) "
        f"FROM wide AS g JOIN {table(target)} AS t ON t.code = g.code "
        f"JOIN origin ON origin.index = {origin} GROUP BY origin.supply ORDER BY origin.supply"
    ).fetchall()
    field = target.field.name
    for supply, of, resolved in rows:
        unfit = found.get(("unfit_reference", field, supply), 0)
        good = max(resolved - unfit, 0)  # a row may be unfit in two ways
        yield Measure("0402", good, of, supply, plan.dataset.name, field)


def _balances(connection: DuckDBPyConnection, plan: Plan) -> Iterator[Measure]:
    rows = connection.execute(
        "SELECT balance, count(*), count(*) FILTER (ties_out) "
        "FROM balance GROUP BY balance ORDER BY balance"
    ).fetchall()
    for name, lines, good in rows:
        yield Measure("0402", good, lines, None, plan.dataset.name, f"balance {name}")
