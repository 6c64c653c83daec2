"""Failing values of one batch as shapes: digits 9, letters A and a, Han characters 文.

A shape that few rows share could point at one of them, so that rare shapes are only counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import duckdb
import pyarrow.parquet as pq

from hub.ledger.deliveries import Delivery, Detail
from hub.opened import Hub
from hub.report.document import Sample
from hub.store import identifier, literal

LEAST_ROWS = 3  # a shape of fewer rows is not shown
MOST_SHAPES = 5  # of one rule and field
MOST_RULES = 50  # of one batch, those that fail most
RARE = "…"
"""Stands for all shapes that are not shown."""
EMPTY = "∅"
"""Stands for a missing value."""
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
_HAN, _UPPER = "\ue000", "\ue001"  # of the private use area: keep these apart meanwhile
MASKS = (  # RE2 patterns, one after the other
    (f"[{_HAN}{_UPPER}]", " "),
    (r"\p{Han}", _HAN),
    (r"\p{Lu}", _UPPER),
    (r"[\p{L}\p{M}]", "a"),
    (r"\p{N}", "9"),
    (r"\s", " "),
    (r"[^9a \p{P}" + _HAN + _UPPER + "]", "?"),
    (_HAN, "文"),
    (_UPPER, "A"),
)


def samples(hub: Hub, delivery: Delivery, detail: Detail | None) -> tuple[Sample, ...]:
    """Shapes of the quarantined values of the rules that fail most; none without the file."""
    if detail is None or not delivery.counts.quarantined:
        return ()
    path, outcomes = hub.store.path(detail.quarantined), detail.outcomes
    if not path.is_file():
        return ()
    present = set(pq.read_schema(path).names)
    with hub.store.connect() as connection:
        connection.execute(f"CREATE TEMP VIEW held AS SELECT * FROM read_parquet({literal(path)})")
        asked = [
            (rule_id, field, outcomes[rule_id].code == "type")
            for rule_id in _worst(connection)
            if rule_id in outcomes
            for field in outcomes[rule_id].fields
            if field in present
        ]
        found = _shapes(connection, asked)
    return tuple(
        Sample(delivery.supply, rule_id, field, shape, rows)
        for (rule_id, field), counted in found.items()
        for shape, rows in counted
    )


def _worst(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT rule FROM (SELECT unnest(_rules) AS rule FROM held) "
        f"GROUP BY rule ORDER BY count(*) DESC, rule LIMIT {MOST_RULES}"
    ).fetchall()
    return [rule for (rule,) in rows]


def masked_sql(value: str) -> str:
    """SQL for the shape of a text, before runs are collapsed."""
    for pattern, by in MASKS:
        value = f"regexp_replace({value}, {literal(pattern)}, {literal(by)}, 'g')"
    return value


def _shapes(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[tuple[str, str, bool]]
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    found = {}
    for rule_id, field, illegal in asked:
        value = f"CAST({identifier(field)} AS VARCHAR)"
        if illegal:  # the typed column is null: the text stands beside it
            name = literal(field)
            value = f"list_filter(_faults, lambda f: f.field = {name})[1].text"
        rows = connection.execute(
            f"SELECT {masked_sql('value')} AS shape, count(*) FROM ("
            f"SELECT {value} AS value FROM held WHERE list_contains(_rules, {literal(rule_id)})) "
            "GROUP BY shape"
        ).fetchall()
        found[rule_id, field] = _common([(shape, int(count)) for shape, count in rows])
    return found


def _common(rows: Sequence[tuple[str | None, int]]) -> list[tuple[str, int]]:
    """The most frequent shapes, long runs collapsed, then the number of all others."""
    counted: Counter[str] = Counter()
    for shape, count in rows:
        counted[collapsed(shape) if shape is not None else EMPTY] += count
    order = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    shown = [item for item in order if item[1] >= LEAST_ROWS][:MOST_SHAPES]
    rest = sum(count for _, count in order) - sum(count for _, count in shown)
    return [*shown, *([(RARE, rest)] if rest else [])]


def collapsed(shape: str) -> str:
    """Runs of four and more of one character as `9{18}`."""
    return _RUN.sub(lambda run: f"{run[1]}{{{len(run[0])}}}", shape)
