"""ODCS library metrics: each is a count of failing rows (or of rows) and an operator over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quality.errors import RuleError
from quality.rule import Limit, Rule
from schemas.contract import QualityEntry, Supply

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
Finish = Callable[..., Rule]


def operator_of(entry: QualityEntry, supply: Supply) -> tuple[str, Any]:
    """The entry's one operator and its value: a number, or two of them for the between pair."""
    given = [name for name in OPERATORS if name in entry.entry]
    if len(given) != 1:
        reason = f"exactly one operator is needed (mustBe, …); found {', '.join(given) or 'none'}"
        raise RuleError(supply.name, entry.path, reason)
    operator, value = given[0], entry.entry[given[0]]
    pair = operator.endswith("Between")
    values = value if pair and isinstance(value, list) else [value]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if len(values) != (2 if pair else 1) or not numbers:
        wanted = "a list of two numbers" if pair else "a number"
        raise RuleError(supply.name, entry.path, f"{operator} needs {wanted}")
    return operator, tuple(values) if pair else value


def library_rule(entry: QualityEntry, supply: Supply, finish: Finish) -> Rule:
    """One rule for one `metric` (or the older `rule`) of ODCS."""
    metric = entry.entry.get("metric", entry.entry.get("rule"))
    operator, value = operator_of(entry, supply)
    unit = entry.entry.get("unit", "rows")
    if unit not in ("rows", "percent"):
        raise RuleError(supply.name, entry.path, f"unit {unit!r} is neither rows nor percent")
    limit = Limit(operator, value, unit)
    arguments = entry.entry.get("arguments") or {}
    if not isinstance(arguments, dict):
        raise RuleError(supply.name, entry.path, "arguments must be a mapping")
    match metric:
        case "rowCount":
            _no_more(arguments, (), entry, supply)
            if entry.field or unit == "percent":
                reason = "rowCount is about the table, in rows"
                raise RuleError(supply.name, entry.path, reason)
            kind, kwargs, fields = "hub_row_count", {"operator": operator, "value": value}, ()
            return finish(entry, supply, f"library.{metric}", kind, kwargs, fields)
        case "nullValues":
            kind, kwargs = "expect_column_values_to_not_be_null", _none(arguments, entry, supply)
        case "missingValues":
            kind, kwargs = "hub_not_missing", _missing(arguments, entry, supply)
        case "invalidValues":
            kind, kwargs = "hub_valid", _valid(arguments, entry, supply)
        case "duplicateValues":
            return _duplicates(arguments, entry, supply, limit, finish)
        case _:
            raise RuleError(supply.name, entry.path, f"unknown metric {metric!r}")
    if entry.field is None:
        raise RuleError(supply.name, entry.path, f"{metric} is about one field")
    about = {"column": entry.field} | kwargs
    return finish(entry, supply, f"library.{metric}", kind, about, (entry.field,), limit)


def _no_more(
    arguments: dict[str, Any], known: tuple[str, ...], entry: QualityEntry, supply: Supply
) -> None:
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        raise RuleError(supply.name, entry.path, f"unknown argument {', '.join(unknown)}")


def _none(arguments: dict[str, Any], entry: QualityEntry, supply: Supply) -> dict[str, Any]:
    _no_more(arguments, (), entry, supply)
    return {}


def _missing(arguments: dict[str, Any], entry: QualityEntry, supply: Supply) -> dict[str, Any]:
    _no_more(arguments, ("missingValues",), entry, supply)
    values = arguments.get("missingValues", [None])
    if not isinstance(values, list):
        raise RuleError(supply.name, entry.path, "missingValues must be a list")
    return {"missing": values}


def _valid(arguments: dict[str, Any], entry: QualityEntry, supply: Supply) -> dict[str, Any]:
    _no_more(arguments, ("validValues", "pattern"), entry, supply)
    if not arguments:
        raise RuleError(supply.name, entry.path, "invalidValues needs validValues or pattern")
    if not isinstance(arguments.get("validValues", []), list):
        raise RuleError(supply.name, entry.path, "validValues must be a list")
    return {key: arguments[key] for key in ("validValues", "pattern") if key in arguments}


def _duplicates(
    arguments: dict[str, Any], entry: QualityEntry, supply: Supply, limit: Limit, finish: Finish
) -> Rule:
    _no_more(arguments, ("properties",), entry, supply)
    names = [entry.field] if entry.field else arguments.get("properties")
    if not isinstance(names, list) or not names:
        raise RuleError(supply.name, entry.path, "duplicateValues needs arguments.properties")
    kwargs = {"column_list": names, "ignore_row_if": "all_values_are_missing"}
    kind = "expect_compound_columns_to_be_unique"
    return finish(entry, supply, "library.duplicateValues", kind, kwargs, tuple(names), limit)
