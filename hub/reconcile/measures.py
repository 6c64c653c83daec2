"""How often departments agree: the room's comparisons, references and balances, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from duckdb import DuckDBPyConnection

from hub.reconcile.increment.sums import Tallies
from hub.reconcile.plan import Golden, Plan
from hub.records import Measure


def count_measures(
    connection: DuckDBPyConnection,
    plan: Plan,
    filled: Iterable[Golden],
    balanced: bool,
    tallies: Tallies,
) -> tuple[Measure, ...]:
    """0401 per field and supply, 0402 per reference and balance, discrepancies per kind.

    0401: B are entities of which this supply and another one give the field, A those where this
    supply agrees with the surviving value. 0402: B are rows that must refer to an entity, and lines
    of money; A those that do, and that tie out.
    """
    dataset = plan.dataset.name
    listed = [
        Measure(None, count, 0, supply, dataset, field, f"discrepancy.{kind}.{severity}")
        for (kind, field, supply, severity), count in sorted(
            tallies.found.items(), key=lambda one: [(part is None, part or "") for part in one[0]]
        )
    ]
    return (
        *_agreement(plan, tallies),
        *(m for golden in filled for m in _references(plan, golden, tallies)),
        *(_balances(connection, plan) if balanced else ()),
        *listed,
    )


def _found(tallies: Tallies, kind: str, field: str) -> Counter[str | None]:
    """Discrepancies of one kind in one field, by supply."""
    found: Counter[str | None] = Counter()
    for (of_kind, of_field, supply, _), count in tallies.found.items():
        if (of_kind, of_field) == (kind, field):
            found[supply] += count
    return found


def _agreement(plan: Plan, tallies: Tallies) -> Iterator[Measure]:
    """Who gives which cell is counted; what disagrees is known from the list."""
    for golden in plan.compared:
        sums: dict[str, int] = {}
        counts = tallies.given[golden.field.name].items()
        for place in golden.feeds:
            supply, own = plan.sources[place].supply.name, 1 << place
            compared = sum(n for mask, n in counts if mask & own and mask != own)
            sums[supply] = sums.get(supply, 0) + compared
        differing = _found(tallies, "value_conflict", golden.field.name)
        for supply, compared in sums.items():
            yield Measure(
                "0401",
                compared - differing[supply],
                compared,
                supply,
                plan.dataset.name,
                golden.field.name,
            )


def _references(plan: Plan, target: Golden, tallies: Tallies) -> Iterator[Measure]:
    """Per supply that a row is named by, as in the list of discrepancies."""
    field = target.field.name
    asked: dict[str, int] = {}
    resolved: dict[str, int] = {}
    for code, count in sorted(tallies.referred[field].items()):
        supply, of, found = code.rsplit(":", 2)
        asked[supply] = asked.get(supply, 0) + (count if of else 0)
        resolved[supply] = resolved.get(supply, 0) + (count if of and found else 0)
    unfit = _found(tallies, "unfit_reference", field)
    for supply in sorted(asked):
        good = max(resolved[supply] - unfit[supply], 0)  # a row may be unfit in two ways
        yield Measure("0402", good, asked[supply], supply, plan.dataset.name, field)


def _balances(connection: DuckDBPyConnection, plan: Plan) -> Iterator[Measure]:
    rows = connection.execute(
        "SELECT balance, count(*), count(*) FILTER (ties_out) "
        "FROM balance GROUP BY balance ORDER BY balance"
    ).fetchall()
    for name, lines, good in rows:
        yield Measure("0402", good, lines, None, plan.dataset.name, f"balance {name}")
