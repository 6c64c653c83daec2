"""A small hub whose one dataset has a field of every kind, and releases of given rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import insert

from hub.ledger import open_ledger
from hub.ledger.grants import add_grant
from hub.ledger.releases import add_release
from hub.ledger.sharing_tables import request
from hub.opened import Hub
from hub.records import Change, Grant, Input, Reconciled, Release
from hub.released import files_of
from hub.settings import Settings
from hub.store import Store
from schemas.arrow import arrow_schema
from schemas.catalog import load_catalog
from schemas.sharing import Terms

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

FIELDS = """\
      - {name: number, logicalType: string, physicalType: varchar(18), customProperties: [
          {property: identifier, value: resident_id}, {property: sensitive, value: true}]}
      - {name: full_name, logicalType: string, customProperties: [
          {property: sensitive, value: true}]}
      - {name: division, logicalType: string, customProperties: [
          {property: codelist, value: division}]}
      - {name: born_on, logicalType: date, customProperties: [
          {property: sensitive, value: true}]}
      - {name: seen_at, logicalType: timestamp}
      - {name: visits, logicalType: integer}
      - {name: amount, logicalType: number, physicalType: "decimal(38,10)"}
      - {name: weight, logicalType: number, physicalType: double}
      - {name: alive, logicalType: boolean}
      - {name: opens_at, logicalType: time}
      - {name: remarks, logicalType: object}
      - {name: payee_entity_id, logicalType: string}
      - {name: secret, logicalType: string, customProperties: [
          {property: shareType, value: denied}, {property: shareCondition, value: law}]}
      - {name: 备注, logicalType: string}
"""

SUPPLY = f"""\
apiVersion: v3.1.0
kind: DataContract
id: office.people
name: 人员
version: 1.0.0
status: active
schema:
  - name: people
    properties:
{FIELDS}
customProperties:
  - {{property: directory, value: {{shareType: conditional, shareCondition: duty}}}}
"""

DATASET = f"""\
apiVersion: v3.1.0
kind: DataContract
id: people
name: 人员总表
version: 1.0.0
status: active
schema:
  - name: people
    properties:
{FIELDS}
customProperties:
  - {{property: directory, value: {{shareType: conditional, shareCondition: duty}}}}
  - property: reconcile
    value:
      entity: person
      keys: [{{name: number}}]
      sources:
        - {{supply: office/people, keys: {{number: number}}, fields: {{number: number}}}}
      resolve:
        - field: payee_entity_id
          using: {{payees: number}}
          key: {{payees: number}}
"""

PAYEES = """\
apiVersion: v3.1.0
kind: DataContract
id: payees
name: 收款人
version: 1.0.0
status: active
schema:
  - name: payees
    properties:
      - {name: number, logicalType: string}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
  - property: reconcile
    value:
      entity: person
      keys: [{name: number}]
      sources:
        - {supply: office/people, keys: {number: number}, fields: {number: number}}
"""


def make_hub(folder: Path, threads: int = 1, memory_mb: int = 500) -> Hub:
    """An open hub in a new folder; its clock stands at `NOW`."""
    root, home = folder / "catalog", folder / "home"
    for name, text in {
        "departments/office.yaml": "name: office\ntitle: {zh: 办公室, en: Office}\n"
        "node: {url: 'sqlite:///${HUB_HOME}/office.db'}\n",
        "departments/tax.yaml": "name: tax\ntitle: {zh: 税务局, en: Tax}\n",
        "contracts/supply/office/people.odcs.yaml": SUPPLY,
        "contracts/dataset/people.odcs.yaml": DATASET,
        "contracts/dataset/payees.odcs.yaml": PAYEES,
        "codelists/division.csv": "code,canonical,label,label_en,kind,valid_from,valid_to\n"
        "990101,990101,甲区,A,canonical,,\n990102,990102,乙区,B,canonical,,\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    catalog = load_catalog(root, home)
    ledger = open_ledger(f"sqlite:///{home}/ledger.db", home)
    chosen = Settings(home, root, f"sqlite:///{home}/ledger.db", memory_mb, threads)
    return Hub(chosen, catalog, ledger, Store(home / "store", memory_mb, threads), now=lambda: NOW)


def many(hub: Hub, count: int, moved: int = 0) -> pa.Table:
    """A golden table of many rows; `moved` gives every seventh another number of visits."""
    schema = golden(hub, []).schema
    listed = ", ".join(
        f"{made} AS {name}"
        if (
            made := {
                "entity_id": "md5('e' || i)",
                "number": "'990101' || lpad(i::VARCHAR, 12, '0')",
                "full_name": "repeat('名', (hash(i) % 30)::INTEGER)",
                "division": "'9901' || lpad((i % 3)::VARCHAR, 2, '0')",
                "visits": f"i % 9 + CASE WHEN i % 7 = 0 THEN {moved} ELSE 0 END",
                "_hash": f"i || '-' || CASE WHEN i % 7 = 0 THEN {moved} ELSE 0 END",
            }.get(name)
        )
        else f"NULL AS {name}"
        for name in schema.names
    )
    with hub.store.connect() as connection:
        made = connection.sql(f"SELECT {listed} FROM range({count}) AS t(i) ORDER BY 1")
        return made.to_arrow_table().cast(schema)


def golden(hub: Hub, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as the file of a release has them, with `entity_id` and `_hash`."""
    fields = arrow_schema(hub.dataset("people"))
    listed = sorted((dict(row) for row in rows), key=lambda row: row["entity_id"])
    for row in listed:
        shown = json.dumps([str(row.get(name)) for name in fields.names])
        row["_hash"] = md5(shown.encode()).hexdigest()
    schema = pa.schema([("entity_id", pa.string()), *fields, ("_hash", pa.string())])
    return pa.Table.from_pylist(listed, schema)


def make_release(
    hub: Hub,
    rows: Iterable[Mapping[str, Any]] | pa.Table,
    touched: Iterable[str] | None = None,
    last: Release | None = None,
) -> Release:
    """Publish rows; with `touched`, as a change of `last` that speaks of these entities alone."""
    number = len(list(hub.store.path("reconciled").glob("*"))) + 1
    name = f"r{number:03d}"
    table = rows if isinstance(rows, pa.Table) else golden(hub, rows)
    if touched is not None:
        ids = pa.array(sorted(touched), pa.string())
        table = table.filter(pc.is_in(table["entity_id"], ids))
    uris = {}
    for part in ("golden", "lineage", "origins", "links", "keys", "events", "discrepancies"):
        uris[part] = f"reconciled/{name}/{part}.parquet"
        with hub.store.writing(uris[part]) as temporary:
            pq.write_table(table, temporary, row_group_size=20_000)
    change = None
    if touched is not None and last is not None:
        uri = f"reconciled/{name}/touched.parquet"
        with hub.store.writing(uri) as temporary:
            named = pa.array(sorted(touched), pa.string())
            pq.write_table(pa.table({"entity_id": named}), temporary)
        change = Change(last.reconciliation, uri, uri, len(set(touched)))
    inputs = (Input("office/people", name, "1.0.0", table.num_rows),)
    made = Reconciled(name, "people", "1.0.0", inputs, **uris, balance=None, change=change)
    # Written as `publish` does, but for the Delta commit, which nothing here reads.
    before = hub.store.read_json(last.manifest)["files"] if last else None
    manifest = f"manifest/people/{number:06d}-{name}.json"
    hub.store.write_json(manifest, {"files": files_of(hub.store, made, before)})
    release = Release("people", number, number, name, manifest, table.num_rows, 0, 0, 0, NOW)
    add_release(hub.ledger, release)
    return release


def make_grant(hub: Hub, terms: Terms, subscriber: str = "tax", **more: Any) -> Grant:
    """A grant in the ledger, as the desk would leave it."""
    with hub.ledger.writing() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM request").scalar_one()
        request_id = f"R2026-{count + 1:06d}"
        connection.execute(
            insert(request).values(
                id=request_id,
                subscriber=subscriber,
                dataset="people",
                provider="office",
                state="granted",
                application={},
                filed_by="li",
                filed_at=NOW,
            )
        )
        grant = Grant(
            id="",
            request_id=request_id,
            subscriber=subscriber,
            dataset="people",
            terms=terms,
            purpose="核验",
            legal_basis="条例",
            scenario="办理",
            since_version=None,
            granted_by="wang",
            granted_at=NOW - timedelta(days=1),
            expires_at=NOW + timedelta(days=30),
        )
        return add_grant(connection, replace(grant, **more))
