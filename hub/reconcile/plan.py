"""The dataset contract worked out: which column of which supply feeds which golden field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hub.errors import CatalogError
from hub.fold import sql_type
from hub.reconcile.inputs import InputTable
from hub.reconcile.normalise import Normaliser, normaliser
from schemas.contract import Catalog, CodeList, Dataset, Field, Supply
from schemas.properties import Comparison, Reconcile, Source

ENTITY = "entity_id"
CROSSWALKS = {
    "resident_id": "resident_id",
    "uscc": "organisation",
    "tax_id": "organisation",
    "org_code": "organisation",
}
"""Identifier of a field -> the form in which legacy and present numbers are equal."""


@dataclass(frozen=True)
class KeySpace:
    """One key space; `place` 0 is the strongest."""

    place: int
    name: str
    golden: str
    normaliser: Normaliser


@dataclass(frozen=True)
class SourcePlan:
    """One source in its place of authority (0 is the highest)."""

    place: int
    source: Source
    supply: Supply
    sql: str
    once: bool  # holds each entity once; by default where the supply's own key is the entity's

    @property
    def rows(self) -> str:
        """The temporary table of this source's rows, one per entity once folded."""
        return f"row_{self.place}"


@dataclass(frozen=True)
class Golden:
    """One field of the dataset and the sources that feed it, in order of authority."""

    place: int
    field: Field
    sql_type: str
    feeds: tuple[int, ...]
    rule: str
    comparison: Comparison | None  # None: never compared
    key: KeySpace | None = None  # shows a canonical key
    codelist: CodeList | None = None

    @property
    def value(self) -> str:
        return f"v{self.place}"

    @property
    def origin(self) -> str:
        return f"o{self.place}"


@dataclass(frozen=True)
class Plan:
    """Everything that the SQL of one reconciliation is generated from."""

    dataset: Dataset
    catalog: Catalog
    spaces: tuple[KeySpace, ...]
    sources: tuple[SourcePlan, ...]
    fields: tuple[Golden, ...]

    @property
    def reconcile(self) -> Reconcile:
        return self.dataset.reconcile

    @property
    def letter(self) -> str:
        """What entity ids begin with."""
        return self.reconcile.entity[:1].lower()

    @cached_property
    def fed(self) -> tuple[Golden, ...]:
        return tuple(golden for golden in self.fields if golden.feeds)

    @cached_property
    def compared(self) -> tuple[Golden, ...]:
        return tuple(golden for golden in self.fed if golden.comparison)

    def golden(self, name: str) -> Golden:
        """The golden field of that name; raises `CatalogError`."""
        for golden in self.fields:
            if golden.field.name == name:
                return golden
        raise CatalogError(f"dataset {self.dataset.name}: reconcile names no field {name!r}")


def make_plan(dataset: Dataset, catalog: Catalog, tables: Mapping[str, InputTable]) -> Plan:
    """Work out the contract; raises `CatalogError` for names that lead nowhere."""
    spaces = tuple(
        KeySpace(place, key.name, key.field or key.name, normaliser(key.normaliser, dataset.name))
        for place, key in enumerate(dataset.reconcile.keys)
    )
    sources = tuple(
        _source(place, source, dataset, catalog, tables)
        for place, source in enumerate(dataset.reconcile.sources)
    )
    fields = [field for field in dataset.fields if field.name != ENTITY]
    golden = tuple(
        _golden(place, field, dataset, catalog, spaces, sources)
        for place, field in enumerate(fields)
    )
    return Plan(dataset, catalog, spaces, sources, golden)


def _source(
    place: int,
    source: Source,
    dataset: Dataset,
    catalog: Catalog,
    tables: Mapping[str, InputTable],
) -> SourcePlan:
    try:
        supply, table = catalog.supplies[source.supply], tables[source.supply]
    except KeyError:
        raise CatalogError(
            f"dataset {dataset.name}: no supply {source.supply} in catalog and inputs"
        ) from None
    named = {name for names in source.keys.values() for name in key_fields(names)}
    own = {field.name for field in supply.key}
    once = bool(own) and own <= named if source.once is None else source.once
    return SourcePlan(place, source, supply, table.sql, once)


def key_fields(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """The source fields of one key space."""
    return (names,) if isinstance(names, str) else names


def shows_key(source: Source, field: str, space: KeySpace) -> bool:
    """Whether the canonical key stands in the golden field for this source."""
    return space.name in source.keys and (space.normaliser.whole or field not in source.fields)


def _golden(
    place: int,
    field: Field,
    dataset: Dataset,
    catalog: Catalog,
    spaces: tuple[KeySpace, ...],
    sources: tuple[SourcePlan, ...],
) -> Golden:
    plan = dataset.reconcile
    space = next((s for s in spaces if s.golden == field.name), None)
    feeds = [
        s.place
        for s in sources
        if field.name in s.source.fields
        or field.name in s.source.constants
        or (space is not None and space.name in s.source.keys)
    ]
    survivorship = plan.survivorship.get(field.name)
    if survivorship and survivorship.order:
        ranks = {supply: rank for rank, supply in enumerate(survivorship.order)}
        feeds.sort(key=lambda p: (ranks.get(sources[p].source.supply, len(ranks)), p))
    comparison = plan.compare.get(field.name)
    only_key = (
        space is not None
        and len(spaces) == 1
        and all(shows_key(s.source, field.name, space) for s in sources if s.place in feeds)
    )
    if comparison is None and len(feeds) > 1 and not only_key:
        comparison = Comparison(normaliser=CROSSWALKS.get(field.properties.identifier or ""))
    elif comparison is None and only_key and plan.linkage is not None:
        # Linkage joins rows under different numbers, which are canonical already.
        comparison = Comparison()
    return Golden(
        place=place,
        field=field,
        sql_type=sql_type(field),
        feeds=tuple(feeds),
        rule=survivorship.rule if survivorship else "authority",
        comparison=comparison if len(feeds) > 1 else None,
        key=space,
        codelist=catalog.codelists.get(field.properties.codelist or ""),
    )
