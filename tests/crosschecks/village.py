"""A village with three departments, a hub that asks questions of them, and the days that go by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from hub.asking import Asked, ask
from hub.opened import Hub, open_hub
from hub.steps import run_all

FIRST = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, nine in the morning
TABLES = {
    "register/people": {"number": "string", "name": "string", "born": "date", "village": "string"},
    "funeral/deaths": {"number": "string", "died": "date"},
    "treasury/payments": {
        "payment": "string", "number": "string", "amount": "decimal", "paid": "date",
        "bureau": "string",
    },
}  # fmt: skip
TITLES = {"register": ("登记处", "Register"), "funeral": ("殡葬所", "Funeral home"),
          "treasury": ("财政所", "Treasury")}  # fmt: skip
TYPES: dict[str, dict[str, Any]] = {
    "string": {"logicalType": "string"},
    "date": {"logicalType": "date"},
    "decimal": {"logicalType": "number", "physicalType": "decimal(18,2)"},
}
DEAD_BUT_PAID: dict[str, Any] = {
    "name": "dead_but_paid",
    "version": "1.0.0",
    "title": {"zh": "已故人员领取待遇", "en": "Paid after death"},
    "question": {"zh": "谁在去世之后仍领取待遇？", "en": "Who was paid after death?"},
    "datasets": ["people"],
    "supplies": ["funeral/deaths", "treasury/payments"],
    "parameters": {"grace_days": 0},
    "sql": (
        "SELECT p.entity_id AS person_id, t.payment, p.name, d.died, t.paid, t.bureau,\n"
        "  (t.amount * 100)::BIGINT AS amount_fen\n"
        "FROM funeral_deaths AS d\n"
        "JOIN people AS p ON p.entity_id = d._people_id\n"
        "JOIN treasury_payments AS t ON t.number = p.number\n"
        "WHERE t.paid > d.died + CAST($grace_days AS INTEGER)\n"
    ),
    "key": ["person_id", "payment"],
    "entity": {"people": "person_id"},
    "evidence": {
        "name": {"zh": "姓名", "en": "Name", "from": "people.name"},
        "died": {"zh": "死亡日期", "en": "Died on", "from": "funeral/deaths.died"},
        "paid": {"zh": "支付日期", "en": "Paid on", "from": "treasury/payments.paid"},
    },
    "amount": "amount_fen",
    "department": {"column": "bureau", "default": "treasury"},
    "workingDays": 5,
    "legalBasis": [{"zh": "《某条例》第三条", "en": "Some Regulation, article 3"}],
}
ALLOWANCE: dict[str, Any] = {
    "name": "allowance",
    "version": "1.0.0",
    "title": {"zh": "高龄津贴", "en": "Allowance of old age"},
    "dataset": "people",
    "benefit": {"zh": "每月 100 元", "en": "100 yuan a month"},
    "department": "treasury",
    "parameters": {"limit": 300},
    "facts": {
        "deaths": {"from": "funeral/deaths", "value": "count(*)"},
        "had": {
            "from": "treasury/payments", "by": "number", "of": "number",
            "value": "sum(amount)", "where": "paid >= DATE '2026-01-01'",
        },
    },
    "conditions": {
        "old": {"zh": "年满六十周岁", "en": "At least sixty",
                "sql": "this.born <= DATE '1966-01-01'"},
        "alive": {"zh": "健在", "en": "Alive", "sql": "deaths = 0"},
        "below": {"zh": "年内所领不足上限", "en": "Had less than the limit this year",
                  "sql": "coalesce(had, 0) < $limit"},
    },
    "legalBasis": [{"zh": "《某办法》第五条", "en": "Some Measure, article 5"}],
}  # fmt: skip


def catalog(root: Path) -> Path:
    """Write the village's catalog, with its cross-check and its policy."""
    for supply, fields in TABLES.items():
        department, _, table = supply.partition("/")
        zh, en = TITLES[department]
        write(
            root / f"departments/{department}.yaml",
            {"name": department, "title": {"zh": zh, "en": en},
             "node": {"url": f"sqlite:///${{HUB_HOME}}/{department}.db"}},
        )  # fmt: skip
        key = next(iter(fields))
        properties = [
            {"name": name, "businessName": f"字段 {name}", **TYPES[kind]}
            | ({"primaryKey": True, "primaryKeyPosition": 1} if name == key else {})
            for name, kind in fields.items()
        ]
        for entry in properties:
            entry["customProperties"] = [
                {"property": "sensitive", "value": entry["name"] in ("number", "name")}
            ]
        write(root / f"contracts/supply/{supply}.odcs.yaml", contract(supply, table, properties))
    people = [
        {"name": name, "businessName": f"字段 {name}", **TYPES[kind],
         "customProperties": [{"property": "sensitive", "value": name in ("number", "name")}]}
        for name, kind in {"number": "string", "name": "string", "born": "date"}.items()
    ]  # fmt: skip
    plan = {
        "entity": "person",
        "keys": [{"name": "number"}],
        "sources": [
            {"supply": "register/people", "keys": {"number": "number"},
             "fields": {"number": "number", "name": "name", "born": "born"}},
            {"supply": "funeral/deaths", "keys": {"number": "number"},
             "fields": {"number": "number"}},
        ],
    }  # fmt: skip
    write(
        root / "contracts/dataset/people.odcs.yaml",
        contract("people", "people", people, {"property": "reconcile", "value": plan}),
    )
    write(root / "crosschecks/dead_but_paid.yaml", DEAD_BUT_PAID)
    write(root / "policies/allowance.yaml", ALLOWANCE)
    return root


def contract(name: str, table: str, properties: Any, *custom: Any) -> dict[str, Any]:
    share = {"property": "directory", "value": {"shareType": "unconditional"}}
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name.replace("/", "."),
        "name": f"表{table}",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": table, "properties": properties}],
        "customProperties": [share, *custom],
    }


def write(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")


@dataclass
class Village:
    """The open hub, its front ends, and the days that go by."""

    hub: Hub
    day: int = 0

    @property
    def moment(self) -> datetime:
        return FIRST + timedelta(days=self.day)

    def fill(self, supply: str, *rows: Sequence[Any]) -> None:
        """Put rows into a front end, in place of those that were there."""
        department, _, table = supply.partition("/")
        columns = TABLES[supply]
        with closing(sqlite3.connect(self.hub.settings.home / f"{department}.db")) as db, db:
            db.execute(f"DROP TABLE IF EXISTS {table}")
            db.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)

    def publish(self) -> None:
        """Let a day go by: everything is pulled and published, and no question asked."""
        self.day += 1
        assert run_all(self.at(), self.moment).faults == []

    def ask(self, **named: Any) -> dict[str, Asked]:
        """Ask the questions, by name."""
        return {asked.name: asked for asked in ask(self.at(), self.moment, **named)}

    def at(self) -> Hub:
        return replace(self.hub, now=lambda: self.moment)


PEOPLE = [
    ("n1", "甲", "1940-01-01", "东"),
    ("n2", "乙", "1950-01-01", "东"),
    ("n3", "丙", "1990-01-01", "西"),
    ("n4", "丁", None, "西"),
]
DEATHS = [("n1", "2026-01-10")]
PAYMENTS = [
    ("p1", "n1", "100.00", "2026-01-05", "财政所"),
    ("p2", "n1", "120.50", "2026-02-05", "财政所"),
    ("p3", "n2", "100.00", "2026-02-05", "nobody"),
]


@contextmanager
def village(folder: Path, fill: bool = True) -> Iterator[Village]:
    """A village below `folder`; filled, one person was paid after death."""
    home, root = folder / "home", folder / "catalog"
    home.mkdir(parents=True, exist_ok=True)
    if not root.exists():
        catalog(root)
    with open_hub(home, root) as opened:
        place = Village(opened)
        if fill:
            place.fill("register/people", *PEOPLE)
            place.fill("funeral/deaths", *DEATHS)
            place.fill("treasury/payments", *PAYMENTS)
        yield place
