"""Stewards' decisions inside the room: they speak of source rows, and so outlive every id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from duckdb import DuckDBPyConnection

from hub.reconcile.clusters import Node, Word
from hub.reconcile.plan import Plan
from hub.reconcile.rows import code_sql, own_space
from hub.records import LinkDecision
from hub.store import Store

Known = frozenset[tuple[int, str]]
"""(key space, key) that the steward saw."""


@dataclass(frozen=True)
class Told:
    """One decision found again in today's rows: the codes that its two sides stand in."""

    id: str
    kind: str
    a: int
    b: int
    place_a: int
    place_b: int
    known: Known

    @property
    def word(self) -> Word:
        return Word(self.a, self.b, self.kind)

    def overtaken(self, nodes: Mapping[int, Node]) -> bool:
        """Whether rows that were confirmed have since been given numbers that stand against it."""
        if self.kind != "confirm" or self.a not in nodes or self.b not in nodes:
            return False
        one, two = nodes[self.a].keys, nodes[self.b].keys
        against = [
            (x, y)
            for x in one
            for y in two
            if x.space == y.space and x.key != y.key and x.attested and y.attested
        ]
        return any((k.space, k.key) not in self.known for pair in against for k in pair)


def read_words(
    connection: DuckDBPyConnection, plan: Plan, store: Store, decisions: Sequence[LinkDecision]
) -> list[Told]:
    """Decisions whose two sides still have rows, in the order given (the newest first).

    A side stands where its row of highest authority stands today. Creates `told_row` (decision,
    side, rank, place, sk, code) when there are any decisions.
    """
    if not decisions:
        return []
    documents = {one.id: store.read_json(one.uri) for one in decisions if one.uri}
    places = {s.supply.name: [t.place for t in plan.sources if t.supply == s.supply]
              for s in plan.sources}  # fmt: skip
    rows = [
        (one.id, side, rank, place, row["source_key"])
        for one in decisions
        for side in ("a", "b")
        for rank, row in enumerate(documents[one.id][side])
        for place in places.get(row["supply"], ())
    ]
    names = ("decision", "side", "rank", "place", "sk")
    columns = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    types = (pa.string(), pa.string(), pa.int32(), pa.uint8(), pa.string())
    connection.register(
        "told",
        pa.table({n: pa.array(list(c), t) for n, c, t in zip(names, columns, types, strict=True)}),
    )
    found = " UNION ALL ".join(
        f"SELECT told.*, r.code FROM told JOIN {s.rows} AS r ON r.sk = told.sk "
        f"WHERE told.place = {s.place}"
        for s in plan.sources
    )
    connection.execute(f"CREATE TEMP TABLE told_row AS {found}")
    connection.unregister("told")
    heads = connection.execute(
        "SELECT decision, side, arg_min(code, (rank, place)), arg_min(place, (rank, place)) "
        "FROM told_row GROUP BY decision, side"
    ).fetchall()
    sides = {(decision, side): (code, place) for decision, side, code, place in heads}
    return [
        Told(one.id, one.kind, *_both(sides, one.id), _known(plan, documents[one.id]))
        for one in decisions
        if (one.id, "a") in sides and (one.id, "b") in sides
    ]


def _both(
    sides: Mapping[tuple[str, str], tuple[int, int]], decision: str
) -> tuple[int, int, int, int]:
    (a, place_a), (b, place_b) = sides[decision, "a"], sides[decision, "b"]
    return a, b, place_a, place_b


def _known(plan: Plan, document: Mapping[str, list[dict[str, object]]]) -> Known:
    spaces = {space.name: space.place for space in plan.spaces}
    return frozenset(
        (spaces[name], str(key))
        for side in ("a", "b")
        for row in document[side]
        for name, key in dict(row.get("keys") or {}).items()  # type: ignore[call-overload]
        if name in spaces
    )


def split_by_words(connection: DuckDBPyConnection, plan: Plan, told: Sequence[Told]) -> bool:
    """Set apart what a key has joined and a steward forbids; returns whether anything was.

    The side of lower authority leaves; of equal ones the second. Drops `told_row`.
    """
    split = False
    for place, one in enumerate(told):
        overruled = any({k.a, k.b} == {one.a, one.b} for k in told[:place] if k.kind == "confirm")
        if one.kind == "forbid" and one.a == one.b and not overruled:
            side, own = ("a", one.place_a) if one.place_a > one.place_b else ("b", one.place_b)
            _leave(connection, plan, one, side, own)
            split = True
    connection.execute("DROP TABLE IF EXISTS told_row")
    return split


def _leave(connection: DuckDBPyConnection, plan: Plan, one: Told, side: str, place: int) -> None:
    made = code_sql(own_space(plan, plan.sources[place], apart=True), "sk")
    (code,) = connection.execute(
        f"SELECT {made} FROM told_row WHERE decision = ? AND side = ? AND code = ? AND place = ? "
        "ORDER BY rank LIMIT 1",
        [one.id, side, one.a, place],
    ).fetchone() or (one.a,)
    for source in plan.sources:
        connection.execute(
            f"UPDATE {source.rows} SET code = ?, apart = true WHERE code = ? AND sk IN "
            "(SELECT sk FROM told_row WHERE decision = ? AND side = ? AND place = ?)",
            [code, one.a, one.id, side, source.place],
        )
