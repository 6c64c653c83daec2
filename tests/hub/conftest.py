"""A small supply, a store and a ledger for the tests of the rooms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.ledger import Ledger, open_ledger
from hub.store import Store
from schemas.catalog import load_catalog
from schemas.contract import Catalog, Supply

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: office.things
name: 物品
version: 1.0.0
status: active
schema:
  - name: things
    properties:
      - {name: number, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: label, logicalType: string}
      - {name: amount, logicalType: number, physicalType: "decimal(18,2)"}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
"""

DATASET = """\
apiVersion: v3.1.0
kind: DataContract
id: things
name: 物品总表
version: 1.0.0
status: active
schema:
  - name: things
    properties:
      - {name: number, logicalType: string}
      - {name: label, logicalType: string}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
  - property: reconcile
    value:
      entity: thing
      keys: [{name: number}]
      sources:
        - {supply: office/things, keys: {number: number}, fields: {number: number, label: label}}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    root = tmp_path / "catalog"
    (root / "departments").mkdir(parents=True)
    (root / "contracts/supply/office").mkdir(parents=True)
    (root / "contracts/dataset").mkdir(parents=True)
    (root / "departments/office.yaml").write_text(
        "name: office\ntitle: {zh: 办公室, en: Office}\n"
        "node: {url: 'sqlite:///${HUB_HOME}/office.db'}\n",
        encoding="utf-8",
    )
    (root / "contracts/supply/office/things.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    (root / "contracts/dataset/things.odcs.yaml").write_text(DATASET, encoding="utf-8")
    return load_catalog(root, tmp_path / "home")


@pytest.fixture
def supply(catalog: Catalog) -> Supply:
    return catalog.supplies["office/things"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home" / "store", memory_mb=500, threads=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path}/home/ledger.db", tmp_path / "home")
    yield opened
    opened.engine.dispose()
