"""The golden record: per entity one row, per field the value that survives and where it is from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from duckdb import DuckDBPyConnection

from hub.reconcile.duplicates import field_place
from hub.reconcile.plan import Golden, Plan
from hub.reconcile.rows import column

PART_ROWS = 4_000_000
"""Input rows joined at a time: what one part holds beside the rows read stays below a gigabyte."""

CODES = 1 << 64


def parts(rows: int) -> Iterator[str]:
    """SQL conditions on `code` that cut `rows` input rows into parts by the key's number."""
    count = -(-rows // PART_ROWS) or 1
    for part in range(count):
        low, high = part * CODES // count, (part + 1) * CODES // count - 1
        yield f"code BETWEEN {low} AND {high}" if count > 1 else "true"


def open_golden(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Create the empty `gold`: n, code, entity_id, per field v<place> and o<place>, its origin."""
    columns = "".join(f", {g.value} {g.sql_type}, {g.origin} USMALLINT" for g in plan.fed)
    connection.execute(
        f"CREATE TEMP TABLE gold (n UINTEGER, code UBIGINT, entity_id VARCHAR{columns})"
    )


def join_part(
    connection: DuckDBPyConnection, plan: Plan, folded: frozenset[int], part: str
) -> None:
    """Create `wide`, all that the sources say of each entity side by side, and add it to `gold`.

    Columns: n, code, entity_id, v<field>, o<field>; per source sk<source>, origin<source>,
    fresh<source>, s<source>v<field>, and its lists where rows were folded. Left joins in order of
    authority, on the key's number.
    """
    inputs = []
    for s in plan.sources:
        row = f"r{s.place}"
        inputs += [f"{row}.{name} AS {name}{s.place}" for name in ("sk", "origin", "fresh")]
        inputs += [f"{row}.{column(s, g)} AS {value(s.place, g)}" for g in plan.fed
                   if s.place in g.feeds]
        if s.place in folded:
            inputs += [f"{row}.{name} AS {name}{s.place}" for name in ("origins", "sks")]
    joins = " ".join(
        f"LEFT JOIN (FROM {s.rows} WHERE {part}) AS r{s.place} USING (code)" for s in plan.sources
    )
    chosen = ", ".join(
        f"{_RULES[g.rule](g, {p: value(p, g) for p in g.feeds})} AS {g.value}, "
        f"{_RULES[g.rule](g, {p: origin(plan, p, g, folded) for p in g.feeds})} AS {g.origin}"
        for g in plan.fed
    )
    connection.execute(
        f"CREATE TEMP TABLE wide AS SELECT *, {chosen} FROM ("
        f"SELECT entity.n, entity.code, entity.entity_id, {', '.join(inputs)} "
        f"FROM (FROM entity WHERE {part}) AS entity {joins})"
    )
    names = "".join(f", {g.value}, {g.origin}" for g in plan.fed)
    connection.execute(f"INSERT INTO gold SELECT n, code, entity_id{names} FROM wide")


def value(place: int, golden: Golden) -> str:
    """The column of `wide` that holds what one source says in a field."""
    return f"s{place}{golden.value}"


def origin(plan: Plan, place: int, golden: Golden, folded: frozenset[int]) -> str:
    """SQL over `wide`: the origin of that value."""
    if place not in folded:
        return f"origin{place}"
    index = field_place(plan, plan.sources[place], golden.place)
    return f"CASE WHEN origins{place} IS NULL THEN origin{place} ELSE origins{place}[{index}] END"


def source_key(plan: Plan, place: int, golden: Golden, folded: frozenset[int]) -> str:
    """SQL over `wide`: the key of the row that holds that value."""
    if place not in folded:
        return f"sk{place}"
    index = field_place(plan, plan.sources[place], golden.place)
    return f"CASE WHEN sks{place} IS NULL THEN sk{place} ELSE sks{place}[{index}] END"


def _authority(golden: Golden, results: dict[int, str]) -> str:
    whens = " ".join(
        f"WHEN {value(p, golden)} IS NOT NULL THEN {results[p]}" for p in golden.feeds
    )
    return f"CASE {whens} END"


def _best(golden: Golden, results: dict[int, str], scores: dict[int, str]) -> str:
    """The first in order of authority whose score is the greatest."""
    best = f"greatest({', '.join(scores.values())})" if len(scores) > 1 else scores[golden.feeds[0]]
    whens = " ".join(
        f"WHEN {value(p, golden)} IS NOT NULL AND {scores[p]} = {best} THEN {results[p]}"
        for p in golden.feeds
    )
    return f"CASE {whens} END"


def _recency(golden: Golden, results: dict[int, str]) -> str:
    never, absent = "TIMESTAMP '0001-01-02'", "TIMESTAMP '0001-01-01'"
    scores = {
        p: f"CASE WHEN {value(p, golden)} IS NOT NULL THEN coalesce(fresh{p}, {never}) "
        f"ELSE {absent} END"
        for p in golden.feeds
    }
    return _best(golden, results, scores)


def _agreement(golden: Golden, results: dict[int, str]) -> str:
    scores = {}
    for p in golden.feeds:
        votes = " + ".join(
            f"coalesce(CAST({value(p, golden)} = {value(q, golden)} AS INTEGER), 0)"
            for q in golden.feeds
        )
        scores[p] = f"({votes})"
    return _best(golden, results, scores)


_RULES: dict[str, Callable[[Golden, dict[int, str]], str]] = {
    "authority": _authority,
    "recency": _recency,
    "agreement": _agreement,
}
