"""Rows without a good key find whom they speak of; ids last through it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.entities.conftest import Row, Town, entities, person, resident_id

pytestmark = pytest.mark.slow

HOUSE, CLINIC = "house/register", "clinic/patients"
BOTH = {HOUSE: True, CLINIC: True}
PEOPLE = 260


def register(people: range = range(PEOPLE)) -> list[Row]:
    return [person(n) | {"_source_key": f"h{n}"} for n in people]


def patients(people: range = range(60, PEOPLE + 60), dice: int = 5) -> list[Row]:
    """The clinic's rows, some of them with another phone, address or one character amiss."""
    rows = []
    chance = Random(dice)
    for n in people:
        row = person(n) | {"_source_key": f"c{n}"}
        if chance.random() < 0.2:
            row["phone"] = None
        if chance.random() < 0.2:
            row["address"] = person(n + 10_000)["address"]
        rows.append(row)
    return rows


def without_keys(rows: list[Row]) -> list[Row]:
    return [row | {"id": None} for row in rows]


def right_and_wrong(found: dict[str, str]) -> tuple[int, int]:
    """Pairs of house and clinic rows in one entity: of one person, and of two."""
    groups: dict[str, list[str]] = {}
    for key, entity in found.items():
        groups.setdefault(entity, []).append(key)
    joined = [keys for keys in groups.values() if len(keys) > 1]
    right = sum(len({key[1:] for key in keys}) == 1 for keys in joined)
    return right, len(joined) - right


def test_two_supplies_without_any_common_key_link_by_contract_alone(town: Town) -> None:
    town.promise(keys=False, once=BOTH)
    town.supply(HOUSE, without_keys(register()))
    town.supply(CLINIC, without_keys(patients()))
    result = town.run()
    found = entities(result)
    right, wrong = right_and_wrong(found)
    common = PEOPLE - 60
    print(f"\nprecision {right / (right + wrong):.3f}, recall {right / common:.3f}")
    assert wrong == 0 and right >= 0.98 * common
    assert len(result.rows("links")) == len(found) == 2 * PEOPLE  # every row once
    assert {row["kind"] for row in result.rows("discrepancies")} <= {
        "value_conflict", "possible_match",
    }  # fmt: skip
    assert len(result.golden) == len(set(found.values()))


def test_duplicates_within_one_supply_are_found_where_it_does_not_hold_each_once(
    town: Town,
) -> None:
    twice = [row | {"_source_key": f"x{row['_source_key'][1:]}"} for row in register(range(40))]
    for once, joined in ((False, 40), (True, 0)):
        town.last = None
        town.promise(keys=False, once={HOUSE: once})
        town.supply(HOUSE, without_keys([*register(), *twice]))
        right, wrong = right_and_wrong(entities(town.run()))
        assert wrong == 0
        assert right == joined if once else right >= 38


def test_a_re_run_changes_no_id_and_a_new_row_only_its_own(town: Town) -> None:
    town.promise(keys=False, once=BOTH)
    house, clinic = without_keys(register()), without_keys(patients(range(60, 250)))
    town.supply(HOUSE, house)
    town.supply(CLINIC, clinic)
    first = town.run()
    again = town.run()
    assert entities(again) == entities(first)
    assert again.rows("events") == []
    Random(3).shuffle(house)
    Random(4).shuffle(clinic)
    town.supply(HOUSE, house)
    town.supply(CLINIC, clinic)
    assert entities(town.run()) == entities(first)
    town.supply(CLINIC, [*clinic, *without_keys(patients(range(250, 255)))])
    more = entities(town.run())
    old = entities(first)
    assert {key: more[key] for key in old} == old
    assert {more[f"c{n}"] for n in range(250, 255)} == {old[f"h{n}"] for n in range(250, 255)}


def keyed(town: Town, *changed: Row, **plan: Any) -> None:
    """A register with numbers, a clinic with numbers, and rows in place of the clinic's."""
    town.promise(keys=True, once={HOUSE: True, CLINIC: False}, **plan)
    by_key = {row["_source_key"]: row for row in (*patients(), *changed)}
    town.supply(HOUSE, register())
    town.supply(CLINIC, list(by_key.values()))


def test_a_row_without_a_number_finds_its_person_and_still_lacks_one(town: Town) -> None:
    lost = person(100) | {"_source_key": "c100", "id": None}
    wrong = person(101) | {"_source_key": "c101", "id": person(101)["id"][:-1] + "?"}
    keyed(town, lost, wrong)
    result = town.run()
    found = entities(result)
    assert found["c100"] == found["h100"] and found["c101"] == found["h101"]
    listed = {row["source_key"]: row["entity_id"] for row in result.found("no_key")}
    assert listed == {"c100": found["h100"], "c101": found["h101"]}
    (pair,) = [
        p for p in result.rows("pairs") if "c100" in (p["source_key"], p["other_source_key"])
    ]
    assert pair["decision"] == "linked" and pair["probability"] > 0.95


def test_a_valid_number_that_is_nobodys_merges_where_all_else_agrees(town: Town) -> None:
    born = person(100)["birth"]
    slip = person(100) | {"_source_key": "c100", "id": resident_id(born, 100 % 480 * 2 + 1)}
    keyed(town, slip)
    result = town.run()
    found = entities(result)
    assert found["c100"] == found["h100"]
    (conflict,) = [r for r in result.found("value_conflict") if r["field"] == "resident_id"]
    assert (conflict["source_key"], conflict["value"]) == ("c100", slip["id"])
    assert conflict["surviving_value"] == person(100)["id"]


def test_a_number_far_from_any_other_stays_a_person_of_its_own(town: Town) -> None:
    other = person(100) | {"_source_key": "c100", "id": person(5_000)["id"]}
    keyed(town, other)
    result = town.run()
    found = entities(result)
    assert found["c100"] != found["h100"]
    (pair,) = [p for p in result.rows("pairs") if p["other_source_key"] == "c100"]
    assert pair["decision"] == "keys" and pair["entity_id"] == found["h100"]


def test_twins_are_not_merged(town: Town) -> None:
    twin = person(100) | {"name": person(100)["name"][:-1] + "双", "_source_key": "h900"}
    twin["id"] = resident_id(twin["birth"], 100 % 480 * 2 + 2)
    keyed(town)
    town.supply(HOUSE, [*register(), twin])
    found = entities(town.run())
    assert found["h100"] != found["h900"] and found["c100"] == found["h100"]


def test_a_shared_number_with_contradicting_evidence_parts_and_finds_its_own(town: Town) -> None:
    stranger = person(100) | {"_source_key": "c100", "id": person(200)["id"]}
    keyed(
        town,
        stranger,
        evidence={
            "compare": {"name": {"how": "name"}, "birth_date": {"how": "date"}},
            "conflictWhen": 2,
        },
    )
    result = town.run()
    found = entities(result)
    assert found["c100"] == found["h100"] != found["h200"]
    (conflict,) = result.found("identity_conflict")
    assert (conflict["entity_id"], conflict["other_entity_id"]) == (found["h200"], found["h100"])


def test_a_row_keeps_its_person_through_gaining_and_losing_its_number(town: Town) -> None:
    nobody = person(9_000) | {"_source_key": "c9000", "id": None}
    keyed(town, nobody)
    first = entities(town.run())["c9000"]
    keyed(town, person(9_000) | {"_source_key": "c9000"})  # the number is filled in
    assert entities(town.run())["c9000"] == first
    keyed(town, nobody)  # and lost again
    assert entities(town.run())["c9000"] == first


def test_an_id_that_was_merged_away_leads_to_the_living_one_in_one_look(town: Town) -> None:
    lost = person(100) | {"_source_key": "c100", "id": None, "phone": None, "address": None}
    vague = lost | {"birth": None}
    keyed(town, vague)
    first = entities(town.run())
    assert first["c100"] != first["h100"]
    keyed(town, person(100) | {"_source_key": "c100", "id": None})
    second = town.run()
    assert entities(second)["c100"] == first["h100"]
    assert second.rows("redirects") == [{"old_id": first["c100"], "entity_id": first["h100"]}]
    assert [(e["kind"], e["old_id"], e["new_id"], e["since"]) for e in second.rows("events")] == [
        ("merge", first["c100"], first["h100"], 2)
    ]
    keyed(town, vague)  # taken apart again: the row has its former id back
    third = town.run()
    assert entities(third)["c100"] == first["c100"]
    assert third.rows("redirects") == []
    assert third.rows("events")[-1]["kind"] == "split"


def test_chains_of_merges_are_followed_to_their_end(town: Town) -> None:
    """A joins B in one release, B joins C in the next: A leads to C at once."""
    town.promise(keys=True, once={HOUSE: False, CLINIC: False}, linkage=None)
    a, b, c = (person(n) for n in (1, 2, 3))

    town.supply(HOUSE, [p | {"_source_key": f"r{n}"} for n, p in enumerate((a, b, c))])
    town.supply(CLINIC, [])
    days = [town.run()]
    for one, other in (("r0", "r1"), ("r1", "r2")):
        town.decide("confirm", [(HOUSE, one)], [(HOUSE, other)])
        days.append(town.run())
    first, second, third = (entities(day) for day in days)
    assert len(set(third.values())) == 1 and len(set(second.values())) == 2
    (living,) = set(third.values())
    rows = {row["old_id"]: row["entity_id"] for row in days[-1].rows("redirects")}
    assert rows == dict.fromkeys(set(first.values()) - {living}, living)
