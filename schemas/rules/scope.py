"""What a rule looks at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.contract import Catalog, Field, Supply, Table
from schemas.crosscheck import Crosscheck, Policy
from schemas.models import custom_place
from schemas.reading import Part
from schemas.tables import TABLE

Fault = tuple[str, str, dict[str, Any]]
"""What an engine says of a question's SQL: place, code of the finding, its values."""


@dataclass(frozen=True)
class Vocabulary:
    """Names that other packages define; None: not known here, so not checked."""

    identifiers: Mapping[str, Collection[str]] | None = None  # with the names of their verdicts
    normalisers: Collection[str] | None = None
    schemes: Collection[str] | None = None
    channels: Mapping[str, Collection[str]] | None = None  # schemes of inboxes, by their kind
    valid_uscc: Callable[[str], bool] | None = None
    sql_fault: Callable[[str], str | None] | None = None
    rule_fault: Callable[[Supply, Catalog], tuple[str, str] | None] | None = None  # place, reason
    question_faults: Callable[[Crosscheck | Policy, Catalog], list[Fault]] | None = None


NO_VOCABULARY = Vocabulary()


@dataclass(frozen=True)
class Scope:
    """The sound part of a catalog, and the names of what is there but has problems of its own."""

    catalog: Catalog
    broken: frozenset[str] = frozenset()
    vocabulary: Vocabulary = NO_VOCABULARY

    @property
    def tables(self) -> Iterator[Table]:
        """All supplies, then all datasets."""
        return chain(self.catalog.supplies.values(), self.catalog.datasets.values())

    def known(self, name: str, names: Collection[str]) -> bool:
        """Whether `name` exists, be it with problems that are reported elsewhere."""
        return name in names or name in self.broken


@cache
def is_timezone(name: str) -> bool:
    """Whether the tz database knows `name`; asking for one is far cheaper than listing all."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def position(table: Table, field: Field) -> int:
    """The field's place in its table; by identity, since comparing whole fields is slow."""
    return next(number for number, other in enumerate(table.fields) if other is field)


def field_place(table: Table, field: Field, *below: str) -> str:
    """Where a field stands in its contract."""
    number = position(table, field)
    return ".".join([f"{TABLE}.properties[{number}]", *below])


def property_place(table: Table, field: Field, name: str) -> str:
    """Where a custom property of a field stands in its contract."""
    number = position(table, field)
    prop = table.document["schema"][0]["properties"][number]
    return f"{TABLE}.properties[{number}].{custom_place(prop, name)}"


def table_place(table: Table, name: str, *below: Part) -> str:
    """Where a custom property of a contract stands."""
    return custom_place(table.document, name, *below)
