"""Rules that a contract's fields imply without saying so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from quality.errors import RuleError
from quality.identifiers import IDENTIFIERS
from quality.references import MEMBERSHIP, relationships
from quality.rule import Rule, rule_of
from schemas.contract import Catalog, Field, LogicalType, Supply

TYPE = "hub_cell_is_of_its_type"  # from `_faults`; Great Expectations sees typed columns only
ROW = "_row_"  # the field of a fault that belongs to the whole row


def derived_rules(supply: Supply, catalog: Catalog) -> list[Rule]:
    """Type, presence, key, uniqueness, code list, identifier, length, pattern and range."""
    rules = [_type_rule(field.name) for field in supply.fields] + [_type_rule(ROW)]
    for field in supply.fields:
        rules += _field_rules(field, supply, catalog)
    if supply.key:
        rules.append(_key_rule(supply.key))
    return rules + _relationship_rules(supply, catalog)


def _relationship_rules(supply: Supply, catalog: Catalog) -> list[Rule]:
    found = []
    for kwargs, severity, place in relationships(supply, catalog):
        rule = _rule("relationship", (kwargs["column"],), MEMBERSHIP, kwargs, severity)
        rule_id = f"{rule.rule_id}#{kwargs['supply']}.{kwargs['field']}"
        found.append(replace(rule, rule_id=rule_id, path=place))
    return found


def _rule(
    code: str, fields: tuple[str, ...], kind: str, kwargs: dict[str, Any], severity: str = "error"
) -> Rule:
    return rule_of(
        code,
        kind,
        kwargs,
        rule_id=f"{'+'.join(fields)}.{code}",
        fields=fields,
        severity=severity,
        path=f"field {fields[0]}",
    )


def _type_rule(field: str) -> Rule:
    return _rule("type", (field,), TYPE, {"column": field})


def _key_rule(key: tuple[Field, ...]) -> Rule:
    names = tuple(field.name for field in key)
    if len(names) == 1:
        return _rule("key.unique", names, "expect_column_values_to_be_unique", {"column": names[0]})
    return _rule(
        "key.unique",
        names,
        "expect_compound_columns_to_be_unique",
        {"column_list": list(names), "ignore_row_if": "any_value_is_missing"},
    )


def _field_rules(field: Field, supply: Supply, catalog: Catalog) -> Iterator[Rule]:
    name, about = field.name, {"column": field.name}
    keyed = field.key_position is not None
    if keyed or field.required:
        code = "key.present" if keyed else "required"
        yield _rule(code, (name,), "expect_column_values_to_not_be_null", about)
    if field.unique and not (keyed and len(supply.key) == 1):
        yield _rule("unique", (name,), "expect_column_values_to_be_unique", about)
    if field.properties.codelist:
        if field.properties.codelist not in catalog.codelists:
            reason = f"the catalog has no code list {field.properties.codelist}"
            raise RuleError(supply.name, f"field {name}", reason)
        listed = about | {"codelist": field.properties.codelist}
        yield _rule("codelist", (name,), "expect_column_values_to_be_in_codelist", listed)
    if field.properties.identifier:
        yield from _identifier_rules(field, supply)
    if field.min_length is not None or field.max_length is not None:
        bounds = {"min_value": field.min_length, "max_value": field.max_length}
        yield _rule("length", (name,), "expect_column_value_lengths_to_be_between", about | bounds)
    if field.pattern:
        # JSON Schema's patterns are searched for, as Great Expectations' regexes are.
        kwargs = about | {"regex": field.pattern}
        yield _rule("pattern", (name,), "expect_column_values_to_match_regex", kwargs)
    if field.minimum is not None or field.maximum is not None:
        kwargs = about | {"min_value": field.minimum, "max_value": field.maximum}
        yield _rule("range", (name,), "expect_column_values_to_be_between", kwargs)


def _identifier_rules(field: Field, supply: Supply) -> Iterator[Rule]:
    identifier = field.properties.identifier or ""
    if identifier not in IDENTIFIERS:
        known = ", ".join(sorted(IDENTIFIERS))
        reason = f"no identifier {identifier}; there are: {known}"
        raise RuleError(supply.name, f"field {field.name}", reason)
    if field.type.logical is not LogicalType.STRING:
        reason = f"an identifier is text; the field is {field.type.logical}"
        raise RuleError(supply.name, f"field {field.name}", reason)
    severities = field.properties.identifier_severity
    unknown = sorted(set(severities) - {verdict.name for verdict in IDENTIFIERS[identifier]})
    if unknown:
        reason = f"identifierSeverity: {identifier} has no verdict {', '.join(unknown)}"
        raise RuleError(supply.name, f"field {field.name}", reason)
    for verdict in IDENTIFIERS[identifier]:
        yield _rule(
            f"{identifier}.{verdict.name}",
            (field.name,),
            f"expect_column_values_to_be_valid_{identifier}",
            {"column": field.name, "verdict": verdict.name},
            severities.get(verdict.name, verdict.severity),
        )
