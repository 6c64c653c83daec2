"""Rules that a contract writes down under `quality:`, each kind of entry one function."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import yaml

from quality.errors import RuleError
from quality.library import library_rule, operator_of
from quality.rule import Limit, Rule, rule_of
from schemas.contract import QualityEntry, Supply
from schemas.models import custom

ENGINES = ("greatexpectations", "great-expectations", "great_expectations")
SEVERITIES = ("info", "warning", "error")
ABOUT_A_FIELD = ("expect_column_", "expect_select", "expect_resident_number")
DOMAIN = ("column", "column_A", "column_B", "birth_date", "sex")
GX_SEVERITIES = {"critical": "error", "warning": "warning", "info": "info"}
BODY = {"type", "expectation_type", "kwargs", "meta", "severity", "notes", "description", "id"}


def entry_rules(supply: Supply) -> list[Rule]:
    """One rule per entry that can run; entries of `type: text` are documentation."""
    rules = []
    for entry in supply.quality:
        kind = entry.entry.get("type", "library")
        match kind:
            case "text":
                continue
            case "custom":
                rules.append(_custom(entry, supply))
            case "sql":
                rules.append(_sql(entry, supply))
            case "library":
                rules.append(library_rule(entry, supply, _finish))
            case _:
                raise RuleError(supply.name, entry.path, f"unknown quality type {kind!r}")
    return rules


def _finish(
    entry: QualityEntry,
    supply: Supply,
    code: str,
    kind: str,
    kwargs: dict[str, Any],
    fields: tuple[str, ...],
    limit: Limit | None = None,
    meta: dict[str, Any] | None = None,
) -> Rule:
    written = entry.entry
    severity = written.get("severity", "error")
    if severity not in SEVERITIES:
        reason = f"severity {severity!r} is none of {', '.join(SEVERITIES)}"
        raise RuleError(supply.name, entry.path, reason)
    described = "description" in written
    name = written.get("id") or written.get("name") or _digest(kind, kwargs, limit)
    rule = rule_of(
        code,
        kind,
        kwargs,
        rule_id=f"{entry.field or 'table'}.{code}#{name}",
        fields=fields,
        severity=severity,
        dimension=written.get("dimension"),
        path=entry.path,
        limit=limit,
        title=written.get("name"),
        meta=(meta or {}) | ({"description": written["description"]} if described else {}),
    )
    named = custom(written.get("customProperties")).get("indicator")
    return replace(rule, indicator=str(named)) if named else rule


def _digest(kind: str, kwargs: dict[str, Any], limit: Limit | None) -> str:
    meaning = json.dumps([kind, kwargs, limit and vars(limit)], sort_keys=True, default=str)
    return hashlib.sha256(meaning.encode()).hexdigest()[:8]


def _custom(entry: QualityEntry, supply: Supply) -> Rule:
    engine = str(entry.entry.get("engine", "")).lower()
    if engine not in ENGINES:
        reason = f"engine {entry.entry.get('engine')!r}: only greatExpectations can run"
        raise RuleError(supply.name, entry.path, reason)
    written = entry.entry.get("implementation")
    if isinstance(written, str):
        try:
            written = yaml.safe_load(written)
        except yaml.YAMLError:
            raise RuleError(supply.name, entry.path, "implementation is not YAML") from None
    if not isinstance(written, dict):
        raise RuleError(supply.name, entry.path, "implementation must have type and kwargs")
    unknown = set(written) - BODY
    kind = written.get("type") or written.get("expectation_type")
    kwargs = written.get("kwargs") or {}
    if unknown or not isinstance(kind, str) or not isinstance(kwargs, dict):
        reason = f"implementation must have type and kwargs alone{_named(unknown)}"
        raise RuleError(supply.name, entry.path, reason)
    if entry.field and kind.startswith(ABOUT_A_FIELD):
        kwargs = _about(kwargs, kind, entry.field)
    severity = _severity(written, entry, supply)
    if severity is not None:
        entry = replace(entry, entry={"severity": severity} | entry.entry)
    meta = written.get("meta")
    meta = dict(meta) if isinstance(meta, dict) else {}
    meta |= {key: written[key] for key in ("notes", "description") if key in written}
    return _finish(entry, supply, kind, kind, kwargs, columns_of(kwargs), meta=meta)


def _severity(written: dict[str, Any], entry: QualityEntry, supply: Supply) -> str | None:
    """Great Expectations' severity of the expectation itself, in the contract's words."""
    given = written.get("severity")
    if given is None:
        return None
    found = GX_SEVERITIES.get(str(given))
    if found is None:
        reason = f"severity {given!r} of an expectation is none of {', '.join(GX_SEVERITIES)}"
        raise RuleError(supply.name, entry.path, reason)
    said = entry.entry.get("severity", found)
    if said != found:
        reason = f"the entry says severity {said}, its implementation {given}"
        raise RuleError(supply.name, entry.path, reason)
    return found


def _about(kwargs: dict[str, Any], kind: str, field: str) -> dict[str, Any]:
    """An entry under a field is about that field unless it names columns itself."""
    named = any(key in kwargs for key in ("column", "column_A", "column_B", "column_list"))
    return kwargs if named or "_pair_" in kind else {"column": field} | kwargs


def _named(unknown: set[Any]) -> str:
    return f"; found {', '.join(sorted(map(str, unknown)))}" if unknown else ""


def columns_of(kwargs: dict[str, Any]) -> tuple[str, ...]:
    """The columns that an expectation is about, in their order."""
    names = [kwargs[key] for key in DOMAIN if isinstance(kwargs.get(key), str)]
    listed = kwargs.get("column_list")
    if isinstance(listed, list | tuple):
        names += [name for name in listed if isinstance(name, str)]
    return tuple(names)


def _sql(entry: QualityEntry, supply: Supply) -> Rule:
    query = entry.entry.get("query")
    if not isinstance(query, str) or not query.strip():
        raise RuleError(supply.name, entry.path, "type sql needs a query")
    operator, value = operator_of(entry, supply)
    kwargs = {"query": query, "operator": operator, "value": value}
    fields = (entry.field,) if entry.field else ()
    return _finish(entry, supply, "sql", "hub_query", kwargs, fields)
