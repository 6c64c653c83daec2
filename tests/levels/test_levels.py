"""Levels: slices go down by division, supplies go up, and each hub keeps what it is answerable for.

Province -> city -> county read each other's portals; the county's own supply goes up again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.current import current_table
from hub.errors import PullError
from hub.grants import end
from hub.ledger.batches import list_batches
from hub.ledger.receipts import deliveries_of, receipts_of
from hub.ledger.releases import last_release
from hub.publish import read_manifest
from hub.records import Verdict
from hub.released import relation
from hub.steps import check, collect
from schemas.sharing import Condition
from tests.levels import realm
from tests.levels.realm import Level

pytestmark = [pytest.mark.server, pytest.mark.slow]

RESIDENT = {"resident_id": "string", "name": "string", "division": "string", "born": "date"}
GRANTED = {"record_id": "string", **RESIDENT}
HELPED = {"resident_id": "string", "helped_on": "date"}
PEOPLE = [
    ("990102199001010011", "王一", "990102", "1990-01-01"),
    ("990102199002020022", "王二", "990102", "1990-02-02"),
    ("990103199003030033", "李三", "990103", "1990-03-03"),
    ("990201199004040044", "赵四", "990201", "1990-04-04"),
]


@dataclass
class Realm:
    """The three hubs and the grants between them."""

    province: Level
    city: Level
    county: Level
    down: Any = None  # province -> city
    further: Any = None  # city -> county
    up: Any = None  # county -> province


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Realm]:
    """Three hubs with grants between them; nothing is collected, and no portal runs yet."""
    here = Realm(*(realm.level(tmp_path, name) for name in ("province", "city", "county")))
    for variable in ("FROM_PROVINCE", "FROM_CITY", "FROM_COUNTY"):
        monkeypatch.setenv(variable, "not-yet")
    _province(here)
    _city(here)
    _county(here)
    here.down, token = realm.granted(
        here.province, "city", "population", " ".join(RESIDENT),
        (Condition(field="division", starts_with=("9901",)),),
    )  # fmt: skip
    monkeypatch.setenv("FROM_PROVINCE", token)
    here.further, token = realm.granted(
        here.city, "county", "population", " ".join(RESIDENT),
        (Condition(field="division", one_of=("990102",)),),
    )  # fmt: skip
    monkeypatch.setenv("FROM_CITY", token)
    here.up, token = realm.granted(here.county, "province", "helped", " ".join(HELPED))
    monkeypatch.setenv("FROM_COUNTY", token)
    yield here


def _province(here: Realm) -> None:
    at = here.province
    realm.department(at, "police", realm.database(at, "police"))
    realm.department(at, "county", realm.another_hub(here.county, "FROM_COUNTY"))
    realm.department(at, "city")
    realm.supply(at, "police/residents", RESIDENT, "resident_id", "residents")
    realm.supply(at, "county/helped", {"record_id": "string", **HELPED}, "record_id", "helped")
    same = {name: name for name in RESIDENT}
    realm.dataset(
        at, "population", {**RESIDENT, "helped_on": "date"}, "resident_id",
        {"police/residents": same, "county/helped": {name: name for name in HELPED}},
    )  # fmt: skip
    realm.fill(at, "police", "residents", RESIDENT, PEOPLE)


def _city(here: Realm) -> None:
    at = here.city
    realm.department(at, "province", realm.another_hub(here.province, "FROM_PROVINCE"))
    realm.department(at, "county")
    realm.supply(at, "province/residents", GRANTED, "record_id", "population")
    same = {name: name for name in RESIDENT}
    realm.dataset(at, "population", RESIDENT, "resident_id", {"province/residents": same})


def _county(here: Realm) -> None:
    at = here.county
    realm.department(at, "city", realm.another_hub(here.city, "FROM_CITY"))
    realm.department(at, "clinic", realm.database(at, "clinic"))
    realm.department(at, "province")
    realm.supply(at, "city/residents", GRANTED, "record_id", "population")
    realm.supply(at, "clinic/helped", HELPED, "resident_id", "helped")
    same = {name: name for name in RESIDENT}
    realm.dataset(at, "population", RESIDENT, "resident_id", {"city/residents": same})
    own = {name: name for name in HELPED}
    realm.dataset(at, "helped", HELPED, "resident_id", {"clinic/helped": own})
    realm.fill(at, "clinic", "helped", HELPED, [("990102199002020022", "2026-05-06")])


def golden(at: Level, dataset: str, *fields: str) -> list[tuple[Any, ...]]:
    """The rows of the newest release, by their first field."""
    with at.hub() as hub, hub.store.connect() as connection:
        release = last_release(hub.ledger, dataset)
        assert release is not None, f"{at.name} has not published {dataset}"
        source = relation(hub.store, read_manifest(hub.store, release), "golden")
        names = ", ".join(fields)
        found: list[tuple[Any, ...]] = connection.execute(
            f"SELECT {names} FROM ({source}) ORDER BY 1"
        ).fetchall()
        return found


def ran(at: Level) -> None:
    summary = at.run()
    assert summary.faults == [], (at.name, summary.faults)


def test_slices_go_down_by_division_and_supplies_go_up(place: Realm) -> None:
    with ExitStack() as portals:
        for at in (place.province, place.city, place.county):
            portals.enter_context(realm.portal(at))
        _down_and_up(place)


def _down_and_up(place: Realm) -> None:
    for at in (place.county, place.province, place.city, place.county):
        if at is place.county and last_of(at, "helped") is None:
            at.run()  # the city has nothing to offer yet
        else:
            ran(at)
    in_city = [row[0] for row in PEOPLE if row[2].startswith("9901")]
    in_county = [row[0] for row in PEOPLE if row[2] == "990102"]
    assert [row[0] for row in golden(place.city, "population", "resident_id")] == in_city
    assert [row[0] for row in golden(place.county, "population", "resident_id")] == in_county
    helped = dict(golden(place.province, "population", "resident_id", "helped_on"))
    assert {name: str(day) for name, day in helped.items() if day} == {PEOPLE[1][0]: "2026-05-06"}

    # The province keeps its entity ids: the city knows rows by what the grant made of them.
    own = {row[0] for row in golden(place.province, "population", "entity_id")}
    shown = {row[0] for row in current(place.city, "province/residents", "record_id")}
    assert len(shown) == len(in_city) and not own & shown

    # What nothing happened to is not pulled again.
    before = [batch.id for batch in batches(place.city)]
    ran(place.city)
    assert [batch.id for batch in batches(place.city)] == before

    # A resident who moves out of the slice leaves it, two levels down.
    moved = [PEOPLE[0], (*PEOPLE[1][:2], "990201", PEOPLE[1][3]), *PEOPLE[2:]]
    realm.fill(place.province, "police", "residents", RESIDENT, moved)
    for at in (place.province, place.city, place.county):
        ran(at)
    assert [row[0] for row in golden(place.city, "population", "resident_id")] == [
        PEOPLE[0][0], PEOPLE[2][0],
    ]  # fmt: skip
    assert golden(place.county, "population", "resident_id") == [(PEOPLE[0][0],)]
    [newest, *_] = batches(place.city)
    assert newest.counts is not None and newest.counts.deleted == 1
    assert newest.window.file == "version-000002" and newest.verdict is Verdict.ACCEPT


def test_a_revoked_grant_ends_the_next_pull_and_takes_nothing_back(place: Realm) -> None:
    place.province.run()
    with realm.portal(place.province):
        _revoked(place)


def _revoked(place: Realm) -> None:
    ran(place.city)
    with place.province.hub() as hub:  # the province has the city's receipt
        [delivery] = deliveries_of(hub.ledger, place.down.id)
        [receipt] = receipts_of(hub.ledger, place.down.id)
    assert (delivery.version, delivery.way, delivery.state) == (1, "pull", "received")
    assert receipt.delivery_id == delivery.id
    before = golden(place.city, "population", "resident_id")
    with place.province.hub() as hub:
        end(hub, place.down.id, "sun", "用途已经实现")
    with place.city.hub() as hub, pytest.raises(PullError) as caught:
        collect(hub, "province/residents", hub.now())
    assert "not accepted" in str(caught.value)
    assert os.environ["FROM_PROVINCE"] not in str(caught.value)
    assert not caught.value.transient
    assert golden(place.city, "population", "resident_id") == before

    # Another grant with fewer fields: the same supply goes on with it, and the lack is drift.
    _, token = realm.granted(place.province, "city", "population", "resident_id name division")
    os.environ["FROM_PROVINCE"] += f" {token}"  # the refused one closes its own table alone
    with place.city.hub() as hub:
        [batch] = collect(hub, "province/residents", hub.now())
        checked = check(hub, batch)
    assert checked.counts.source == len(PEOPLE)  # this one has no slice
    assert "column_missing" in " ".join(outcome.code for outcome in checked.outcomes)


def last_of(at: Level, dataset: str) -> Any:
    with at.hub() as hub:
        return last_release(hub.ledger, dataset)


def batches(at: Level) -> list[Any]:
    with at.hub() as hub:
        return list_batches(hub.ledger)


def current(at: Level, supply: str, *fields: str) -> list[tuple[Any, ...]]:
    with at.hub() as hub, hub.store.connect() as connection:
        table = current_table(hub, supply)
        found: list[tuple[Any, ...]] = connection.execute(
            f"SELECT {', '.join(fields)} FROM ({table.sql})"
        ).fetchall()
        return found
