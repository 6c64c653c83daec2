"""The report of one batch: every figure that led to the verdict, and nothing personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from hub.check.validation import shown
from hub.records import Counts, Landing, RuleOutcome, Verdict
from quality.messages import title
from quality.rule import Outcome
from schemas.contract import Supply

FORMAT = 1


def record(outcome: Outcome) -> RuleOutcome:
    """The outcome as the ledger keeps it."""
    rule = outcome.rule
    return RuleOutcome(
        code=rule.code,
        rule_id=rule.rule_id,
        fields=rule.fields,
        expectation=rule.expectation,
        severity=rule.severity,
        dimension=rule.dimension,
        evaluated=outcome.evaluated,
        failed=outcome.failed,
        success=outcome.success,
        ran_on=outcome.ran_on,
        exception=outcome.exception,
        elements=outcome.elements,
        indicator=rule.indicator,
    )


def report(
    landing: Landing,
    supply: Supply,
    outcomes: Sequence[Outcome],
    counts: Counts,
    verdict: Verdict,
) -> dict[str, Any]:
    """The report's content, ready for JSON."""
    window = landing.window
    return {
        "format": FORMAT,
        "batch_id": landing.batch_id,
        "supply": supply.name,
        "title": supply.title,
        "contract_version": supply.version,
        "as_of": window.as_of.isoformat() if window else None,
        "landing_sha256": landing.sha256,
        "verdict": str(verdict),
        "counts": asdict(counts),
        "totals": {
            "rows": landing.totals.rows,
            "sums": {name: str(value) for name, value in landing.totals.sums.items()},
            "key_digest": landing.totals.key_digest,
        },
        "thresholds": supply.properties.verdict.model_dump(),
        "drift": list(landing.drift),
        "rules": [_rule(outcome) for outcome in outcomes],
        "versions": {name: version(name) for name in ("duckdb", "great-expectations")},
    }


def _rule(outcome: Outcome) -> dict[str, Any]:
    rule = outcome.rule
    return asdict(record(outcome)) | {
        "indicator": rule.indicator,
        "path": rule.path,
        "title": rule.title,
        "message": {"zh": title(rule, "zh"), "en": title(rule, "en")},
        "about": "rows" if outcome.rows else "table",
        "observed": None if (seen := shown(outcome)) is None else str(seen),
    }
