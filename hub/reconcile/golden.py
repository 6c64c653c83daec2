"""The golden record: per entity one row, per field the value that survives and where it is from."""

from __future__ import annotations

from collections.abc import Callable

from duckdb import DuckDBPyConnection

from hub.reconcile.compare import differs
from hub.reconcile.duplicates import field_place
from hub.reconcile.plan import Golden, Plan

BITS = 62  # disagreements of one source kept in one signed 64-bit mask


def build_golden(connection: DuckDBPyConnection, plan: Plan, folded: frozenset[int]) -> None:
    """Create `gold`: code, entity_id, v<field>…, o<field>… (origins), m<source>_<n>… (masks).

    A bit of a mask says that the source disagrees with the surviving value of that field; strings
    are looked at again only where a bit is set.
    """
    inputs = ", ".join(
        f"r{s.place}.{g.value} AS s{s.place}{g.value}, "
        f"{_origin(plan, s.place, g, folded)} AS s{s.place}{g.origin}"
        for g in plan.fed
        for s in plan.sources
        if s.place in g.feeds
    )
    fresh = "".join(f", r{s.place}.fresh AS fresh{s.place}" for s in plan.sources)
    joins = " ".join(f"LEFT JOIN {s.rows} AS r{s.place} USING (code)" for s in plan.sources)
    chosen = ", ".join(
        f"{_chosen(g, g.value)} AS {g.value}, {_chosen(g, g.origin)} AS {g.origin}"
        for g in plan.fed
    )
    masks = "".join(f", {expression} AS {name}" for name, expression in _masks(plan).items())
    names = ", ".join(f"{g.value}, {g.origin}" for g in plan.fed)
    connection.execute(
        f"CREATE TEMP TABLE gold AS SELECT code, entity_id, {names}{masks} FROM ("
        f"SELECT *, {chosen} FROM (SELECT entity.code, entity.entity_id, {inputs}{fresh} "
        f"FROM entity {joins}))"
    )


def mask_columns(plan: Plan, place: int) -> list[tuple[str, list[tuple[int, Golden]]]]:
    """The masks of one source: name, and the (bit, field) pairs that it holds."""
    fields = [g for g in plan.compared if place in g.feeds]
    return [
        (f"m{place}_{n}", list(enumerate(fields[n * BITS : (n + 1) * BITS])))
        for n in range((len(fields) + BITS - 1) // BITS)
    ]


def _masks(plan: Plan) -> dict[str, str]:
    masks = {}
    for source in plan.sources:
        for name, fields in mask_columns(plan, source.place):
            bits = [
                f"CASE WHEN {_differs(plan, g, source.place)} THEN {1 << bit} ELSE 0 END"
                for bit, g in fields
            ]
            masks[name] = f"CAST({' + '.join(bits)} AS BIGINT)"
    return masks


def _differs(plan: Plan, golden: Golden, place: int) -> str:
    assert golden.comparison is not None
    return differs(
        f"s{place}{golden.value}", golden.value, golden.comparison, golden.field.type.logical,
        plan.reconcile.entity,
    )


def _origin(plan: Plan, place: int, golden: Golden, folded: frozenset[int]) -> str:
    row = f"r{place}"
    if place not in folded:
        return f"{row}.origin"
    index = field_place(plan, plan.sources[place], golden.place)
    return f"CASE WHEN {row}.origins IS NULL THEN {row}.origin ELSE {row}.origins[{index}] END"


def _chosen(golden: Golden, column: str) -> str:
    """SQL for the surviving value, or its origin, by the field's rule."""
    return _RULES[golden.rule](golden, column)


def _authority(golden: Golden, column: str) -> str:
    if column == golden.value:
        return f"coalesce({', '.join(f's{p}{golden.value}' for p in golden.feeds)})"
    whens = " ".join(
        f"WHEN s{p}{golden.value} IS NOT NULL THEN s{p}{column}" for p in golden.feeds
    )
    return f"CASE {whens} END"


def _best(golden: Golden, column: str, scores: dict[int, str]) -> str:
    """The first in order of authority whose score is the greatest."""
    best = f"greatest({', '.join(scores.values())})" if len(scores) > 1 else scores[golden.feeds[0]]
    whens = " ".join(
        f"WHEN s{p}{golden.value} IS NOT NULL AND {scores[p]} = {best} THEN s{p}{column}"
        for p in golden.feeds
    )
    return f"CASE {whens} END"


def _recency(golden: Golden, column: str) -> str:
    never = "TIMESTAMP '0001-01-01'"
    scores = {
        p: f"CASE WHEN s{p}{golden.value} IS NOT NULL THEN coalesce(fresh{p}, {never}) "
        f"ELSE TIMESTAMP '0001-01-01' - INTERVAL 1 DAY END"
        for p in golden.feeds
    }
    return _best(golden, column, scores)


def _agreement(golden: Golden, column: str) -> str:
    scores = {}
    for p in golden.feeds:
        votes = " + ".join(
            f"coalesce(CAST(s{p}{golden.value} = s{q}{golden.value} AS INTEGER), 0)"
            for q in golden.feeds
        )
        scores[p] = f"({votes})"
    return _best(golden, column, scores)


_RULES: dict[str, Callable[[Golden, str], str]] = {
    "authority": _authority,
    "recency": _recency,
    "agreement": _agreement,
}
