"""The contract's rules as a Great Expectations suite that needs nothing of the hub's catalog."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quality.compile import OWN_PREFIX
from quality.messages import title
from quality.rule import Rule
from quality.rules import rules_of
from schemas.contract import Catalog, Supply

SEVERITY = {"error": "critical", "warning": "warning", "info": "info"}


def suite_of(supply: Supply, catalog: Catalog) -> dict[str, Any]:
    """The suite as Great Expectations stores it. Code lists stand in full.

    Rules that Great Expectations has no word for (cells of their type, SQL queries, ODCS metrics
    about counts) are named under `meta.hub.not_exported`. After `import quality.expectations.ours`
    and `register()` the custom types are known to any Great Expectations user.
    """
    rules = rules_of(supply, catalog)
    exported = [rule for rule in rules if not rule.type.startswith(OWN_PREFIX)]
    return {
        "name": supply.name,
        "expectations": [_expectation(rule, catalog) for rule in exported],
        "meta": {
            "hub": {
                "contract_version": supply.version,
                "not_exported": sorted(r.rule_id for r in rules if r not in exported),
            }
        },
        "notes": None,
    }


def _expectation(rule: Rule, catalog: Catalog) -> dict[str, Any]:
    hub: dict[str, Any] = {
        "rule_id": rule.rule_id,
        "code": rule.code,
        "dimension": rule.dimension,
        "indicator": rule.indicator,
        "message": {"zh": title(rule, "zh"), "en": title(rule, "en")},
    }
    if rule.limit is not None:
        limit = rule.limit
        hub["limit"] = {"operator": limit.operator, "value": limit.value, "unit": limit.unit}
    kwargs = {k: plain(v) for k, v in rule.kwargs.items() if v is not None}
    listed = catalog.codelists.get(kwargs.get("codelist", ""))
    if listed is not None:
        kwargs.setdefault("value_set", sorted(listed.canonical))
    return {
        "type": rule.type,
        "kwargs": kwargs,
        "meta": {**rule.meta, "hub": hub},
        "severity": SEVERITY[rule.severity],
    }


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    match value:
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return float(value)
        case list() | tuple():
            return [plain(item) for item in value]
    return value
