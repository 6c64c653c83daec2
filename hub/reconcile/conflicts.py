"""Fields on which departments disagree: found by comparing numbers and bytes, spelt out at the end.

`found` holds a disagreement as small as it can be; names of fields, supplies and batches join when
the list is written.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.compare import differs
from hub.reconcile.golden import origin, source_key, value
from hub.reconcile.plan import Golden, Plan
from hub.store import literal


def open_conflicts(connection: DuckDBPyConnection) -> None:
    """Create the empty `found`."""
    connection.execute(
        "CREATE TEMP TABLE found (n UINTEGER, entity_id VARCHAR, field USMALLINT, "
        "place UTINYINT, sk VARCHAR, origin USMALLINT, value VARCHAR, "
        "surviving USMALLINT, surviving_value VARCHAR)"
    )


def list_value_conflicts(
    connection: DuckDBPyConnection, plan: Plan, folded: frozenset[int]
) -> None:
    """Add one row per entity, field and disagreeing source of `wide`."""
    selects = [
        f"SELECT n, entity_id, {g.place}, {place}, {source_key(plan, place, g, folded)}, "
        f"{origin(plan, place, g, folded)}, CAST({value(place, g)} AS VARCHAR), {g.origin}, "
        f"CAST({g.value} AS VARCHAR) FROM wide WHERE {_differs(plan, g, place)}"
        for g in plan.compared
        for place in g.feeds
    ]
    if selects:
        connection.execute(f"INSERT INTO found {' UNION ALL '.join(selects)}")


def _differs(plan: Plan, golden: Golden, place: int) -> str:
    assert golden.comparison is not None
    return differs(
        value(place, golden), golden.value, golden.comparison, golden.field.type.logical,
        plan.reconcile.entity,
    )


def conflicts_sql(connection: DuckDBPyConnection, plan: Plan) -> str:
    """The rows of `found` as discrepancies, in order of entity, field and source.

    The id spells out what makes it the same discrepancy tomorrow: entity, field, supply.
    """
    origins = connection.execute("SELECT supply, batch_id FROM origin ORDER BY index").fetchall()
    supplies = _list([supply for supply, _ in origins])
    batches = _list([batch for _, batch in origins])
    fields = _cases("field", {g.place: g.field.name for g in plan.compared})
    severities = _cases(
        "field", {g.place: g.comparison.severity for g in plan.compared if g.comparison}
    )
    return (
        "SELECT concat_ws(':', entity_id, field, supply) AS discrepancy_id, * FROM ("
        "SELECT 'value_conflict' AS kind, entity_id, CAST(NULL AS VARCHAR) AS other_entity_id, "
        f"{fields} AS field, {supplies}[origin + 1] AS supply, sk AS source_key, "
        f"{batches}[origin + 1] AS batch_id, value, {supplies}[surviving + 1] AS surviving_supply, "
        f"surviving_value, {severities} AS severity "
        "FROM (FROM found ORDER BY n, field, place))"
    )


def _list(texts: list[str]) -> str:
    return f"CAST([{', '.join(literal(text) for text in texts)}] AS VARCHAR[])"


def _cases(column: str, texts: dict[int, str]) -> str:
    whens = " ".join(f"WHEN {number} THEN {literal(text)}" for number, text in texts.items())
    return f"CASE {column} {whens} END" if whens else "CAST(NULL AS VARCHAR)"
