"""Small worlds of people: who is meant is known, so that what linkage says can be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from hub.reconcile import Previous, reconcile
from hub.reconcile.inputs import Linking
from hub.records import LinkDecision, Reconciled
from hub.store import Store
from tests.reconcile.conftest import Result, World

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文玉兰斌鹏"
FIELDS = {"name": "name", "birth_date": "birth", "address": "address", "phone": "phone"}
COLUMNS = "id name birth:date address phone"
GOLDEN = "resident_id name birth_date:date address phone"
Row = dict[str, Any]


def person(number: int) -> Row:
    """A person by number; no two are alike in everything."""
    dice = Random(number)
    born = date(1950, 1, 1) + timedelta(days=dice.randrange(25_000))
    return {
        "id": resident_id(born, number % 480 * 2),
        "name": dice.choice(FAMILY) + dice.choice(GIVEN) + dice.choice(GIVEN),
        "birth": born,
        "address": f"样例市东街{dice.randrange(900)}号{dice.randrange(90)}室",
        "phone": f"13{dice.randrange(10**9):09d}",
    }


def resident_id(born: date, sequence: int) -> str:
    """A number of division 990101 with a right check character."""
    body = f"990101{born:%Y%m%d}{sequence:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


@dataclass
class Town:
    """A world with one dataset, `people`, run again and again as days go by."""

    world: World
    decisions: list[LinkDecision] = field(default_factory=list)
    last: Reconciled | None = None
    release: int = 0
    models: tuple[str, ...] = ()

    @property
    def store(self) -> Store:
        return self.world.store

    def promise(self, keys: bool, once: Mapping[str, bool], **more: Any) -> None:
        """Declare the dataset; the supplies in order of authority."""
        named = {"resident_id": "id"} if keys else {}
        plan: dict[str, Any] = {
            "entity": "person",
            "linkage": {},
            "sources": [
                {"supply": name, "keys": named, "fields": FIELDS, "once": once_}
                for name, once_ in once.items()
            ],
            **more,
        }
        if keys:
            plan["keys"] = [{"name": "resident_id", "normaliser": "resident_id"}]
        self.world.dataset("people", GOLDEN if keys else GOLDEN.partition(" ")[2], plan)

    def supply(self, name: str, rows: Sequence[Row]) -> None:
        self.world.supply(name, COLUMNS, rows)

    def run(self) -> Result:
        """Reconcile the rows of today; the next run follows from this one."""
        last, sql = self.last, self.world.sql
        previous = None
        if last is not None:
            assert last.redirects
            previous = Previous(
                last.id, sql(last.keys), sql(last.events), self.release, sql(last.links),
                sql(last.redirects),
            )  # fmt: skip
        made = reconcile(
            self.world.datasets["people"], self.world.catalog, self.world.tables, {}, self.store,
            previous, Linking(self.models, tuple(reversed(self.decisions)), "2026-07-01"),
        )  # fmt: skip
        self.last, self.release = made, self.release + 1
        if made.model:
            self.models = (made.model["uri"],)
        return Result(made, self.store)

    def decide(self, kind: str, a: Sequence[tuple[str, str]], b: Sequence[tuple[str, str]]) -> str:
        """A steward's decision about rows (supply, source key)."""
        number = f"d{len(self.decisions)}"
        sides = {
            side: [
                {"supply": supply, "source_key": key, "keys": self._keys(supply, key)}
                for supply, key in rows
            ]
            for side, rows in (("a", a), ("b", b))
        }
        uri = self.store.write_json(f"decisions/{number}.json", sides)
        at = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=len(self.decisions))
        self.decisions.append(
            LinkDecision(number, "people", kind, None, uri, None, "seen", "me", at)
        )
        return number

    def _keys(self, supply: str, key: str) -> dict[str, str]:
        """What the steward saw: the row's number."""
        sql = self.world.tables[supply].sql
        query = f"SELECT id FROM ({sql}) WHERE _source_key = '{key}'"
        found = duckdb.connect().execute(query).fetchone()
        return {"resident_id": found[0]} if found and found[0] else {}


def entities(result: Result) -> dict[str, str]:
    """Entity id by source key."""
    return {row["source_key"]: row["entity_id"] for row in result.rows("links")}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(World(Store(tmp_path / "store")))
