"""All rules of a supply: those that its fields imply, and those of its `quality:` entries."""

from __future__ import annotations

from quality.compile import misconfigured
from quality.derived import derived_rules
from quality.entries import entry_rules
from quality.errors import RuleError
from quality.rule import Rule
from schemas.contract import Catalog, Supply


def rules_of(supply: Supply, catalog: Catalog) -> tuple[Rule, ...]:
    """The rules in the contract's order: per field first, then the entries.

    An entry about the same thing as a derived rule (same expectation, field and verdict) replaces
    it, which is how a contract lowers a severity. Raises `RuleError` on a rule that cannot run.
    """
    written = entry_rules(supply)
    replaced = {_meaning(rule) for rule in written}
    derived = [rule for rule in derived_rules(supply, catalog) if _meaning(rule) not in replaced]
    rules = tuple(derived + written)
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.rule_id in seen:
            raise RuleError(supply.name, rule.path, f"the rule {rule.rule_id} stands here twice")
        seen[rule.rule_id] = rule
        reason = misconfigured(rule, supply, catalog)
        if reason:
            raise RuleError(supply.name, rule.path, reason)
    return rules


def _meaning(rule: Rule) -> tuple[str, tuple[str, ...], object]:
    return rule.type, rule.fields, rule.kwargs.get("verdict")
