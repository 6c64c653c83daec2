"""Fields on which departments disagree: one list per field and source, spelt out as found."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.golden import disputed, disputing
from hub.reconcile.origins import Origins, batch_sql, supply_sql
from hub.reconcile.plan import Golden, Plan
from hub.store import literal

FEW = 1000
"""Different values up to which a column is written as numbers into a list of them."""


def conflicts_sql(plan: Plan, folded: frozenset[int], known: Origins) -> list[str]:
    """One SELECT of discrepancies per field and source, in order of entity.

    The id spells out what makes it the same discrepancy tomorrow: entity, field, supply. What is
    the same on every row stays a constant, which costs little to write.
    """
    return [
        _conflict_sql(plan, golden, place, known)
        for golden in plan.compared
        for place in disputing(golden)
    ]


def _conflict_sql(plan: Plan, golden: Golden, place: int, known: Origins) -> str:
    assert golden.comparison is not None
    field, supply = golden.field.name, plan.sources[place].supply.name
    ending = literal(f":{field}:{supply}")
    return (
        f"SELECT entity_id || {ending} AS discrepancy_id, 'value_conflict' AS kind, entity_id, "
        f"CAST(NULL AS VARCHAR) AS other_entity_id, {literal(field)} AS field, "
        f"{literal(supply)} AS supply, source_key, "
        f"{batch_sql('origin', supply, known)} AS batch_id, CAST(value AS VARCHAR) AS value, "
        f"{supply_sql('surviving_origin', known)} AS surviving_supply, "
        f"CAST(surviving AS VARCHAR) AS surviving_value, "
        f"{literal(golden.comparison.severity)} AS severity "
        f"FROM {disputed(golden, place)}"
    )


def few_values(connection: DuckDBPyConnection, plan: Plan, known: Origins) -> dict[str, str]:
    """SQL types of the columns of all discrepancies that hold few different texts, known before.

    Their values are written as numbers; whoever reads the file sees texts.
    """
    supplies = [source.supply.name for source in plan.sources]
    values: dict[str, list[str]] = {
        "kind": ["value_conflict"],
        "field": [golden.field.name for golden in plan.compared],
        "supply": supplies,
        "batch_id": [batch for _, batch in known],
        "surviving_supply": supplies,
        "severity": [g.comparison.severity for g in plan.compared if g.comparison],
    }
    types = {}
    for column, expected in values.items():
        query = f"SELECT DISTINCT {column} FROM discrepancy WHERE {column} IS NOT NULL"
        found: list[tuple[str]] = connection.execute(query).fetchall()
        texts = sorted({*expected, *(text for (text,) in found)})
        if 0 < len(texts) <= FEW:
            types[column] = f"ENUM({', '.join(literal(text) for text in texts)})"
    return types
