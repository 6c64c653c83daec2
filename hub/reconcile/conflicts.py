"""Fields on which departments disagree: one comparison per field and source, spelt out as found."""

from __future__ import annotations

from hub.reconcile.golden import disagreeing, disputing, origin, source_key
from hub.reconcile.origins import Origins, batch_sql, supply_sql
from hub.reconcile.plan import Golden, Plan
from hub.store import literal


def conflicts_sql(plan: Plan, folded: frozenset[int], known: Origins) -> list[str]:
    """One SELECT of discrepancies per field and source, in order of entity.

    Each finds where the source disagrees with the surviving value. The id spells out what makes
    it the same discrepancy tomorrow: entity, field, supply. What is the same on every row stays a
    constant, which costs nothing to write.
    """
    return [
        _conflict_sql(plan, golden, place, folded, known)
        for golden in plan.compared
        for place in disputing(golden)
    ]


def _conflict_sql(
    plan: Plan, golden: Golden, place: int, folded: frozenset[int], known: Origins
) -> str:
    assert golden.comparison is not None
    field, supply = golden.field.name, plan.sources[place].supply.name
    ending = literal(f":{field}:{supply}")
    return (
        f"SELECT entity_id || {ending} AS discrepancy_id, 'value_conflict' AS kind, entity_id, "
        f"CAST(NULL AS VARCHAR) AS other_entity_id, {literal(field)} AS field, "
        f"{literal(supply)} AS supply, {source_key(plan, place, golden, folded)} AS source_key, "
        f"{batch_sql(origin(plan, place, golden, folded), supply, known)} AS batch_id, "
        f"CAST({disagreeing(place, golden)} AS VARCHAR) AS value, "
        f"{supply_sql(golden.origin, known)} AS surviving_supply, "
        f"CAST({golden.value} AS VARCHAR) AS surviving_value, "
        f"{literal(golden.comparison.severity)} AS severity "
        f"FROM wide WHERE {disagreeing(place, golden)} IS NOT NULL ORDER BY n"
    )
