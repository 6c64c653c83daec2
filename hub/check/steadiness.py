"""Whether a batch looks like those before it: its profile, and what that says beside theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from hub.check.batchwide import missing_outcomes
from hub.check.relations import is_snapshot
from hub.records import Landing
from hub.store import Store
from quality.compile.forms import Context
from quality.drift import Past, Profile, drift_outcomes
from quality.drift_profile import profile
from quality.rule import Outcome
from quality.scan import null_counts
from schemas.contract import Supply


def profile_of(
    connection: duckdb.DuckDBPyConnection, landing: Landing, context: Context, store: Store
) -> Profile:
    """The shape of the landing, which later batches are held against."""
    supply = context.supply
    nulls = null_counts([store.path(uri) for uri in landing.parts])
    whole = is_whole(landing, supply)
    year = context.as_of.year
    return profile(connection, supply, context.catalog, landing.rows, nulls, whole, year)


def is_whole(landing: Landing, supply: Supply) -> bool:
    """Whether the batch shows the whole table: the first increment does, too."""
    if is_snapshot(supply):
        return True
    window = landing.window
    return window is not None and window.file is None and window.low is None


def steadiness_outcomes(
    landing: Landing, supply: Supply, found: Profile, history: Sequence[Past]
) -> Iterator[Outcome]:
    """Missing batches and drift. A column that is missing has drifted once, not three times."""
    if landing.window is None:
        return
    yield from missing_outcomes(landing, supply, history)
    missing = {d["column"] for d in landing.drift if d["code"] == "column_missing"}
    gone = {field.name for field in supply.fields if field.column in missing}
    for outcome in drift_outcomes(found, landing.window.as_of, history, supply):
        if not gone & set(outcome.rule.fields):
            yield outcome
