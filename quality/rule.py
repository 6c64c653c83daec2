"""What a rule is, and what came of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quality import indicators

Number = int | float | Decimal


@dataclass(frozen=True)
class Limit:
    """How many failing elements are tolerated: an ODCS operator over a count or a percentage."""

    operator: str  # mustBe … mustNotBeBetween
    value: Number | tuple[Number, Number]
    unit: str = "rows"  # rows, percent

    def holds(self, found: int, of: int) -> bool:
        """Whether `found` failing of `of` elements (no elements: 0 percent) meet the operator."""
        measure: Any = found
        if self.unit == "percent":
            measure = Decimal(found) * 100 / of if of else Decimal(0)
        return compare(self.operator, measure, self.value)


def compare(operator: str, number: Any, value: Any) -> bool:
    """One ODCS comparison operator; bounds of the between operators are inclusive."""
    found = Decimal(str(number))
    bounds: list[Decimal] = [
        Decimal(str(v)) for v in (value if isinstance(value, tuple | list) else [value])
    ]
    match operator:
        case "mustBe":
            return found == bounds[0]
        case "mustNotBe":
            return found != bounds[0]
        case "mustBeGreaterThan":
            return found > bounds[0]
        case "mustBeGreaterOrEqualTo":
            return found >= bounds[0]
        case "mustBeLessThan":
            return found < bounds[0]
        case "mustBeLessOrEqualTo":
            return found <= bounds[0]
        case "mustBeBetween":
            return bounds[0] <= found <= bounds[1]
        case "mustNotBeBetween":
            return not bounds[0] <= found <= bounds[1]
    raise ValueError(f"unknown operator {operator}")


@dataclass(frozen=True)
class Rule:
    """One promise of one contract, in Great Expectations' vocabulary.

    A row that breaks a rule of severity `error` goes to quarantine, unless `mostly` or `limit`
    tolerates as many failures as there are. `indicator` is the code of GB/T 36344-2018.
    """

    code: str  # key of the message catalog
    rule_id: str  # unique within the contract, stable while the rule's meaning is
    fields: tuple[str, ...]
    type: str  # Great Expectations' type, or one of `hub_…` for what it has no word for
    kwargs: dict[str, Any]
    severity: str  # info, warning, error
    dimension: str | None
    indicator: str | None
    path: str  # JSON path in the contract
    limit: Limit | None = None
    title: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def expectation(self) -> dict[str, object]:
        return {"type": self.type, "kwargs": dict(self.kwargs), "meta": dict(self.meta)}

    @property
    def mostly(self) -> float:
        return float(self.kwargs.get("mostly", 1.0))

    def tolerates(self, failed: int, evaluated: int) -> bool:
        """Whether the rule holds although `failed` of `evaluated` elements broke it."""
        if self.limit is not None:
            return self.limit.holds(failed, evaluated)
        if evaluated == 0:
            return True
        return (evaluated - failed) / evaluated >= self.mostly


def rule_of(
    code: str,
    kind: str,
    kwargs: dict[str, Any],
    *,
    rule_id: str,
    fields: tuple[str, ...],
    severity: str,
    path: str,
    dimension: str | None = None,
    **more: Any,
) -> Rule:
    """The one way to a rule: dimension and indicator follow from its code and expectation."""
    about, indicator = indicators.of(code, kind, dimension)
    return Rule(code, rule_id, fields, kind, kwargs, severity, about, indicator, path, **more)


def batch_rule(
    code: str,
    about: str,
    fields: tuple[str, ...],
    severity: str,
    kwargs: dict[str, Any] | None = None,
    path: str = "",
) -> Rule:
    """What the hub holds a whole batch against, for which Great Expectations has no word."""
    return rule_of(
        code,
        f"hub_{code.replace('.', '_')}",
        kwargs or {},
        rule_id=f"{about}.{code}",
        fields=fields,
        severity=severity,
        path=path,
    )


@dataclass(frozen=True)
class Outcome:
    """What came of one rule: counts, success, and where it ran. `rows` False: about the table.

    `elements`: rows that met the rule's condition; those of them that it left out were missing.
    """

    rule: Rule
    evaluated: int
    failed: int
    success: bool
    ran_on: str  # duckdb, great_expectations
    rows: bool = True
    exception: str | None = None
    observed: Any = None
    elements: int | None = None
