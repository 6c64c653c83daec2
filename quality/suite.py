"""The contract's rules as a Great Expectations suite that needs nothing of the hub's catalog."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quality.compile import OWN_PREFIX
from quality.expectations.standalone import IN_FORCE, standalone
from quality.messages import title
from quality.references import MEMBERSHIP
from quality.rule import Limit, Rule
from quality.rules import rules_of
from schemas.contract import Catalog, Supply

SEVERITY = {"error": "critical", "warning": "warning", "info": "info"}


def suite_of(supply: Supply, catalog: Catalog, as_of: date | None = None) -> dict[str, Any]:
    """The suite as Great Expectations stores it. Code lists stand in full.

    `as_of`: the day to judge by; without it, no date lies in the future. Rules that Great
    Expectations has no word for (cells of their type, SQL queries, ODCS metrics with a limit
    other than a share) are named under `meta.hub.not_exported`. Values of other supplies are
    parameters, named under `meta.hub.parameters`: the data stays where it is. After
    `quality.expectations.ours.register()` the custom types are known to any Great Expectations
    user.
    """
    rules = rules_of(supply, catalog)
    exported = [rule for rule in rules if _has_a_word(rule)]
    asked = [rule for rule in exported if rule.type == MEMBERSHIP]
    return {
        "name": supply.name,
        "expectations": [_expectation(rule, catalog, as_of) for rule in exported],
        "meta": {
            "hub": {
                "contract_version": supply.version,
                "not_exported": sorted(r.rule_id for r in rules if not _has_a_word(r)),
                "parameters": {
                    parameter(rule): {key: rule.kwargs[key] for key in ("supply", "field")}
                    for rule in asked
                },
            }
        },
        "notes": None,
    }


def _has_a_word(rule: Rule) -> bool:
    if rule.type.startswith(OWN_PREFIX):
        return False
    return rule.limit is None or _mostly(rule.limit) is not None


def _mostly(limit: Limit) -> float | None:
    """The share that must hold, where a limit can be said as one."""
    if limit.operator == "mustBe" and limit.value == 0:
        return 1.0
    share = limit.unit == "percent" or limit.value == 0
    if limit.operator == "mustBeLessOrEqualTo" and share and not isinstance(limit.value, tuple):
        return 1.0 - float(limit.value) / 100
    return None


def parameter(rule: Rule) -> str:
    """The name under which a suite asks for the values of another supply's field."""
    return "_".join(["values", *rule.kwargs["supply"].split("/"), rule.kwargs["field"]])


def _expectation(rule: Rule, catalog: Catalog, as_of: date | None) -> dict[str, Any]:
    hub: dict[str, Any] = {
        "rule_id": rule.rule_id,
        "code": rule.code,
        "dimension": rule.dimension,
        "indicator": rule.indicator,
        "message": {"zh": title(rule, "zh"), "en": title(rule, "en")},
    }
    kwargs = {k: plain(v) for k, v in standalone(rule, catalog).items() if v is not None}
    if rule.limit is not None:
        limit = rule.limit
        hub["limit"] = {"operator": limit.operator, "value": limit.value, "unit": limit.unit}
        share = _mostly(limit)
        kwargs |= {"mostly": share} if share is not None and share < 1 else {}
    if rule.type == MEMBERSHIP:
        kwargs["value_set"] = {"$PARAMETER": parameter(rule)}
    if as_of is not None and rule.type.startswith(("expect_column_values_to_be_valid_", IN_FORCE)):
        kwargs.setdefault("as_of", as_of.isoformat())
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
