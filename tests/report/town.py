"""A small town with two departments that hand over a register and payments, day by day."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.opened import Hub, open_hub
from hub.steps import run_all

FIRST = datetime(2026, 1, 30, 20, tzinfo=UTC)  # in the town: the 31st, four in the morning
REGISTER = """\
apiVersion: v3.1.0
kind: DataContract
id: office.register
name: 登记册
version: 1.0.0
status: active
schema:
  - name: register
    properties:
      - {name: number, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: label, businessName: 名称, logicalType: string, required: true,
         customProperties: [{property: titleEn, value: Label}]}
      - {name: since, logicalType: date}
      - name: until
        logicalType: date
    quality:
      - type: custom
        engine: greatExpectations
        name: 止不早于起
        dimension: consistency
        customProperties: [{property: indicator, value: "0503"}]
        implementation:
          type: expect_column_pair_values_a_to_be_greater_than_b
          kwargs: {column_A: until, column_B: since, ignore_row_if: either_value_is_missing}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
  - {property: verdict, value: {warn: 0, hold: 0.5, reject: null}}
"""
PAYMENTS = """\
apiVersion: v3.1.0
kind: DataContract
id: treasury.payments
name: 支付
version: 1.0.0
status: active
schema:
  - name: payments
    properties:
      - {name: payment, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: number, logicalType: string}
      - {name: label, logicalType: string}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
"""
THINGS = """\
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
        - supply: office/register
          keys: {number: number}
          fields: {number: number, label: label}
        - supply: treasury/payments
          keys: {number: number}
          fields: {number: number, label: label}
      compare: {label: {how: exact}}
"""

Row = Sequence[str | None]


def catalog(root: Path) -> Path:
    """Write the town's catalog."""
    for name, zh in (("office", "办公室"), ("treasury", "国库")):
        folder = root / "contracts/supply" / name
        folder.mkdir(parents=True)
        (root / "departments").mkdir(exist_ok=True)
        (root / "departments" / f"{name}.yaml").write_text(
            f"name: {name}\ntitle: {{zh: {zh}, en: {name.title()}}}\n"
            f"node: {{url: 'sqlite:///${{HUB_HOME}}/{name}.db'}}\n",
            encoding="utf-8",
        )
    (root / "contracts/dataset").mkdir()
    for place, text in (
        ("supply/office/register", REGISTER),
        ("supply/treasury/payments", PAYMENTS),
        ("dataset/things", THINGS),
    ):
        (root / "contracts" / f"{place}.odcs.yaml").write_text(text, encoding="utf-8")
    return root


def fill(home: Path, register: Sequence[Row], payments: Sequence[Row]) -> None:
    """Put rows into the front ends, instead of those that were there."""
    for name, table, columns, rows in (
        ("office", "register", ("number", "label", "since", "until"), register),
        ("treasury", "payments", ("payment", "number", "label"), payments),
    ):
        home.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(home / f"{name}.db")
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{c} TEXT' for c in columns)})")
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.commit()
        connection.close()


GOOD = [(str(n), f"label {n}", "2020-01-01", "2021-01-01") for n in range(1, 9)]
PAID = [(f"p{n}", str(n), f"label {n}") for n in range(1, 9)]


def days() -> Iterator[tuple[Sequence[Row], Sequence[Row]]]:
    """Three days: a good one, one with faults, one that is held (most rows lack their label)."""
    yield GOOD, PAID
    faulty = [*GOOD[:6], ("7", None, None, None), ("8", "label 8", "2021-01-01", "2020-01-01")]
    yield faulty, [*PAID[:7], ("p8", "8", "another label"), ("p9", "9", "paid alone")]
    yield [(n, None, s, u) for n, _, s, u in GOOD[:6]] + GOOD[6:], PAID


@contextmanager
def town(folder: Path, days_: int = 3) -> Iterator[Hub]:
    """An open hub after some days of the town; the clock stands at the last day."""
    home, root = folder / "home", folder / "catalog"
    if not root.exists():
        catalog(root)
    with open_hub(home, root) as opened:
        moment = FIRST
        hub = opened
        for number, (register, payments) in enumerate(list(days())[:days_]):
            moment = FIRST + timedelta(days=number)
            hub = replace(opened, now=lambda at=moment: at + timedelta(minutes=5))  # type: ignore[misc]
            fill(home, register, payments)
            assert run_all(hub, moment).faults == []
        yield hub


def copied(source: Path, target: Path) -> Path:
    """The folder of a town once more, for a test that changes it."""
    shutil.copytree(source, target)
    return target


def measured(hub: Hub, where: str = "true") -> list[Mapping[str, object]]:
    """Rows of the ledger's measures."""
    with hub.ledger.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM measure WHERE {where} ORDER BY id")
        return [dict(row) for row in rows.mappings()]
