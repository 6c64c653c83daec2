"""What a release counted, kept so that a change can take its entities out and put them in again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection

from hub.reconcile.golden import givers
from hub.reconcile.plan import Golden, Plan
from hub.reconcile.references import table
from hub.store import identifier

AT_ONCE = 32  # columns; the engine counts up to 64 sets apart

Found = tuple[str, str | None, str | None, str]
"""kind, field, supply, severity of discrepancies."""


@dataclass(frozen=True)
class Tallies:
    """Sums over entities; each part of a release adds to them on its own.

    `given`: per compared field the entities by the sources that give it, a bit each. `referred`:
    per reference the entities by supply, whether it was asked for and whether it was found.
    """

    linked: int = 0
    entities: int = 0
    given: Mapping[str, Counter[int]] = field(default_factory=dict)
    referred: Mapping[str, Counter[str]] = field(default_factory=dict)
    found: Counter[Found] = field(default_factory=Counter)

    def less(self, other: Tallies) -> Tallies:
        """These without those of `other`."""
        return self._with(other, -1)

    def plus(self, other: Tallies) -> Tallies:
        """These and those of `other`."""
        return self._with(other, 1)

    def _with(self, other: Tallies, sign: int) -> Tallies:
        return Tallies(
            self.linked + sign * other.linked,
            self.entities + sign * other.entities,
            _each(self.given, other.given, sign),
            _each(self.referred, other.referred, sign),
            _sum(self.found, other.found, sign),
        )

    def kinds(self) -> dict[str, int]:
        """Discrepancies per kind."""
        counted: Counter[str] = Counter()
        for (kind, *_), rows in self.found.items():
            counted[kind] += rows
        return dict(sorted(counted.items()))

    def sound(self) -> bool:
        """Whether nothing was taken out that had not been put in."""
        counted = [self.linked, self.entities, *self.found.values()]
        for sums in self.given.values():
            counted += sums.values()
        for codes in self.referred.values():
            counted += codes.values()
        return min(counted) >= 0


def _each(a: Mapping[str, Counter[Any]], b: Mapping[str, Counter[Any]], sign: int) -> Any:
    none: Counter[Any] = Counter()
    return {name: _sum(a.get(name, none), b.get(name, none), sign) for name in {**a, **b}}


def _sum(a: Mapping[Any, int], b: Mapping[Any, int], sign: int) -> Any:
    summed = Counter(a)
    for name, count in b.items():
        summed[name] += sign * count
    return Counter({name: count for name, count in summed.items() if count})


def as_json(tallies: Tallies) -> dict[str, Any]:
    """The tallies as a manifest keeps them."""
    return {
        "linked": tallies.linked,
        "entities": tallies.entities,
        "given": {name: sorted(sums.items()) for name, sums in tallies.given.items()},
        "referred": {name: sorted(sums.items()) for name, sums in tallies.referred.items()},
        "found": sorted(([*what, rows] for what, rows in tallies.found.items()), key=repr),
    }


def from_json(kept: Mapping[str, Any]) -> Tallies:
    """The tallies of a manifest."""
    return Tallies(
        kept["linked"],
        kept["entities"],
        {name: Counter(dict(map(tuple, sums))) for name, sums in kept["given"].items()},
        {name: Counter(dict(map(tuple, sums))) for name, sums in kept["referred"].items()},
        Counter({tuple(what): rows for *what, rows in kept["found"]}),
    )


def sums_sql(plan: Plan, filled: Iterable[Golden]) -> str:
    """entity_id and what it adds to the tallies: `given_<field>`, `referred_<field>`."""
    parts = [f"{givers(g)} AS {identifier(f'given_{g.field.name}')}" for g in plan.compared]
    joins = ""
    origin = f"coalesce({', '.join(f'g.origin{s.place}' for s in plan.sources)}, NULL)"
    for target in filled:
        alias = f"t{target.place}"
        joins += f" LEFT JOIN {table(target)} AS {alias} ON {alias}.code = g.code"
        parts.append(
            f"supply || CASE WHEN {_asked(plan, target)} THEN ':asked' ELSE ':' END || "
            f"CASE WHEN {alias}.entity_id IS NOT NULL THEN ':found' ELSE ':' END "
            f"AS {identifier(f'referred_{target.field.name}')}"
        )
    if joins:
        joins += f" JOIN origin ON origin.index = {origin}"
    return f"SELECT {', '.join(['g.entity_id', *parts])} FROM wide AS g{joins} ORDER BY n"


def _asked(plan: Plan, target: Golden) -> str:
    reference = next(r for r in plan.reconcile.resolve if r.field == target.field.name)
    numbers = [plan.golden(name) for name in dict.fromkeys(reference.using.values())]
    shown = " OR ".join(f"g.{n.value} IS NOT NULL" for n in numbers if n.feeds) or "false"
    return "true" if reference.required else f"({shown})"


def tally(
    connection: DuckDBPyConnection, plan: Plan, linked: int, sums: str, found: str
) -> Tallies:
    """The tallies of some entities: `sums` and `found` (discrepancies) are SELECTs of theirs."""
    filled = [plan.golden(reference.field) for reference in plan.reconcile.resolve]
    columns = [f"given_{g.field.name}" for g in plan.compared]
    columns += [f"referred_{g.field.name}" for g in filled]
    counted = _count(connection, sums, columns)
    (entities,) = connection.execute(f"SELECT count(*) FROM ({sums})").fetchone() or (0,)
    grouped = "kind, field, supply, severity"
    rows = connection.execute(
        f"SELECT {grouped}, count(*) FROM ({found}) GROUP BY {grouped}"
    ).fetchall()
    return Tallies(
        linked,
        int(entities),
        {g.field.name: counted[f"given_{g.field.name}"] for g in plan.compared},
        {g.field.name: counted[f"referred_{g.field.name}"] for g in filled},
        Counter({(kind, name, supply, severity): n for kind, name, supply, severity, n in rows}),
    )


def _count(
    connection: DuckDBPyConnection, sums: str, columns: list[str]
) -> dict[str, Counter[Any]]:
    """How many entities add each value, by column; many in one statement, since each costs."""
    counted: dict[str, Counter[Any]] = {column: Counter() for column in columns}
    for start in range(0, len(columns), AT_ONCE):
        part = columns[start : start + AT_ONCE]
        names = [identifier(column) for column in part]
        listed, sets = ", ".join(names), ", ".join(f"({name})" for name in names)
        rows = connection.execute(
            f"SELECT count(*), grouping({listed}), {listed} FROM ({sums}) "
            f"GROUP BY GROUPING SETS ({sets})"
        ).fetchall()
        for count, others, *values in rows:  # a bit for each column that is not in the set
            place = next(n for n in range(len(part)) if not others >> (len(part) - 1 - n) & 1)
            if values[place] is not None:
                counted[part[place]][values[place]] = count
    return counted
