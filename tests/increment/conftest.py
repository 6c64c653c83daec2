"""Supplies that change step by step, reconciled as changes and as a whole side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.reconcile import EntityIndex, InputTable, reconcile
from hub.reconcile.inputs import Linking, Previous, index_of, previous_of
from hub.records import Input, LinkDecision, Reconciled, Release
from hub.released import files_of, relation, touched_between
from hub.store import Store
from schemas.arrow import arrow_type
from schemas.contract import Catalog, Dataset, Field, FieldType, LogicalType, Supply
from schemas.properties import (
    DatasetProperties,
    Department,
    FieldProperties,
    Reconcile,
    SupplyProperties,
    Title,
)
from tests.increment.contracts import DEALS, PEOPLE, THINGS

KINDS = {
    "text": FieldType(LogicalType.STRING),
    "date": FieldType(LogicalType.DATE),
    "money": FieldType(LogicalType.NUMBER, 18, 2),
    "timestamp": FieldType(LogicalType.TIMESTAMP),
}
FILES = (
    "golden", "links", "keys", "events", "redirects", "discrepancies", "balance",
    "sums", "twins", "refers", "pairs", "profiles",
)  # fmt: skip
Row = dict[str, Any]


@dataclass
class Made:
    """A release as far as the next reconciliation sees it: its manifest and its record."""

    release: Release
    manifest: dict[str, Any]
    record: Reconciled


@dataclass
class Town:
    """Contracts, the rows of each supply by source key, and the chain of releases."""

    store: Store
    supplies: dict[str, Supply] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    changed: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    last: dict[str, Made] = field(default_factory=dict)
    seen: dict[str, dict[str, Made]] = field(default_factory=dict)
    decisions: list[LinkDecision] = field(default_factory=list)
    batches: int = 0

    @property
    def catalog(self) -> Catalog:
        return Catalog(Path(), {}, self.supplies, self.datasets, {})

    def supply(self, name: str, fields: str, key: tuple[str, ...] = ()) -> None:
        department = name.split("/")[0]
        self.supplies[name] = Supply(
            **_common(name, _fields(fields, key)),
            department=Department(name=department, title=Title(zh=department, en=department)),
            properties=SupplyProperties(),
        )
        self.rows[name] = {}

    def dataset(self, name: str, fields: str, plan: Mapping[str, Any]) -> None:
        self.datasets[name] = Dataset(
            **_common(name, _fields(fields, ())),
            properties=DatasetProperties(reconcile=Reconcile.model_validate(plan)),
        )
        self.changed[name] = {s: set() for s in self.datasets[name].supplies}

    def batch(self, supply: str, rows: Mapping[str, Row | None]) -> None:
        """A batch that writes rows at their source keys; None deletes."""
        self.batches += 1
        for key, row in rows.items():
            if row is None:
                self.rows[supply].pop(key, None)
            else:
                self.rows[supply][key] = {**row, "_batch": f"b{self.batches:04d}"}
            for changed in self.changed.values():
                if supply in changed:
                    changed[supply].add(key)

    def tables(self, dataset: str) -> dict[str, InputTable]:
        return {
            name: InputTable(
                Input(name, f"b{self.batches:04d}", "1.0.0", len(self.rows[name])),
                self._file(name, sorted(self.rows[name])),
                self._keys(sorted(keys)),
                self._file(name, sorted(keys & self.rows[name].keys())),
            )
            for name, keys in self.changed[dataset].items()
        }

    def _file(self, supply: str, keys: list[str]) -> str:
        rows = [self.rows[supply][key] for key in keys]
        columns: dict[str, pa.Array] = {
            f.name: pa.array([row.get(f.name) for row in rows], arrow_type(f.type))
            for f in self.supplies[supply].fields
        }
        columns["_source_key"] = pa.array(keys, pa.string())
        columns["_batch"] = pa.array([row["_batch"] for row in rows], pa.string())
        return self._write(pa.table(columns))

    def _keys(self, keys: list[str]) -> str:
        return self._write(pa.table({"_source_key": pa.array(keys * 2, pa.string())}))

    def _write(self, table: pa.Table) -> str:
        self.store.root.mkdir(parents=True, exist_ok=True)
        path = self.store.root / f"input-{len(list(self.store.root.glob('input-*')))}.parquet"
        pq.write_table(table, path)
        return f"SELECT * FROM read_parquet('{path}')"

    def reconcile(self, dataset: str, whole: bool) -> Made:
        before = self.last.get(dataset)
        record = reconcile(
            self.datasets[dataset],
            self.catalog,
            self.tables(dataset),
            {name: self._index(dataset, name) for name in self.datasets[dataset].datasets},
            self.store,
            self._previous(before) if before else None,
            self._linking(before),
            whole=whole,
        )
        number = before.release.version + 1 if before else 1
        now = datetime(2026, 1, 1, tzinfo=UTC)
        release = Release(dataset, number, number, record.id, "", 0, 0, 0, 0, now)
        files = files_of(self.store, record, before.manifest["files"] if before else None)
        return Made(release, {"files": files, "memory": record.memory}, record)

    def _linking(self, before: Made | None) -> Linking:
        model = before.record.model if before else None
        return Linking((model["uri"],) if model else (), tuple(self.decisions), "2026-01-01")

    def decide(self, kind: str, a: tuple[str, str], b: tuple[str, str]) -> None:
        """A steward confirms or forbids a link between two rows (supply, source key)."""
        name = f"d{self.batches}-{len(self.decisions)}"
        sides = {
            side: [{"supply": supply, "source_key": key, "keys": {}}]
            for side, (supply, key) in (("a", a), ("b", b))
        }
        uri = self.store.write_json(f"decisions/{name}.json", sides)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        self.decisions.insert(
            0, LinkDecision(name, "people", kind, None, uri, None, "seen", "steward", at)
        )

    def _previous(self, made: Made) -> Previous:
        return previous_of(self.store, made.release, made.manifest)

    def _index(self, dataset: str, name: str) -> EntityIndex:
        made = self.last[name]
        index = index_of(self.store, made.release, made.manifest)
        old = self.seen.get(dataset, {}).get(name)
        if old is None:
            return index
        return replace(
            index,
            before=index_of(self.store, old.release, old.manifest),
            touched=touched_between(self.store, old.manifest, made.manifest),
        )

    def release(self, dataset: str, made: Made) -> None:
        """Let `made` be the last release."""
        self.last[dataset] = made
        self.seen[dataset] = {name: self.last[name] for name in self.datasets[dataset].datasets}
        self.changed[dataset] = {name: set() for name in self.changed[dataset]}

    def told(self, made: Made) -> dict[str, Any]:
        """Everything that a release says, in an order of its own; lineage as supply and batch."""
        told: dict[str, Any] = {}
        with self.store.connect() as connection:
            for name in FILES:
                if name in made.manifest["files"]:
                    found = connection.sql(relation(self.store, made.manifest, name))
                    columns = sorted(found.columns)
                    rows = found.select(*(f'"{c}"' for c in columns)).fetchall()
                    told[name] = sorted(
                        (dict(zip(columns, row, strict=True)) for row in rows), key=repr
                    )
            origins = connection.sql(relation(self.store, made.manifest, "origins")).fetchall()
            named = {index: (supply, batch) for index, supply, batch in origins}
            lineage = connection.sql(relation(self.store, made.manifest, "lineage"))
            told["lineage"] = sorted(
                (
                    [row[0], *(named[i] if i is not None else None for i in row[1:])]
                    for row in lineage.fetchall()
                ),
                key=repr,
            )
        told["counts"] = made.record.counts
        told["measures"] = made.record.measures
        told["tallies"] = made.record.memory["tallies"]
        return told


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


def _fields(text: str, key: tuple[str, ...]) -> tuple[Field, ...]:
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
                properties=FieldProperties(),
            )
        )
    return tuple(fields)


def make_town(store: Store) -> Town:
    """Three supplies of persons in two key spaces, and one of deals that refer to them."""
    town = Town(store)
    town.supply("office/register", "no code name born:date mark seen:timestamp amount:money")
    town.supply("tax/list", "no label birth:date mark at:timestamp amount:money", key=("no",))
    town.supply("shop/cards", "code holder mark")
    town.supply("bank/deals", "deal payee firm")
    town.dataset("things", "number code label birth:date mark", THINGS)
    town.dataset("deals", "deal payee_no payee_code payee firm", DEALS)
    return town


def make_parish(store: Store) -> Town:
    """Three supplies of persons, of which one knows no number: they link."""
    town = Town(store)
    for name in ("office/people", "clinic/patients", "school/pupils"):
        town.supply(name, "no name born:date address phone")
    town.dataset("people", "number name birth:date address phone", PEOPLE)
    return town


@pytest.fixture
def parishes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Town]:
    return lambda: make_parish(Store(tmp_path_factory.mktemp("parish") / "store", 500, 1))


@pytest.fixture
def towns(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Town]:
    return lambda: make_town(Store(tmp_path_factory.mktemp("town") / "store", 500, 1))
