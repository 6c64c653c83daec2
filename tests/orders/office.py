"""A small office whose clerk books payments, a hub that pulls from it, and the days that go by."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from hub.handed_in import desk_of
from hub.ledger.orders import items_of
from hub.opened import Hub, open_hub
from hub.orders import Desk
from hub.orders.view import list_orders, show_order
from hub.steps import run_all

CATALOG = Path(__file__).parent.parent / "laws" / "catalog"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
PAYMENTS, REGISTER = "office/payments", "office/register"


@dataclass
class Office:
    """The front end, the hub that pulls from it, and the days that go by."""

    hub: Hub
    home: Path
    day: int = 0
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = desk_of(self.hub)

    def sql(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.home / "office.db")) as db, db:
            db.execute(statement, values)

    def pay(self, *rows: tuple[str, str]) -> None:
        """Book payments (key, amount) with tomorrow's watermark."""
        for key, amount in rows:
            self.sql(
                "INSERT OR REPLACE INTO payments VALUES (?, '1', NULL, ?, ?)",
                key, amount, self.day + 1,
            )  # fmt: skip

    def register(self, **labels: str | None) -> None:
        """Write the register: number n<…> -> label."""
        self.sql("DELETE FROM register")
        for number, label in labels.items():
            self.sql("INSERT INTO register VALUES (?, ?)", number, label)

    def run(self, *datasets: str) -> None:
        """Let a day go by; only these datasets are published."""
        self.day += 1
        moment = DAY + timedelta(days=self.day)
        assert run_all(self.hub, moment, [REGISTER, PAYMENTS], datasets).faults == []

    def orders(self, supply: str, rows_only: bool = True) -> list[dict[str, Any]]:
        """The supply's orders by id, those about discrepancies left out unless asked for."""
        found = [show_order(self.desk, o["id"]) for o in list_orders(self.desk, supply=supply)]
        if rows_only:
            found = [order for order in found if "/" not in order["round"]]
        return sorted(found, key=lambda order: order["id"])

    def states(self, order_id: str) -> list[str]:
        return sorted(item.state for item in items_of(self.hub.ledger, order_id))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@contextmanager
def town(
    folder: Path, catalog: Path = CATALOG, keyless: bool = False, **register: Any
) -> Iterator[Office]:
    """An office below `folder`, the register's contract with these custom properties."""
    home = folder / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "office.db")) as db, db:
        db.execute("CREATE TABLE register (number TEXT, label TEXT)")
        db.execute(
            "CREATE TABLE payments (payment TEXT PRIMARY KEY, number TEXT, label TEXT,"
            " amount TEXT, changed INTEGER)"
        )
    root = folder / "catalog"
    shutil.copytree(catalog, root)
    edit(root, REGISTER, keyless, **register)
    with open_hub(home, root) as opened:
        yield Office(opened, home)


def edit(root: Path, supply: str, keyless: bool = False, **changes: Any) -> None:
    """Change a contract's custom properties, and with them its version."""
    path = root / f"contracts/supply/{supply}.odcs.yaml"
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept = [e for e in contract["customProperties"] if e["property"] not in changes]
    given = [{"property": name, "value": value} for name, value in changes.items()]
    contract["customProperties"] = kept + given
    if keyless:
        for field_ in contract["schema"][0]["properties"]:
            field_.pop("primaryKey", None)
            field_.pop("primaryKeyPosition", None)
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
