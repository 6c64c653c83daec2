"""What a steward decided holds through every later run, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.ledger.entities import in_effect, standing
from hub.records import LinkDecision
from hub.store import Store
from tests.entities.conftest import Row, Town, entities, person
from tests.reconcile.conftest import World

HOUSE, CLINIC = "house/register", "clinic/patients"


def settle(town: Town, *clinic: Row, house: range = range(8)) -> dict[str, str]:
    """A register of a few people and the clinic's rows; no linkage but what stewards say."""
    town.promise(keys=True, once={HOUSE: True, CLINIC: False}, linkage=None)
    town.supply(HOUSE, [person(n) | {"_source_key": f"h{n}"} for n in house])
    town.supply(CLINIC, list(clinic))
    return entities(town.run())


def numberless(number: int) -> Row:
    return person(number) | {"_source_key": f"c{number}", "id": None}


def test_a_confirmed_link_survives_new_rows_new_order_and_a_number_filled_in(town: Town) -> None:
    first = settle(town, numberless(3))
    assert first["c3"] != first["h3"]
    town.decide("confirm", [(CLINIC, "c3")], [(HOUSE, "h3")])
    second = settle(town, numberless(3))
    assert second["c3"] == second["h3"] == first["h3"]  # the id of the number stays
    third = settle(town, numberless(9), numberless(3), house=range(7, -1, -1))
    assert third["c3"] == first["h3"] and third["h1"] == first["h1"]
    fourth = settle(town, person(3) | {"_source_key": "c3"})
    assert fourth["c3"] == first["h3"]


def test_a_forbidden_link_keeps_a_row_out_of_the_entity_of_its_own_number(town: Town) -> None:
    row = person(3) | {"_source_key": "c3"}
    first = settle(town, row)
    assert first["c3"] == first["h3"]
    town.decide("forbid", [(CLINIC, "c3")], [(HOUSE, "h3")])
    second = settle(town, row)
    assert second["c3"] != second["h3"] == first["h3"]
    assert settle(town, row) == second
    town.decisions.clear()  # taken back
    assert settle(town, row) == first


def test_a_later_word_overrules_an_earlier_one(town: Town) -> None:
    settle(town, numberless(3))
    sides = [(CLINIC, "c3")], [(HOUSE, "h3")]
    for kind in ("confirm", "forbid", "confirm", "forbid"):
        town.decide(kind, *sides)
        found = settle(town, numberless(3))
        assert (found["c3"] == found["h3"]) is (kind == "confirm")


def test_confirming_what_bears_two_attested_numbers_joins_them_until_the_numbers_change(
    town: Town,
) -> None:
    other = person(4) | {"_source_key": "c3"}
    settle(town, other)
    town.decide("confirm", [(CLINIC, "c3")], [(HOUSE, "h3")])
    found = settle(town, other)
    assert found["c3"] == found["h3"] == found["h4"]
    moved = person(5) | {"_source_key": "c3"}  # the clinic now says that it is somebody else
    result = settle(town, moved)
    assert result["c3"] == result["h5"] and result["h3"] != result["h4"]
    assert town.last is not None and town.last.counts["possible_match"] == 1  # told, not obeyed


def test_a_decision_about_rows_that_are_gone_waits(town: Town) -> None:
    settle(town, numberless(3))
    town.decide("confirm", [(CLINIC, "c3")], [(HOUSE, "h3")])
    assert "c3" not in settle(town)
    found = settle(town, numberless(3))
    assert found["c3"] == found["h3"]


ROWS = [f"h{n}" for n in range(4)] + [f"c{n}" for n in range(6)]
WORDS = st.tuples(
    st.sampled_from(["confirm", "forbid"]), st.sampled_from(ROWS), st.sampled_from(ROWS)
)


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(WORDS, max_size=2), min_size=2, max_size=4),
    st.lists(st.sets(st.integers(0, 5)), min_size=4, max_size=4),
    st.integers(0, 99),
)
def test_whatever_stewards_say_rows_are_linked_once_ids_last_and_redirects_lead_to_the_living(
    said: list[list[tuple[str, str, str]]], given_numbers: list[set[int]], seed: int
) -> None:
    dice = Random(seed)
    with TemporaryDirectory() as folder:
        town = Town(World(Store(Path(folder))))
        issued: set[str] = set()
        for words, numbers in zip(said, given_numbers, strict=False):
            for kind, one, other in words:
                if one != other and town.release:
                    town.decide(kind, [_place(one)], [_place(other)])
            clinic = [
                numberless(n) | ({"id": person(n)["id"]} if n in numbers else {}) for n in range(6)
            ]
            dice.shuffle(clinic)
            settle(town, *clinic, house=range(4))
            again = town.run()
            found = entities(again)
            assert sorted(found) == sorted(ROWS)
            assert settle(town, *clinic, house=range(3, -1, -1)) == found  # a re-run changes no id
            issued |= set(found.values())
            redirects = {r["old_id"]: r["entity_id"] for r in again.rows("redirects")}
            merged = {e["old_id"] for e in again.rows("events") if e["kind"] == "merge"}
            living = set(found.values())
            assert set(redirects) == merged - living
            assert set(redirects.values()) <= living
            if words and town.decisions:
                kind, one, other = _last(town)
                held = found[one] == found[other]
                bears = [bearer for bearer in (one, other) if _numbered(bearer, numbers)]
                if kind == "forbid":
                    assert not held
                elif len(bears) < 2:  # no two numbers stand against the steward
                    assert held


def _place(row: str) -> tuple[str, str]:
    return (HOUSE if row[0] == "h" else CLINIC, row)


def _numbered(row: str, numbers: set[int]) -> bool:
    return row[0] == "h" or int(row[1:]) in numbers


def _last(town: Town) -> tuple[str, str, str]:
    newest = town.decisions[-1]
    assert newest.uri is not None
    document = town.store.read_json(newest.uri)
    return newest.kind, document["a"][0]["source_key"], document["b"][0]["source_key"]


@given(st.data())
def test_what_takes_back_what_does_not_hang_on_a_clock(data: st.DataObject) -> None:
    made: list[LinkDecision] = []
    for number in range(data.draw(st.integers(1, 8))):
        of = data.draw(st.sampled_from(made)).id if made and data.draw(st.booleans()) else None
        kind = "undo" if of else "confirm"
        at = datetime(2026, 1, 1, tzinfo=UTC)
        made.append(LinkDecision(str(number), "d", kind, of, None, None, "", "", at))
    told = {one.id for one in standing(made)}
    # Whatever nobody stands against stands, in any order in which they come to be read.
    assert told == {one.id for one in made
                    if not any(u.undoes == one.id and u.id in told for u in made)}  # fmt: skip
    assert told == {one.id for one in standing(data.draw(st.permutations(made)))}
    assert {one.id for one in in_effect(made)} == {o.id for o in made if not o.undoes} & told
