"""The golden record: per entity one row, per field the value that survives and where it is from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from duckdb import DuckDBPyConnection

from hub.reconcile.compare import differs
from hub.reconcile.duplicates import field_place
from hub.reconcile.plan import Golden, Plan
from hub.reconcile.rows import column

PART_ROWS = 8_000_000
"""Input rows joined at a time: what one join holds in hash tables stays near a gigabyte."""

CODES = 1 << 64


def build_golden(
    connection: DuckDBPyConnection, plan: Plan, folded: frozenset[int], rows: int
) -> None:
    """Create `wide`, what the sources say of each entity side by side, and its view `gold`.

    `wide`: n, code, entity_id, v<field>, o<field> (surviving value and its origin); per source
    sk<source> and origin<source>, its lists where rows were folded; for fields that are compared
    m<field> (the sources that give it, a bit each) and, only where a source disagrees, its value
    in d<source>v<field>. Left joins in order of authority, on the key's number, in parts of the
    numbers when there are many rows. The tables `row_<source>` are dropped.
    """
    names = []
    for number, part in enumerate(_parts(rows)):
        names.append(f"wide_{number}")
        connection.execute(f"CREATE TEMP TABLE {names[-1]} AS {_wide_sql(plan, folded, part)}")
    connection.execute(
        f"CREATE TEMP VIEW wide AS {' UNION ALL '.join(f'FROM {name}' for name in names)}"
    )
    columns = "".join(f", {g.value}, {g.origin}" for g in plan.fed)
    connection.execute(f"CREATE TEMP VIEW gold AS SELECT n, code, entity_id{columns} FROM wide")
    for source in plan.sources:
        connection.execute(f"DROP TABLE {source.rows}")


def _parts(rows: int) -> list[str]:
    """SQL conditions on `code` that cut the input rows into parts by the key's number."""
    count = -(-rows // PART_ROWS)
    bounds = [part * CODES // count for part in range(count)] + [CODES] if count > 1 else []
    return [f"code BETWEEN {a} AND {b - 1}" for a, b in pairwise(bounds)] or ["true"]


def _wide_sql(plan: Plan, folded: frozenset[int], part: str) -> str:
    inputs, kept, survivors = [], ["n", "code", "entity_id"], []
    recency = any(g.rule == "recency" for g in plan.fed)
    for s in plan.sources:
        lists = ("origins", "sks") if s.place in folded else ()
        own = ("sk", "origin", *lists)
        kept += [f"{name}{s.place}" for name in own]
        for name in (*own, *(("fresh",) if recency else ())):
            inputs.append(f"r{s.place}.{name} AS {name}{s.place}")
        for g in plan.fed:
            if s.place in g.feeds:
                inputs.append(f"r{s.place}.{column(s, g)} AS {value(s.place, g)}")
    for g in plan.fed:
        rule, feeds = _RULES[g.rule], g.feeds
        survivors.append(f"{rule(g, {p: value(p, g) for p in feeds})} AS {g.value}")
        survivors.append(f"{rule(g, {p: origin(plan, p, g, folded) for p in feeds})} AS {g.origin}")
        kept += [g.value, g.origin]
    for g in plan.compared:
        given = [f"CAST({value(p, g)} IS NOT NULL AS BIGINT) * {1 << p}" for p in g.feeds]
        kept.append(f"{' + '.join(given)} AS {givers(g)}")
        kept += [f"{_disagreeing(plan, g, p)} AS {disagreeing(p, g)}" for p in disputing(g)]
    joins = " ".join(
        f"LEFT JOIN (FROM {s.rows} WHERE {part}) AS r{s.place} USING (code)" for s in plan.sources
    )
    return (
        f"SELECT {', '.join(kept)} FROM (SELECT *, {', '.join(survivors)} FROM ("
        f"SELECT entity.n, entity.code, entity.entity_id, {', '.join(inputs)} "
        f"FROM (FROM entity WHERE {part}) AS entity {joins}))"
    )


def disputing(golden: Golden) -> tuple[int, ...]:
    """The sources that may disagree with the surviving value: it is never the first one's."""
    return golden.feeds[1:] if golden.rule == "authority" else golden.feeds


def disagreeing(place: int, golden: Golden) -> str:
    """The column of `wide` that holds what one source says where that disagrees, else null."""
    return f"d{place}{golden.value}"


def givers(golden: Golden) -> str:
    """The column of `wide` that holds the sources that give a field, a bit each."""
    return f"m{golden.place}"


def _disagreeing(plan: Plan, golden: Golden, place: int) -> str:
    assert golden.comparison is not None
    said = value(place, golden)
    found = differs(
        said,
        golden.value,
        golden.comparison,
        golden.field.type.logical,
        plan.reconcile.entity,
    )
    return f"CASE WHEN {found} THEN {said} END"


def value(place: int, golden: Golden) -> str:
    """The column of the joined rows that holds what one source says in a field."""
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
    whens = " ".join(f"WHEN {value(p, golden)} IS NOT NULL THEN {results[p]}" for p in golden.feeds)
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
