"""Findings about the batch as a whole that no row can show: drift, emptiness, mended codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import duckdb

from hub.check.relations import is_mended, mended
from hub.records import Landing
from hub.store import identifier
from quality.drift import Past
from quality.rule import Outcome, batch_rule
from schemas.contract import Catalog, Supply
from schemas.cycles import missed, promised_by

DRIFT_SEVERITY = {
    "column_missing": "error",
    "column_unknown": "warning",
    "type_changed": "warning",
    "column_alias": "info",
    "file_unreadable": "error",
}


def drift_outcomes(landing: Landing, supply: Supply) -> Iterator[Outcome]:
    """One failed outcome per difference between the front end and the contract.

    A missing column holds the batch, required or not: nulls must not replace values unasked.
    """
    for found in landing.drift:
        code = f"drift.{found['code']}"
        field = next((f.name for f in supply.fields if f.column == found["column"]), None)
        severity = DRIFT_SEVERITY.get(found["code"], "warning")
        rule = batch_rule(code, found["column"], (field,) if field else (), severity)
        yield Outcome(rule, 1, 1, False, "duckdb", rows=False, observed=found["detail"])


def empty_outcome(landing: Landing, snapshot: bool, current_rows: int) -> Outcome:
    """An empty snapshot of a table that had rows is an accident until a person says otherwise."""
    rule = batch_rule("batch.empty", "table", (), "error")
    collapsed = snapshot and landing.rows == 0 and current_rows > 0
    failed = 1 if collapsed else 0
    return Outcome(rule, 1, failed, not collapsed, "duckdb", rows=False, observed=landing.rows)


def late_outcomes(landing: Landing, supply: Supply) -> Iterator[Outcome]:
    """A delivered file that was older, when it could be pulled, than the contract's latency."""
    window, promised_h = landing.window, supply.latency_h
    if window is None or window.content_at is None or promised_h is None:
        return
    age_h = (window.as_of - window.content_at).total_seconds() / 3600
    late = age_h > promised_h
    rule = batch_rule("batch.late", "table", (), "warning")
    detail = f"{age_h:.1f} h old, {promised_h:g} h promised"
    yield Outcome(rule, 1, int(late), not late, "duckdb", rows=False, observed=detail)


def missing_outcomes(
    landing: Landing, supply: Supply, history: Sequence[Past]
) -> Iterator[Outcome]:
    """Periods of the update cycle between the last accepted batch and this one that had none.

    A file that was not delivered is the department's matter; of a database that was not pulled
    only the hub can tell why, so that it is told and not held against anybody.
    """
    window, cycle = landing.window, supply.properties.directory.update_cycle
    if window is None or not history:
        return
    zone, latency = ZoneInfo(supply.department.timezone), timedelta(hours=supply.latency_h or 0)
    if promised_by(cycle, window.as_of.astimezone(zone), latency) is None:
        return
    # Old content that came in time is late, not missing; files that waited for us are neither.
    last, written = history[-1], window.content_at or window.as_of
    spans = ((last.at, window.as_of), (last.written_at, written))
    gone = min(missed(cycle, a.astimezone(zone), b.astimezone(zone), latency) for a, b in spans)
    rule = batch_rule("batch.missing", "table", (), "info" if window.file is None else "warning")
    detail = f"{gone} periods without a batch" if gone else None
    yield Outcome(rule, gone + 1, gone, gone == 0, "duckdb", rows=False, observed=detail)


def mended_outcomes(
    connection: duckdb.DuckDBPyConnection, supply: Supply, catalog: Catalog
) -> list[Outcome]:
    """How many codes were read as another code or as nothing, per field: information alone."""
    codes = {f.name: mended(f, catalog) for f in supply.fields if mended(f, catalog)}
    if not codes:
        return []
    counts = ", ".join(
        f"count({identifier(name)}), "
        f"count(*) FILTER ({is_mended(supply.by_name[name], codes[name])})"
        for name in codes
    )
    row = connection.execute(f"SELECT {counts} FROM raw").fetchone() or ()
    found = []
    for place, name in enumerate(codes):
        rule = batch_rule("codelist.fixed", name, (name,), "info")
        evaluated, fixed = row[2 * place], row[2 * place + 1]
        found.append(Outcome(rule, evaluated, fixed, fixed == 0, "duckdb", rows=True))
    return found
