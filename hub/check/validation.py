"""The outcomes of one batch as Great Expectations 1.x writes a suite's validation result.

Counts, row numbers and the contract's own arguments, never a cell: the lists of values that Great
Expectations would fill stay empty. What it has no word for keeps the hub's own type and is marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from hub.records import Landing
from quality.compile import OWN_PREFIX
from quality.rule import Outcome
from quality.suite import SEVERITY, plain
from schemas.contract import Supply

WITHOUT_MISSING = ("expect_column_values_to_not_be_null", "expect_column_values_to_be_null")
"""Types that look at nulls themselves: Great Expectations gives them no count of missing ones."""

CELL_OBSERVED = ("_min_to_be", "_max_to_be", "_median_to_be", "_quantile_", "_most_common_")
"""Parts of types whose observed value is a cell of the table, and is left out."""


def validation(landing: Landing, supply: Supply, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The result of the whole suite: what `ExpectationSuiteValidationResult` holds as JSON."""
    good = sum(outcome.success for outcome in outcomes)
    as_of = landing.window.as_of.isoformat() if landing.window else None
    return {
        "success": good == len(outcomes),
        "results": [_result(outcome, landing.batch_id) for outcome in outcomes],
        "suite_name": supply.name,
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": len(outcomes),
            "successful_expectations": good,
            "unsuccessful_expectations": len(outcomes) - good,
            "success_percent": good / len(outcomes) * 100 if outcomes else None,
        },
        "meta": {
            "great_expectations_version": version("great-expectations"),
            "run_id": {"run_name": landing.batch_id, "run_time": as_of},
            "batch_id": landing.batch_id,
            "hub": {"contract_version": supply.version, "landing_sha256": landing.sha256},
        },
        "id": None,
    }


def _result(outcome: Outcome, batch_id: str) -> dict[str, Any]:
    rule = outcome.rule
    kwargs = {key: plain(value) for key, value in rule.kwargs.items() if value is not None}
    return {
        "success": outcome.success,
        "expectation_config": {
            "type": rule.type,
            "kwargs": {"batch_id": batch_id, **kwargs},
            "meta": {**rule.meta, "hub": {"rule_id": rule.rule_id, "code": rule.code}},
            "severity": SEVERITY[rule.severity],
        },
        "result": _figures(outcome),
        "meta": {
            "hub": {
                "rule_id": rule.rule_id,
                "fields": list(rule.fields),
                "indicator": rule.indicator,
                "dimension": rule.dimension,
                "severity": rule.severity,
                "ran_on": outcome.ran_on,
                "vocabulary": "hub" if rule.type.startswith(OWN_PREFIX) else "great_expectations",
            }
        },
        "exception_info": {
            "raised_exception": outcome.exception is not None,
            "exception_traceback": None,
            "exception_message": outcome.exception,
        },
    }


def _figures(outcome: Outcome) -> dict[str, Any]:
    if outcome.exception:
        return {}
    if not outcome.rows:
        return {"observed_value": shown(outcome)}
    failed, evaluated = outcome.failed, outcome.evaluated
    elements = evaluated if outcome.elements is None else outcome.elements
    lists: Mapping[str, Any] = {
        "partial_unexpected_list": [],
        "partial_unexpected_counts": [],
        "partial_unexpected_index_list": [],
    }
    if outcome.rule.type in WITHOUT_MISSING:
        share = _percent(failed, elements)
        return {
            "element_count": elements,
            "unexpected_count": failed,
            "unexpected_percent": share,
            **lists,
        }
    return {
        "element_count": elements,
        "unexpected_count": failed,
        "unexpected_percent": _percent(failed, evaluated),
        "missing_count": elements - evaluated,
        "missing_percent": _percent(elements - evaluated, elements),
        "unexpected_percent_total": _percent(failed, elements),
        "unexpected_percent_nonmissing": _percent(failed, evaluated),
        **lists,
    }


def shown(outcome: Outcome) -> Any:
    """What a rule about the table observed, unless it is a cell of the table."""
    if any(part in outcome.rule.type for part in CELL_OBSERVED):
        return None
    return plain(outcome.observed)


def _percent(part: int, of: int) -> float | None:
    return part / of * 100 if of else None
