"""Small tables of people and firms whose matches are known, and one way to link them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from hub.linkage import Model, Specification, estimate, score
from hub.linkage.specification import Compared
from hub.store import Store
from schemas.linkage import Kind

Row = dict[str, Any]
GIVEN = "Anna Bert Celia Dorian Edith Felix Greta Hugo Irene Jasper Karla Lutz"
FAMILY = "Abbott Barlow Carver Denham Ellison Farrow Garland Holloway Ingram"
STREETS = ["Mill Lane", "Church Road", "Station Street", "Victoria Avenue", "Oak Drive"]
PEOPLE: tuple[tuple[str, Kind], ...] = (
    ("given", "person_name"),
    ("family", "person_name"),
    ("born", "date"),
    ("phone", "phone"),
    ("address", "address"),
)


def specification(fields: Sequence[tuple[str, Kind]]) -> Specification:
    compared = tuple(Compared(n, name, kind, name, name) for n, (name, kind) in enumerate(fields))
    return Specification("test", compared, (), 0.8, 0.3)


def person(number: int) -> Row:
    """A person by number; four in a row live in one house under one family name."""
    house, own = Random(f"house {number // 4}"), Random(f"person {number}")
    return {
        "family": house.choice(FAMILY.split()) + house.choice(["", "s", "son", "ley"]),
        "address": f"{house.randrange(1, 200)} {house.choice(STREETS)}",
        "given": own.choice(GIVEN.split()) + own.choice(["", "a", "e"]),
        "born": date(1940, 1, 1) + timedelta(days=own.randrange(27_000)),
        "phone": f"07{own.randrange(10**9):09d}",
    }


def mistyped(text: str, dice: Random) -> str:
    place = dice.randrange(len(text))
    return text[:place] + dice.choice("abcdefgh") + text[place + dice.randrange(2) :]


def dirty(row: Row, number: int) -> Row:
    """Four in ten names mistyped, six in ten phones missing, one in twenty dates wrong."""
    dice = Random(f"dirt {number}")
    row = dict(row)
    if dice.random() < 0.4:
        name = dice.choice(["given", "family"])
        row[name] = mistyped(row[name], dice)
    if dice.random() < 0.6:
        row["phone"] = None
    if dice.random() < 0.05:
        row["born"] += timedelta(days=dice.choice([1, 10, 365, 3650]))
    if dice.random() < 0.1:
        row["address"] = f"{dice.randrange(1, 200)} {dice.choice(STREETS)}"
    return row


def two_registers(size: int, shared: int) -> tuple[list[Row], set[tuple[int, int]]]:
    """Profiles of two registers that hold each person once, and the pairs that are one person."""
    rows = [{"code": n, "loose": True, "once": 1, **person(n)} for n in range(size)]
    first = size - shared
    for n in range(first, first + size):
        rows.append({"code": 10**6 + n, "loose": True, "once": 2, **dirty(person(n), n)})
    return rows, {(n, 10**6 + n) for n in range(first, size)}


@dataclass
class Desk:
    """A connection with its store, and the steps of linkage on lists of profiles."""

    store: Store
    connection: DuckDBPyConnection

    def lay_out(self, rows: Sequence[Row]) -> str:
        table = pa.Table.from_pylist(list(rows))
        for name in ("code", "once"):
            place = table.column_names.index(name)
            table = table.set_column(place, name, table[name].cast(pa.uint64()))
        self.connection.register("laid_out", table)
        self.connection.execute("CREATE OR REPLACE TEMP TABLE profiles AS FROM laid_out")
        self.connection.unregister("laid_out")
        return "profiles"

    def learn(self, spec: Specification, rows: Sequence[Row]) -> Model:
        return estimate(self.connection, spec, self.lay_out(rows), self.store, "2026-01-01")

    def score(self, model: Model, rows: Sequence[Row], least: float = 0.0) -> list[Row]:
        spec = model.specification
        score(self.connection, spec, model, self.lay_out(rows), self.store, least)
        found = self.connection.execute("FROM pair ORDER BY a, b")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    store = Store(tmp_path_factory.mktemp("store"))
    with store.connect() as connection:
        yield Desk(store, connection)


def quality(
    pairs: Sequence[Row], rows: Sequence[Row], truth: set[tuple[int, int]], least: float
) -> tuple[float, float, float]:
    """Precision, recall and F1 of the pairs from a probability on, which `once` allows."""
    once = {row["code"]: row["once"] for row in rows}
    said = {
        (p["a"], p["b"])
        for p in pairs
        if p["probability"] >= least and not once[p["a"]] & once[p["b"]]
    }
    right = len(said & truth)
    precision, recall = right / max(len(said), 1), right / len(truth)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)
