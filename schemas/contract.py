"""The nouns of the catalog: fields, supplies, datasets, code lists; plain frozen values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from schemas.clocks import RuleSet
from schemas.crosscheck import Crosscheck, Policy
from schemas.properties import (
    DatasetProperties,
    Department,
    FieldProperties,
    Pull,
    Reconcile,
    SupplyProperties,
)
from schemas.sharing import Sharing


class LogicalType(StrEnum):
    """The ODCS logical types that a column of the hub may have."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    OBJECT = "object"  # JSON text
    ARRAY = "array"  # JSON text


_PART = re.compile(r'"[^"]+"|`[^`]+`|[^.]+')


@dataclass(frozen=True)
class FieldType:
    """One logical type with its size. `scale` None on NUMBER means binary floating point."""

    logical: LogicalType
    precision: int | None = None  # decimal digits in all, 1 to 38
    scale: int | None = None
    aware: bool = True  # timestamps: stored as UTC; False: wall-clock time without a zone


@dataclass(frozen=True)
class Field:
    """One column as promised."""

    name: str
    column: str  # physicalName: the column's name at the source
    type: FieldType
    title: str  # Chinese name (businessName)
    required: bool = False
    unique: bool = False
    key_position: int | None = None  # 1-based place in the primary key
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None
    physical_type: str | None = None
    description: str | None = None
    classification: str | None = None
    properties: FieldProperties = dataclass_field(default_factory=FieldProperties)

    @property
    def sensitive(self) -> bool:
        return self.properties.sensitive


@dataclass(frozen=True)
class QualityEntry:
    """One entry of an ODCS `quality:` section, as written; `field` None: it is about the table."""

    entry: dict[str, Any]
    field: str | None
    path: str  # JSON path in the contract, for messages


@dataclass(frozen=True)
class Sla:
    """One ODCS `slaProperties` entry."""

    property: str
    value: Any
    unit: str | None = None
    element: str | None = None
    driver: str | None = None
    schedule: str | None = None


_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "y": 8760.0}


def latency_h(promises: Iterable[tuple[str, Any, str | None]]) -> float | None:
    """The tightest `latency` of (property, value, unit) promises, in hours.

    ODCS counts in days when no unit is given, and knows a unit by its first letter.
    """
    found = [
        float(value) * _HOURS[(unit or "d").lower()[:1]]
        for name, value, unit in promises
        if name == "latency"
    ]
    return min(found, default=None)


@dataclass(frozen=True)
class Table:
    """What a supply and a dataset have in common: one ODCS contract with one schema object."""

    name: str  # supply: "<department>/<supply>"; dataset: "<dataset>"
    version: str
    status: str
    title: str
    title_en: str
    physical_name: str  # the table at the source
    fields: tuple[Field, ...]
    quality: tuple[QualityEntry, ...]
    sla: tuple[Sla, ...]
    description: str | None
    domain: str | None
    path: Path
    document: dict[str, Any]  # the ODCS document as read

    @property
    def latency_h(self) -> float | None:
        """The tightest `latency` promised, in hours; None when nothing is promised."""
        return latency_h((entry.property, entry.value, entry.unit) for entry in self.sla)

    @cached_property
    def physical_path(self) -> tuple[str, ...]:
        """`physicalName` in its parts, as in `clinical.visits`: schema, table.

        A dot inside of `"…"` or of back quotes parts nothing.
        """
        parts = _PART.findall(self.physical_name)
        return tuple(part.strip('"`') for part in parts) or (self.physical_name,)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def key(self) -> tuple[Field, ...]:
        """The primary key in its order; empty when rows are known by content alone."""
        keyed = [field for field in self.fields if field.key_position is not None]
        return tuple(sorted(keyed, key=lambda field: field.key_position or 0))


@dataclass(frozen=True)
class Supply(Table):
    """A table or file that a department promises to the hub (归集资源)."""

    department: Department
    properties: SupplyProperties

    @property
    def pull(self) -> Pull:
        return self.properties.pull


@dataclass(frozen=True)
class Dataset(Table):
    """What the hub promises to subscribers (基础数据集)."""

    properties: DatasetProperties

    @property
    def reconcile(self) -> Reconcile:
        return self.properties.reconcile

    @property
    def supplies(self) -> tuple[str, ...]:
        """Names of all supplies read, each once, in the contract's order."""
        plan = self.reconcile
        names = [source.supply for source in plan.sources]
        names += [flow.supply for balance in plan.balance for flow in balance.into + balance.out]
        return tuple(dict.fromkeys(names))

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the datasets whose entities this one refers to."""
        return tuple(dict.fromkeys(name for r in self.reconcile.resolve for name in r.using))


@dataclass(frozen=True)
class Code:
    """One code of a list. `canonical` is None for an ignorable code, which is read as null."""

    code: str
    canonical: str | None
    label: str
    label_en: str
    kind: Literal["canonical", "fixable", "ignorable"]
    valid_from: str | None = None  # ISO date, inclusive
    valid_to: str | None = None  # ISO date, exclusive


@dataclass(frozen=True)
class CodeList:
    """`codelists/<name>.csv`: code, canonical, label, label_en, kind, valid_from, valid_to."""

    name: str
    codes: tuple[Code, ...]

    @cached_property
    def canonical(self) -> frozenset[str]:
        return frozenset(c.code for c in self.codes if c.kind == "canonical")


@dataclass(frozen=True)
class Catalog:
    """All contracts and code lists of one folder, loaded and cross-checked (政务数据目录)."""

    root: Path
    departments: dict[str, Department]
    supplies: dict[str, Supply]
    datasets: dict[str, Dataset]
    codelists: dict[str, CodeList]
    crosschecks: dict[str, Crosscheck] = dataclass_field(default_factory=dict)
    policies: dict[str, Policy] = dataclass_field(default_factory=dict)
    sharing: Sharing | None = None  # None: nothing is shared
    clocks: dict[str, tuple[RuleSet, ...]] = dataclass_field(default_factory=dict)  # by first day
