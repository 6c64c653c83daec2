"""Contracts of ODCS 3.0 said in the words of 3.1."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from schemas.messages import found
from schemas.problems import Problem

METRICS = {
    "nullCheck": "nullValues",
    "duplicateCount": "duplicateValues",
    "uniqueCheck": "duplicateValues",
    "validValues": "invalidValues",
    "rowCount": "rowCount",
}
"""Library rules named in the documents of 3.0.x, and the metric of 3.1 that counts the same."""

_OPERATORS = ("mustBe", "mustNotBe")


def upgraded(document: dict[str, Any], path: Path, problems: list[Problem]) -> dict[str, Any]:
    """The document as 3.1 would say it; the same object when it is 3.1 already."""
    if not str(document.get("apiVersion", "v3.1.0")).startswith("v3.0"):
        return document
    document = copy.deepcopy(document)
    for s, schema in enumerate(document.get("schema") or []):
        _quality(schema, f"schema[{s}]", path, problems)
        for p, prop in enumerate(schema.get("properties") or []):
            place = f"schema[{s}].properties[{p}]"
            _quality(prop, place, path, problems)
            _limits(prop.get("logicalTypeOptions") or {})
    return document


def _quality(owner: dict[str, Any], place: str, path: Path, problems: list[Problem]) -> None:
    for number, entry in enumerate(owner.get("quality") or []):
        if "rule" not in entry or entry.get("type", "library") != "library":
            continue
        rule = entry.pop("rule")
        metric = METRICS.get(rule, rule if rule in METRICS.values() else None)
        if metric is None:
            where = f"{place}.quality[{number}].rule"
            problems.append(found(path, where, "quality_rule", rule=rule))
            entry["type"] = "text"
            continue
        entry |= {"type": "library", "metric": metric}
        if "validValues" in entry:
            entry["arguments"] = {"validValues": entry.pop("validValues")}
        if not any(key.startswith(_OPERATORS) for key in entry):
            # 3.0 let a rule stand alone, meaning that nothing may break it.
            entry |= {"mustBeGreaterThan": 0} if metric == "rowCount" else {"mustBe": 0}


def _limits(options: dict[str, Any]) -> None:
    for name, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if options.pop(exclusive, False) is True and name in options:
            options[exclusive] = options.pop(name)
