"""Small datasets built in memory: contracts as Python values, inputs as Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.reconcile import EntityIndex, InputTable, Previous, reconcile
from hub.records import Input, Reconciled
from hub.store import Store
from schemas.arrow import arrow_type
from schemas.contract import Catalog, CodeList, Dataset, Field, FieldType, LogicalType, Supply
from schemas.properties import (
    DatasetProperties,
    Department,
    FieldProperties,
    Reconcile,
    SupplyProperties,
    Title,
)

KINDS = {
    "text": FieldType(LogicalType.STRING),
    "date": FieldType(LogicalType.DATE),
    "money": FieldType(LogicalType.NUMBER, 18, 2),
    "integer": FieldType(LogicalType.INTEGER),
    "timestamp": FieldType(LogicalType.TIMESTAMP),
}


@dataclass
class World:
    """A catalog under construction, its inputs, and what has been reconciled so far."""

    store: Store
    supplies: dict[str, Supply] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    codelists: dict[str, CodeList] = field(default_factory=dict)
    tables: dict[str, InputTable] = field(default_factory=dict)
    round: int = 0

    @property
    def catalog(self) -> Catalog:
        return Catalog(Path(), {}, self.supplies, self.datasets, self.codelists)

    def supply(
        self,
        name: str,
        fields: str,
        rows: Sequence[Mapping[str, Any]],
        key: Sequence[str] = (),
        batch: str = "b1",
        codelists: Mapping[str, str] | None = None,
    ) -> None:
        """Declare a supply (`"id name birth:date"`) and write its rows.

        A row may carry `_source_key` and `_batch`; otherwise they are its number and `batch`.
        """
        table_fields = _fields(fields, key, codelists or {})
        department = name.split("/")[0]
        self.supplies[name] = Supply(
            **_common(name, table_fields),
            department=Department(name=department, title=Title(zh=department, en=department)),
            properties=SupplyProperties(),
        )
        columns: dict[str, pa.Array] = {
            f.name: pa.array([row.get(f.name) for row in rows], arrow_type(f.type))
            for f in table_fields
        }
        keys = [row.get("_source_key", f"{name}#{n}") for n, row in enumerate(rows)]
        columns["_source_key"] = pa.array(keys, pa.string())
        columns["_batch"] = pa.array([row.get("_batch", batch) for row in rows], pa.string())
        columns["_hash"] = pa.array([f"h{hash_of(row)}" for row in rows], pa.string())
        self.round += 1
        path = self.store.root / f"input-{self.round}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
        self.tables[name] = InputTable(
            Input(name, batch, "1.0.0", len(rows)), f"SELECT * FROM read_parquet('{path}')"
        )

    def dataset(self, name: str, fields: str, plan: Mapping[str, Any]) -> Dataset:
        """Declare a dataset by the YAML shape of its `reconcile` property."""
        made = Dataset(
            **_common(name, _fields(fields, (), {})),
            properties=DatasetProperties(reconcile=Reconcile.model_validate(plan)),
        )
        self.datasets[name] = made
        return made

    def run(
        self,
        dataset: str,
        entities: Mapping[str, Reconciled] | None = None,
        previous: Reconciled | None = None,
    ) -> Result:
        made = reconcile(
            self.datasets[dataset],
            self.catalog,
            self.tables,
            {
                name: EntityIndex(name, r.id, self.sql(r.keys), self.sql(r.golden))
                for name, r in (entities or {}).items()
            },
            self.store,
            Previous(previous.id, self.sql(previous.keys), self.sql(previous.events))
            if previous
            else None,
        )
        return Result(made, self.store)

    def sql(self, uri: str) -> str:
        """A SELECT of one file of a reconciliation."""
        return f"SELECT * FROM read_parquet('{self.store.path(uri)}')"


@dataclass(frozen=True)
class Result:
    """One reconciliation with its files as lists of rows."""

    record: Reconciled
    store: Store

    def rows(self, name: str) -> list[dict[str, Any]]:
        uri = getattr(self.record, name)
        return list(pq.read_table(self.store.path(uri)).to_pylist())

    @property
    def golden(self) -> list[dict[str, Any]]:
        return self.rows("golden")

    def found(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.rows("discrepancies") if row["kind"] == kind]

    def values(self, name: str) -> list[Any]:
        return sorted((row[name] for row in self.golden), key=repr)

    def content(self) -> dict[str, list[dict[str, Any]]]:
        names = ["golden", "lineage", "links", "discrepancies", "keys", "events"]
        return {name: self.rows(name) for name in names}


def hash_of(row: Mapping[str, Any]) -> str:
    content = repr(sorted((k, str(v)) for k, v in row.items() if k != "_batch"))
    return content


def _common(name: str, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0.0",
        "status": "active",
        "title": name,
        "title_en": name,
        "physical_name": name,
        "fields": fields,
        "quality": (),
        "sla": (),
        "description": None,
        "domain": None,
        "path": Path(name),
        "document": {"name": name},
    }


def _fields(text: str, key: Sequence[str], codelists: Mapping[str, str]) -> tuple[Field, ...]:
    fields = []
    for word in text.split():
        name, _, kind = word.partition(":")
        fields.append(
            Field(
                name=name,
                column=name,
                type=KINDS[kind or "text"],
                title=name,
                key_position=key.index(name) + 1 if name in key else None,
                properties=FieldProperties(codelist=codelists.get(name)),
            )
        )
    return tuple(fields)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Store(tmp_path / "store"))


@pytest.fixture
def worlds(tmp_path: Path) -> Callable[[], World]:
    """Fresh worlds, for properties that need several."""
    made = 0

    def make() -> World:
        nonlocal made
        made += 1
        return World(Store(tmp_path / f"store-{made}"))

    return make
