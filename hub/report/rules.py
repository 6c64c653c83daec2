"""Every rule of a scope with its counts and words, failing ones first."""

from __future__ import annotations

from hub.ledger.deliveries import details_of
from hub.ledger.measures import RuleCount, Scope, rule_counts
from hub.measures import indicator_of
from hub.opened import Hub
from hub.records import RuleOutcome
from hub.report.document import RuleLine, Words
from hub.rule_words import said
from quality.messages import clause
from schemas.contract import Catalog


def rule_lines(hub: Hub, scope: Scope) -> tuple[RuleLine, ...]:
    """Counts from the measures; what a rule is, from a batch in which it ran."""
    counts = rule_counts(hub.ledger, scope)
    details = details_of(hub.ledger, sorted({count.batch_id for count in counts}))
    names = _names(hub.catalog)
    lines = []
    for count in counts:
        detail = details.get(count.batch_id)
        outcome = detail.outcomes.get(count.rule_id) if detail else None
        lines.append(_line(count, outcome, names, hub.catalog))
    lines.sort(key=lambda line: (line.success, -line.failed, line.supply, line.rule_id))
    return tuple(lines)


def _line(
    count: RuleCount,
    outcome: RuleOutcome | None,
    names: dict[tuple[str, str], str],
    catalog: Catalog,
) -> RuleLine:
    code = outcome.code if outcome else count.rule_id
    fields = outcome.fields if outcome else ()
    kwargs = outcome.expectation.get("kwargs") if outcome else {}
    kind = str(outcome.expectation.get("type")) if outcome else ""
    kwargs = kwargs if isinstance(kwargs, dict) else {}
    words = Words(*said(catalog, count.supply, code, fields, kwargs, kind))
    own = names.get((count.supply, count.rule_id.partition("#")[2]))
    return RuleLine(
        supply=count.supply,
        rule_id=count.rule_id,
        code=code,
        fields=fields,
        severity=outcome.severity if outcome else "error",
        dimension=outcome.dimension if outcome else None,
        indicator=indicator_of(outcome) if outcome else None,
        says=Words(own, words.en) if own else words,
        clause=clause(code, kwargs),
        evaluated=count.evaluated,
        failed=count.failed,
        batches=count.batches,
        success=count.success,
    )


def _names(catalog: Catalog) -> dict[tuple[str, str], str]:
    """What contracts call their own entries; a derived rule has no name after its `#`."""
    return {
        (supply.name, str(entry.entry.get("id") or entry.entry["name"])): str(entry.entry["name"])
        for supply in catalog.supplies.values()
        for entry in supply.quality
        if entry.entry.get("name")
    }
