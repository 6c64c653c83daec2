"""What a contract says of other supplies: ODCS `relationships`, and whom its rules read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quality.errors import RuleError
from quality.rule import Rule
from schemas.contract import Catalog, Supply

MEMBERSHIP = "expect_column_values_to_exist_in_supply"
SEVERITIES = ("info", "warning", "error")
_NAMED_BY = {
    MEMBERSHIP: "supply",
    "expect_table_row_count_to_equal_other_table": "other_table_name",
    "expect_query_results_to_match_comparison": "comparison_data_source_name",
}


def supplies_read(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """The supplies whose current tables the rules need, each once."""
    names = [str(rule.kwargs.get(_NAMED_BY[rule.type])) for rule in rules if rule.type in _NAMED_BY]
    return tuple(dict.fromkeys(names))


def relationships(supply: Supply, catalog: Catalog) -> Iterator[tuple[dict[str, Any], str, str]]:
    """(arguments of a membership rule, severity, place) of every foreign key of the contract.

    Severity is `warning`, or what the relationship's own customProperties say. Raises `RuleError`
    on a target that is no field of the catalog, and on a key of several columns.
    """
    table = (supply.document.get("schema") or [{}])[0]
    place = "schema[0]"
    found = [
        (entry, None, f"{place}.relationships[{i}]")
        for i, entry in enumerate(table.get("relationships") or [])
    ]
    for number, prop in enumerate(table.get("properties") or []):
        found += [
            (entry, prop.get("name"), f"{place}.properties[{number}].relationships[{i}]")
            for i, entry in enumerate(prop.get("relationships") or [])
        ]
    for entry, name, where in found:
        source = entry.get("from", name)
        if not isinstance(source, str) or not isinstance(entry.get("to"), str):
            reason = "a relationship of several columns: write one expectation per column"
            raise RuleError(supply.name, where, reason)
        column = _last(source)
        other, field = _target(entry["to"], supply, catalog, where)
        yield (
            {"column": column, "supply": other, "field": field},
            _severity(entry, supply, where),
            where,
        )


def _severity(entry: dict[str, Any], supply: Supply, where: str) -> str:
    given = {p.get("property"): p.get("value") for p in entry.get("customProperties") or []}
    severity = given.get("severity", "warning")
    if severity not in SEVERITIES:
        reason = f"severity {severity!r} is none of {', '.join(SEVERITIES)}"
        raise RuleError(supply.name, where, reason)
    return str(severity)


def _last(reference: str) -> str:
    return reference.replace("/", ".").rpartition(".")[2]


def _target(to: str, supply: Supply, catalog: Catalog, where: str) -> tuple[str, str]:
    """Supply and field of `table.field` or `<file>.yaml#/schema/<table>/properties/<field>`."""
    file, sharp, inside = to.partition("#")
    parts = (inside if sharp else to).strip("/").replace("/", ".").split(".")
    name, table = parts[-1], parts[1] if parts[0] == "schema" else parts[0]
    if sharp:
        steps = file.removesuffix(".yaml").removesuffix(".odcs").split("/")
        department = steps[-2] if len(steps) > 1 and steps[-2] not in (".", "..") else ""
        known = [f"{department or supply.name.partition('/')[0]}/{steps[-1]}"]
    elif table == _table(supply):
        known = [supply.name]
    else:
        known = [other.name for other in catalog.supplies.values() if _table(other) == table]
    if len(known) > 1:
        raise RuleError(supply.name, where, f"{to}: several supplies have a table {table}")
    other = supply if known == [supply.name] else catalog.supplies.get(known[0] if known else "")
    if other is None or name not in other.by_name:
        raise RuleError(supply.name, where, f"the catalog has no field {to}")
    return other.name, name


def _table(supply: Supply) -> str:
    objects = supply.document.get("schema") or [{}]
    return str(objects[0].get("name") or supply.physical_path[-1])
