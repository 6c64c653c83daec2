"""How many rows each rule could look at, before those that lack a value are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from quality.compile.condition import condition_sql
from quality.compile.forms import Context
from quality.rule import Outcome


def with_elements(
    connection: duckdb.DuckDBPyConnection,
    context: Context,
    outcomes: Sequence[Outcome],
    rows: int,
) -> list[Outcome]:
    """The outcomes with `elements`: all rows, or those that meet the rule's condition."""
    conditions = {
        n: condition_sql(outcome.rule.kwargs, context)
        for n, outcome in enumerate(outcomes)
        if outcome.rows and outcome.elements is None and not outcome.exception
    }
    asked = sorted({condition for condition in conditions.values() if condition})
    counted = dict(zip(asked, _counts(connection, asked), strict=True))
    return [
        replace(outcome, elements=counted[conditions[n] or ""] if conditions[n] else rows)
        if n in conditions
        else outcome
        for n, outcome in enumerate(outcomes)
    ]


def _counts(connection: duckdb.DuckDBPyConnection, asked: Sequence[str]) -> tuple[int, ...]:
    if not asked:
        return ()
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in asked)
    return tuple(connection.execute(f"SELECT {counts} FROM landing").fetchone() or ())
