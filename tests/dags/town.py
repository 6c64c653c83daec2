"""A town of two departments and one dataset, small enough to run through Airflow in a test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

PEOPLE = """
apiVersion: v3.1.0
kind: DataContract
id: registry.people
name: 登记人员
version: 1.0.0
status: active
description: {purpose: 登记处的人员名册。}
schema:
  - name: people
    physicalType: table
    properties:
      - name: number
        logicalType: string
        physicalType: varchar(18)
        primaryKey: true
        primaryKeyPosition: 1
      - {name: name, logicalType: string, physicalType: varchar(40), required: true}
slaProperties:
  - {property: latency, value: 2, unit: h}
customProperties:
  - {property: titleEn, value: People}
  - {property: directory, value: {shareType: unconditional, updateCycle: daily}}
  - {property: verdict, value: {warn: 0.0, hold: 0.3, reject: 0.5}}
"""
PUPILS = """
apiVersion: v3.1.0
kind: DataContract
id: school.pupils
name: 在校学生
version: 1.0.0
status: active
description: {purpose: 学校的学生名册。}
schema:
  - name: pupils
    physicalType: table
    properties:
      - name: number
        logicalType: string
        physicalType: varchar(18)
        primaryKey: true
        primaryKeyPosition: 1
      - {name: name, logicalType: string, physicalType: varchar(40)}
slaProperties:
  - {property: latency, value: 0.001, unit: h}  # nobody keeps this
customProperties:
  - {property: titleEn, value: Pupils}
  - {property: directory, value: {shareType: unconditional, updateCycle: monthly}}
"""
TOWN = """
apiVersion: v3.1.0
kind: DataContract
id: town
name: 全镇人员
version: 1.0.0
status: active
description: {purpose: 全镇的人员。}
schema:
  - name: town
    physicalType: table
    properties:
      - name: number
        logicalType: string
        physicalType: varchar(18)
        primaryKey: true
        primaryKeyPosition: 1
      - {name: name, logicalType: string, physicalType: varchar(40)}
customProperties:
  - {property: titleEn, value: Townspeople}
  - {property: directory, value: {shareType: unconditional}}
  - property: reconcile
    value:
      entity: person
      keys: [{name: number}]
      sources:
        - {supply: registry/people, keys: {number: number}, fields: {name: name}}
        - {supply: school/pupils, keys: {number: number}, fields: {name: name}}
"""


def build(folder: Path) -> Path:
    """Write the catalog below `folder` and fill both front ends; returns the catalog."""
    catalog = folder / "catalog"
    for name, text in {
        "departments/registry.yaml": _department(folder, "registry", "登记处", "Registry"),
        "departments/school.yaml": _department(folder, "school", "学校", "School"),
        "contracts/supply/registry/people.odcs.yaml": PEOPLE,
        "contracts/supply/school/pupils.odcs.yaml": PUPILS,
        "contracts/dataset/town.odcs.yaml": TOWN,
    }.items():
        path = catalog / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (catalog / "codelists").mkdir()
    fill(folder, "registry", "people", [(f"P{n:03}", f"张{n}") for n in range(40)])
    fill(folder, "school", "pupils", [(f"P{n:03}", f"张{n}") for n in range(20, 30)])
    return catalog


def share(catalog: Path, folder: Path) -> None:
    """Let the registry supervise sharing, and give both departments inboxes."""
    (catalog / "sharing.yaml").write_text("supervisor: registry\nclocks: national\n", "utf-8")
    for name in ("registry", "school"):
        path = catalog / "departments" / f"{name}.yaml"
        inbox = f"inbox: {{file: {{url: 'file://{folder}/inbox/{name}'}}}}\n"
        inbox += "officers: {wu: [approver], zheng: [supervisor]}\n"
        path.write_text(path.read_text("utf-8") + inbox, "utf-8")
    (folder / "inbox" / "school").mkdir(parents=True)


def fill(folder: Path, department: str, table: str, rows: Iterable[tuple[str, str | None]]) -> None:
    """Replace the rows of one table at its source."""
    with sqlite3.connect(folder / f"{department}.db") as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (number TEXT, name TEXT)")
        connection.execute(f"DELETE FROM {table}")
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)


def _department(folder: Path, name: str, zh: str, en: str) -> str:
    url = f"sqlite:///{folder / name}.db"
    return f"name: {name}\ntitle: {{zh: {zh}, en: {en}}}\nnode: {{url: '{url}'}}\n"
