"""Rules on `quality:` and `slaProperties`: every rule can run, every name resolves."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml

from schemas.contract import QualityEntry, Table
from schemas.entry_properties import EntryProperties
from schemas.messages import found, guess
from schemas.models import read_custom
from schemas.problems import Problem
from schemas.rules.scope import Scope

ENGINES = {"greatexpectations"}
SEVERITIES = ("info", "warning", "error")
SLA_UNITS = (
    "s",
    "sec",
    "second",
    "seconds",
    "min",
    "minute",
    "minutes",
    "h",
    "hr",
    "hour",
    "hours",
    "d",
    "day",
    "days",
    "w",
    "week",
    "weeks",
    "m",
    "month",
    "months",
    "y",
    "yr",
    "year",
    "years",
)
_TIMED = {"latency", "frequency"}  # what the hub counts with; others are documentation
_COLUMN_KEYS = ("column", "column_A", "column_B")


def check_quality(scope: Scope) -> Iterator[Problem]:
    """Every quality entry and service level of every contract."""
    for table in scope.tables:
        for entry in table.quality:
            yield from _entry(table, entry)
        yield from _sla(table)


def check_runnable(scope: Scope, blamed: Collection[Path]) -> Iterator[Problem]:
    """Rules that the check room would refuse; a code list with problems is blamed elsewhere."""
    fault_of = scope.vocabulary.rule_fault
    for supply in scope.catalog.supplies.values() if fault_of else ():
        lists = {field.properties.codelist for field in supply.fields}
        if supply.path in blamed or lists & scope.broken:
            continue
        if fault_of and (fault := fault_of(supply, scope.catalog)):
            yield found(supply.path, fault[0], "quality_broken", detail=fault[1])


def _entry(table: Table, quality: QualityEntry) -> Iterator[Problem]:
    entry, place = quality.entry, quality.path
    severity = entry.get("severity")
    if severity is not None and severity not in SEVERITIES:
        yield found(table.path, f"{place}.severity", "quality_severity", found=severity)
    problems: list[Problem] = []
    read_custom(EntryProperties, entry, table.path, place, problems)
    yield from problems
    kind = entry.get("type", "library")
    if kind == "text":
        yield found(table.path, place, "quality_unchecked", kind=kind)
    elif kind == "custom":
        yield from _custom(table, entry, place)
    else:
        names = (entry.get("arguments") or {}).get("properties") or []
        yield from _columns(table, names, f"{place}.arguments.properties")


def _custom(table: Table, entry: dict[str, Any], place: str) -> Iterator[Problem]:
    engine = str(entry.get("engine"))
    if engine.replace("-", "").replace("_", "").lower() not in ENGINES:
        yield found(table.path, f"{place}.engine", "quality_engine", found=engine)
        return
    where = f"{place}.implementation"
    body = entry.get("implementation")
    if isinstance(body, str):
        try:
            body = yaml.safe_load(body)
        except yaml.YAMLError as error:
            detail = getattr(error, "problem", None) or "not YAML"
            yield found(table.path, where, "quality_implementation", detail=detail)
            return
    body = body if isinstance(body, dict) else {}
    if not isinstance(body.get("type"), str) or not isinstance(body.get("kwargs", {}), dict):
        yield found(table.path, where, "quality_implementation", detail="type: expect_…")
        return
    kwargs = body.get("kwargs") or {}
    names = [kwargs[key] for key in _COLUMN_KEYS if isinstance(kwargs.get(key), str)]
    for key in ("column_list", "column_set"):
        names += [name for name in kwargs.get(key) or [] if isinstance(name, str)]
    yield from _columns(table, names, where)


def _columns(table: Table, names: list[str], place: str) -> Iterator[Problem]:
    for name in names:
        if name not in table.by_name:
            yield found(
                table.path, place, "quality_column", name=name, **guess(name, table.by_name)
            )


def _sla(table: Table) -> Iterator[Problem]:
    for number, sla in enumerate(table.sla):
        place = f"slaProperties[{number}]"
        # ODCS writes elements as table.column; the table may be left out.
        for element in (sla.element or "").split(","):
            name = element.strip().rpartition(".")[2]
            own = {*table.by_name, table.document["schema"][0]["name"], table.physical_name}
            if name and name not in own:
                yield found(
                    table.path,
                    f"{place}.element",
                    "sla_element",
                    element=element.strip(),
                    **guess(name, table.by_name),
                )
        number_given = isinstance(sla.value, int | float) and not isinstance(sla.value, bool)
        unit_given = (sla.unit or "").lower() in SLA_UNITS
        if sla.property in _TIMED and not (number_given and unit_given and sla.value > 0):
            shown = f"{sla.value} {sla.unit or ''}".strip()
            yield found(table.path, place, "sla_value", property=sla.property, found=shown)
