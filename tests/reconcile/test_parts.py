"""However the rows are cut into parts, and wherever the result is kept, the files are the same."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from hub.errors import CatalogError
from hub.reconcile import golden, holding

SUPPLIES = ("police/residents", "health/patients", "tax/payers")
COLUMNS = "number name phone birth:date paid:money updated:date"
FIELDS = ("name", "phone", "birth", "paid")
pytestmark = pytest.mark.slow

PLAN: dict[str, Any] = {
    "entity": "person",
    "keys": [{"name": "number"}],
    "sources": [
        {
            "supply": supply,
            "keys": {"number": "number"},
            "fields": {name: name for name in FIELDS},
            "recency": "updated",
        }
        for supply in SUPPLIES
    ],
    "survivorship": {"phone": {"rule": "recency"}, "paid": {"rule": "agreement"}},
    "compare": {"name": {"how": "name"}},
}
FILES = ("golden", "lineage", "links", "keys", "events", "discrepancies", "origins")


@pytest.fixture
def people(world: Any) -> Any:
    """Three supplies that overlap, disagree, repeat themselves and leave things out."""
    dice = random.Random(5)
    for supply in SUPPLIES:
        rows = [
            {
                "number": dice.choice([str(dice.randrange(150)), None]),
                "name": dice.choice(["张三", "张三 ", "李四 的一个很长的名字", None]),
                "phone": dice.choice(["13800000000", "13900000000", None]),
                "birth": dice.choice([date(1980, 1, 2), date(1981, 1, 2), None]),
                "paid": dice.choice([1, 2, None]),
                "updated": dice.choice([date(2020, 1, 1), date(2024, 1, 1), None]),
                "_source_key": f"{supply}-{n:04d}",
                "_batch": f"b{n % 3}",
            }
            for n in range(200)
        ]
        world.supply(supply, COLUMNS, rows)
    world.dataset("people", "number name phone birth:date paid:money", PLAN)
    return world


@pytest.mark.parametrize(("cells", "share"), [(1000, 1), (1000, 0), (10**9, 0)])
def test_parts_make_the_same_files_as_one_run(
    people: Any, monkeypatch: pytest.MonkeyPatch, cells: int, share: int
) -> None:
    one = people.run("people")
    whole = {name: one.rows(name) for name in FILES}
    assert whole["discrepancies"]
    monkeypatch.setattr(golden, "PART_CELLS", cells)
    monkeypatch.setattr(holding, "KEPT_SHARE", share)
    again = people.run("people")
    for name in FILES:
        assert again.rows(name) == whole[name], name
    assert again.record == one.record


def test_files_are_in_order_of_entities(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "PART_CELLS", 500)
    made = people.run("people")
    ids = [row["entity_id"] for row in made.golden]
    assert ids == sorted(ids) == [row["entity_id"] for row in made.rows("lineage")]
    for supply in SUPPLIES:
        linked = [row["entity_id"] for row in made.rows("links") if row["supply"] == supply]
        assert linked == sorted(linked)
        for field in FIELDS:
            found = [
                row["entity_id"]
                for row in made.found("value_conflict")
                if (row["supply"], row["field"]) == (supply, field)
            ]
            assert found == sorted(found)


def test_more_sources_than_bits_are_refused(world: Any) -> None:
    world.supply("police/residents", "number name", [{"number": "1", "name": "张三"}])
    source = {
        "supply": "police/residents",
        "keys": {"number": "number"},
        "fields": {"name": "name"},
    }
    plan = {"entity": "person", "keys": [{"name": "number"}], "sources": [source] * 63}
    world.dataset("people", "number name", plan)
    with pytest.raises(CatalogError, match="63 sources"):
        world.run("people")
