"""The golden record: per entity one row, per field the value that survives and where it is from.

Entities are numbered in the order of the files, so a run of numbers is a part of each file. A part
is read out of the engine as columns, put together by position (`gather`) and put back in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from hub.errors import CatalogError
from hub.reconcile.compare import differs
from hub.reconcile.duplicates import field_place
from hub.reconcile.gather import (
    NOBODY,
    Rows,
    Said,
    ages,
    best_given,
    chosen_values,
    disputes,
    first_given,
    pick,
    said,
    seat,
    votes,
    whole,
)
from hub.reconcile.holding import close_result, keep, open_result
from hub.reconcile.plan import Golden, Plan, SourcePlan
from hub.reconcile.rows import column

PART_CELLS = 16_000_000
"""Values put together at a time: what that takes outside the engine stays near half a gigabyte."""

MOST_PARTS = 12
"""Each part looks through all rows for its own, so that parts of much data are larger."""

MOST_SOURCES = 62
"""The sources that give a field are the bits of one number."""


def build_golden(
    connection: DuckDBPyConnection, plan: Plan, folded: frozenset[int], rows: int
) -> None:
    """Create `wide`, one row per entity in order, its view `gold`, and what disagrees.

    `wide`: n, code, entity_id, v<field>, o<field> (surviving value and its origin); per source
    sk<source> and origin<source>, and several<source> where rows were folded; for fields that are
    compared m<field> (the sources that give it, a bit each). `dispute_<field>_<source>`: n,
    entity_id, source_key, origin, value, surviving, surviving_origin where that source differs.
    All are in the order in which they are written. The tables `row_<source>` are dropped.
    """
    if len(plan.sources) > MOST_SOURCES:
        raise CatalogError(
            f"dataset {plan.dataset.name}: {len(plan.sources)} sources; at most {MOST_SOURCES} "
            f"can be reconciled together"
        )
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    parts = _parts(connection, plan, rows)
    # Off everywhere else: tables of the engine are filled faster without an order.
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET arrow_output_version = '1.4'; SET produce_arrow_string_view = true")
    kept = open_result(connection, _cells(plan, rows))
    with ThreadPoolExecutor(threads) as pool:
        for first, last in parts:
            for name, table, where in _gathered(connection, pool, plan, folded, first, last):
                keep(connection, kept, name, table, where)
    close_result(connection, kept)
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("RESET arrow_output_version; RESET produce_arrow_string_view")
    gold = "".join(f", {g.value}, {g.origin}" for g in plan.fed)
    connection.execute(f"CREATE TEMP VIEW gold AS SELECT n, code, entity_id{gold} FROM wide")
    for source in plan.sources:
        connection.execute(f"DROP TABLE {source.rows}")


def disputing(golden: Golden) -> tuple[int, ...]:
    """The sources that may disagree with the surviving value: it is never the first one's."""
    return golden.feeds[1:] if golden.rule == "authority" else golden.feeds


def givers(golden: Golden) -> str:
    """The column of `wide` that holds the sources that give a field, a bit each."""
    return f"m{golden.place}"


def disputed(golden: Golden, place: int) -> str:
    """The table of what one source says in a field where it differs."""
    return f"dispute_{golden.place}_{place}"


def _parts(connection: DuckDBPyConnection, plan: Plan, rows: int) -> list[tuple[int, int]]:
    """Runs of entity numbers [first, last) that hold at most about PART_CELLS values each."""
    ((entities,),) = connection.execute("SELECT count(*) FROM entity").fetchall()
    count = min(-(-_cells(plan, rows) // PART_CELLS) or 1, MOST_PARTS)
    bounds = [1 + part * entities // count for part in range(count + 1)]
    return list(pairwise(bounds))


def _cells(plan: Plan, rows: int) -> int:
    return rows * (len(plan.fed) + 2)


@dataclass(frozen=True)
class _Part:
    """A run of entities and all that is said of them."""

    plan: Plan
    folded: frozenset[int]
    entities: dict[str, pa.Array]
    rows: dict[int, Rows]
    folds: dict[int, Rows]  # of folded rows, the key and origin of each field's value

    def said(self, golden: Golden) -> Said:
        columns = {
            p: (column(self.plan.sources[p], golden), _hashed(self.plan.sources[p], golden))
            for p in golden.feeds
        }
        return said(self.rows, columns)

    def exact(self, golden: Golden, place: int, name: str, entities: Any) -> pa.Array:
        """Key or origin of a source's values; of a folded row, those of the row it is from."""
        rows = self.rows[place]
        index = rows.row[entities].astype(np.int64)
        if place not in self.folded:
            return rows.of(name, index)
        source, folds = self.plan.sources[place], self.folds[place]
        own = rows.columns[name]
        other = folds.columns[f"{name}{field_place(self.plan, source, golden.place)}"]
        other_row = folds.row[entities]
        np.copyto(index, other_row + np.int64(len(own)), where=other_row != NOBODY)
        return pick(pa.concat_arrays([own, other]), index)


def _gathered(
    connection: DuckDBPyConnection,
    pool: ThreadPoolExecutor,
    plan: Plan,
    folded: frozenset[int],
    first: int,
    last: int,
) -> Iterator[tuple[str, pa.Table, str]]:
    """The tables of one part: name, rows, and a condition that the rows kept fulfil."""
    where = f"n >= {first} AND n < {last}"
    query = f"SELECT n, code, entity_id FROM entity WHERE {where} ORDER BY n"
    table = connection.sql(query).to_arrow_table()
    entities = {name: whole(table[name]) for name in table.column_names}

    def rows(source: SourcePlan, columns: dict[str, str], which: str = "") -> Rows:
        listed = "".join(f", {value} AS {name}" for name, value in columns.items())
        query = (
            f"SELECT CAST(e.n - {first} AS INTEGER) AS at{listed} FROM {source.rows} AS r "
            f"JOIN (FROM entity WHERE {where}) AS e ON e.code = r.code{which}"
        )
        return seat(connection.sql(query).to_arrow_table(), last - first)

    part = _Part(
        plan,
        folded,
        entities,
        {s.place: rows(s, _wanted(plan, s)) for s in plan.sources},
        {
            s.place: rows(s, _wanted_of_folds(plan, s), " WHERE r.origins IS NOT NULL")
            for s in plan.sources
            if s.place in folded
        },
    )
    columns = dict(entities)
    for golden, (own, found) in zip(
        plan.fed, pool.map(lambda g: _field(part, g), plan.fed), strict=True
    ):
        columns |= own
        for place, table in found.items():
            yield disputed(golden, place), table, _differs(plan, golden)
    for kept in pool.map(lambda s: _kept(part, s), plan.sources):
        columns |= kept
    yield "wide", pa.table(columns), ""


def _wanted(plan: Plan, source: SourcePlan) -> dict[str, str]:
    """What is read of a source's rows: names and SQL."""
    feeds = [g for g in plan.fed if source.place in g.feeds]
    names = ["sk", "origin", *(column(source, g) for g in feeds)]
    if any(g.rule == "recency" for g in plan.fed):
        names.append("fresh")
    hashes = {_hashed(source, g): f"hash(r.{column(source, g)})" for g in feeds}
    hashes.pop("", None)
    return {name: f"r.{name}" for name in names} | hashes


def _wanted_of_folds(plan: Plan, source: SourcePlan) -> dict[str, str]:
    fields = range(1, 1 + sum(source.place in g.feeds for g in plan.fed))
    return {f"sk{i}": f"r.sks[{i}]" for i in fields} | {
        f"origin{i}": f"r.origins[{i}]" for i in fields
    }


def _hashed(source: SourcePlan, golden: Golden) -> str:
    """The column of a value's hash; empty where values are never held against each other."""
    compared = len(golden.feeds) > 1 and (golden.comparison or golden.rule == "agreement")
    return f"h{column(source, golden)}" if compared else ""


def _kept(part: _Part, source: SourcePlan) -> dict[str, pa.Array]:
    rows, place = part.rows[source.place], source.place
    kept = {f"{name}{place}": rows.known(name) for name in ("sk", "origin")}
    if place in part.folded:
        kept[f"several{place}"] = pa.array(part.folds[place].row != NOBODY)
    return kept


def _field(part: _Part, golden: Golden) -> tuple[dict[str, pa.Array], dict[int, pa.Table]]:
    """One golden field: its columns of `wide`, and per source what may differ."""
    field = part.said(golden)
    chosen = _choose(part, golden, field)
    columns = {p: column(part.plan.sources[p], golden) for p in golden.feeds}
    values = chosen_values(part.rows, columns, chosen)
    origins = _origins(part, golden, chosen)
    own = {golden.value: values, golden.origin: origins}
    if golden.comparison is None:
        return own, {}
    own[givers(golden)] = pa.array(field.givers())
    found = {}
    for place, which in disputes(field, chosen, disputing(golden)).items():
        found[place] = pa.table(
            {
                "n": pick(part.entities["n"], which),
                "entity_id": pick(part.entities["entity_id"], which),
                "source_key": part.exact(golden, place, "sk", which),
                "origin": part.exact(golden, place, "origin", which),
                "value": part.rows[place].of(columns[place], part.rows[place].row[which]),
                "surviving": pick(values, which),
                "surviving_origin": origins.take(pa.array(which)),
            }
        )
    return own, found


def _choose(part: _Part, golden: Golden, field: Said) -> NDArray[np.int8]:
    if golden.rule == "recency":
        return best_given(field, {p: ages(part.rows[p]) for p in golden.feeds})
    if golden.rule == "agreement" and len(golden.feeds) > 1:
        return best_given(field, votes(field))
    return first_given(field)


def _origins(part: _Part, golden: Golden, chosen: NDArray[np.int8]) -> pa.Array:
    found = np.zeros(len(chosen), np.uint16)
    for place in golden.feeds:
        which = np.flatnonzero(chosen == place)
        found[which] = part.exact(golden, place, "origin", which).to_numpy()
    return pa.array(found, mask=chosen == NOBODY)


def _differs(plan: Plan, golden: Golden) -> str:
    """SQL: what remains to be looked at of values whose hashes differ; empty: nothing."""
    assert golden.comparison is not None
    condition = differs(
        "value",
        "surviving",
        golden.comparison,
        golden.field.type.logical,
        plan.reconcile.entity,
    )
    return "" if condition == "(value <> surviving)" else condition
