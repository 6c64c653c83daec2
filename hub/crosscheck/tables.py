"""The relations that a catalog's SQL may read: releases, current tables, code lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.fold import HASH, CurrentTable, fold_sql, sql_type
from hub.records import Release
from hub.released import relation
from hub.store import Store, identifier, literal, rows_sql
from schemas.contract import Catalog, Supply
from schemas.crosscheck import entity_column

ENTITY = "entity_id"
OWN = ("_source_key", "_batch")
"""What a supply's relation has beside the contract's fields and the entity ids."""


@dataclass(frozen=True)
class Given:
    """What there is to read: newest releases with their manifests, current tables."""

    releases: Mapping[str, Release]
    manifests: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, CurrentTable]
    delivered: frozenset[str] = field(default_factory=frozenset)  # supplies with a batch

    def lacking(self, datasets: Iterable[str], supplies: Iterable[str]) -> tuple[str, ...]:
        """Datasets without a release and supplies without a batch: a question waits for them."""
        return (
            *(name for name in datasets if name not in self.releases),
            *(name for name in supplies if name not in self.delivered),
        )


def dataset_sql(given: Given, store: Store, name: str) -> str:
    """The golden rows of the newest release: `entity_id` and the dataset's fields."""
    # All that was published then: a field that the contract has gained since is not there yet.
    return f"SELECT * EXCLUDE ({HASH}) FROM ({relation(store, given.manifests[name], 'golden')})"


def supply_sql(
    catalog: Catalog, given: Given, store: Store, name: str, datasets: Iterable[str]
) -> str:
    """The current rows, with the entity id that each of the datasets' newest releases gave them.

    A row that arrived after a release has none of that dataset yet.
    """
    supply = catalog.supplies[name]
    columns = [f"s.{identifier(c)}" for c in (*supply.by_name, *OWN)]
    joins = ""
    for number, dataset in enumerate(linked(catalog, name, datasets)):
        links = relation(store, given.manifests[dataset], "links")
        own = f"SELECT source_key, {ENTITY} FROM ({links}) WHERE supply = {literal(name)}"
        joins += f" LEFT JOIN ({own}) AS l{number} ON l{number}.source_key = s._source_key"
        columns.append(f"l{number}.{ENTITY} AS {identifier(entity_column(dataset))}")
    return f"SELECT {', '.join(columns)} FROM ({given.tables[name].sql}) AS s{joins}"


def linked(catalog: Catalog, supply: str, datasets: Iterable[str]) -> list[str]:
    """Those of the datasets that the supply's rows are part of."""
    feeding = {
        name: {source.supply for source in dataset.reconcile.sources}
        for name, dataset in catalog.datasets.items()
    }
    return [name for name in datasets if supply in feeding.get(name, ())]


def codelist_sql(catalog: Catalog, name: str) -> str:
    """A code list as rows."""
    columns = ("code", "canonical", "label", "label_en", "kind", "valid_from", "valid_to")
    codes = catalog.codelists[name].codes
    return rows_sql(columns, [[getattr(code, column) for column in columns] for code in codes])


def catalog_sql(catalog: Catalog, given: Given, what: str) -> str:
    """The catalog's departments, or supplies and whether each has delivered."""
    if what == "departments":
        columns = ("name", "title", "title_en", "code", "division")
        rows = [
            [d.name, d.title.zh, d.title.en, d.code, d.division]
            for d in catalog.departments.values()
        ]
        return rows_sql(columns, rows)
    supplies: Iterable[Supply] = catalog.supplies.values()
    told = ["name", "department", "title", "title_en", "update_cycle", "delivered"]
    rows = [
        [s.name, s.department.name, s.title, s.title_en,
         s.properties.directory.update_cycle.value, str(s.name in given.delivered).lower()]
        for s in supplies
    ]  # fmt: skip
    listed = rows_sql(told, rows)
    return f"SELECT * REPLACE (delivered::BOOLEAN AS delivered) FROM ({listed})"


def empty_dataset(catalog: Catalog, name: str) -> str:
    """A dataset's relation without rows: what SQL is held against before anything is published."""
    dataset = catalog.datasets[name]
    columns = [f"NULL::VARCHAR AS {ENTITY}"]
    columns += [
        f"NULL::{sql_type(f)} AS {identifier(f.name)}" for f in dataset.fields if f.name != ENTITY
    ]
    return f"SELECT {', '.join(columns)} WHERE false"


def empty_supply(catalog: Catalog, name: str, datasets: Iterable[str]) -> str:
    """A supply's relation without rows."""
    ids = [
        f"NULL::VARCHAR AS {identifier(entity_column(d))}" for d in linked(catalog, name, datasets)
    ]
    columns = [*(identifier(c) for c in (*catalog.supplies[name].by_name, *OWN)), *ids]
    return f"SELECT {', '.join(columns)} FROM ({fold_sql(catalog.supplies[name], ())})"


def stamp(given: Given, name: str) -> str:
    """What a question read of a dataset or supply: equal stamp, equal rows."""
    if name in given.releases:
        return str(given.releases[name].version)
    table = given.tables[name]
    return f"{table.changed_by}:{table.supply.version}"


def digest_of(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
