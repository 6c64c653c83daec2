"""Fields on which departments disagree: one list per field and source, spelt out as found."""

from __future__ import annotations

from hub.reconcile.golden import disputed, disputing
from hub.reconcile.origins import Origins, batch_sql, supply_sql
from hub.reconcile.plan import Golden, Plan
from hub.store import literal


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
