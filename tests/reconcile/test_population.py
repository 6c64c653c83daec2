"""A population of one key space: merging, survivorship, lineage, discrepancies, evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

# Right check digits, division 990101.
A, B, C = "99010119800102001X", "990101199003040027", "990101200005060035"

PLAN: dict[str, Any] = {
    "entity": "person",
    "keys": [{"name": "resident_id", "normaliser": "resident_id"}],
    "sources": [
        {
            "supply": "police/residents",
            "keys": {"resident_id": "id"},
            "fields": {"name": "name", "birth_date": "birth", "address": "address"},
            "recency": "updated",
        },
        {
            "supply": "health/patients",
            "keys": {"resident_id": "id"},
            "fields": {"name": "name", "birth_date": "birth", "address": "address"},
            "recency": "updated",
        },
        {
            "supply": "tax/payers",
            "keys": {"resident_id": "id"},
            "fields": {"name": "name", "address": "address"},
            "recency": "updated",
        },
    ],
    "compare": {"name": {"how": "name", "severity": "error"}},
    "evidence": {
        "compare": {"name": {"how": "name"}, "birth_date": {"how": "date"}},
        "conflictWhen": 2,
    },
    "duplicates": [["name", "birth_date", "address"]],
}
FIELDS = "resident_id name birth_date:date address"
SUPPLY = "id name birth:date address updated:date"


def person(
    id_: str | None,
    name: str,
    birth: date | None,
    address: str | None = None,
    updated: date | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {"id": id_, "name": name, "birth": birth, "address": address, "updated": updated, **more}


def city(world: Any, police: Any = (), health: Any = (), tax: Any = (), **plan: Any) -> Any:
    world.supply("police/residents", SUPPLY, police, key=["id"])
    world.supply("health/patients", SUPPLY, health, key=["id"])
    world.supply("tax/payers", SUPPLY, tax, key=["id"])
    return world.dataset("population", FIELDS, {**PLAN, **plan})


BIRTH = date(1980, 1, 2)


def test_spellings_of_one_number_are_one_person(world: Any) -> None:
    old = A[:6] + A[8:17]
    city(
        world,
        [person(A, "张三", BIRTH)],
        [person(old, "张三", BIRTH)],
        [person(A.lower() + " ", "张三", None)],
    )
    result = world.run("population")
    assert [row["resident_id"] for row in result.golden] == [A]
    assert len(result.rows("links")) == 3
    assert result.rows("discrepancies") == []


def test_authority_survives_and_each_disagreement_is_listed_once(world: Any) -> None:
    city(
        world,
        [person(A, "张三", BIRTH, None)],
        [person(A, "张三", BIRTH, "东街")],
        [person(A, "张三", None, "西街")],
    )
    result = world.run("population")
    (golden,), (lineage,) = result.golden, result.rows("lineage")
    origins = {row["index"]: row["supply"] for row in result.rows("origins")}
    assert golden["address"] == "东街"
    assert origins[lineage["address"]] == "health/patients"
    (found,) = result.rows("discrepancies")
    assert (found["kind"], found["field"], found["supply"], found["value"]) == (
        "value_conflict",
        "address",
        "tax/payers",
        "西街",
    )
    assert (found["surviving_supply"], found["surviving_value"]) == ("health/patients", "东街")
    assert found["source_key"] == "tax/payers#0" and found["batch_id"] == "b1"


def test_recency_prefers_the_freshest_and_agreement_the_majority(world: Any) -> None:
    rows = (
        [person(A, "张三", BIRTH, "东街", date(2020, 1, 1))],
        [person(A, "张三", BIRTH, "西街", date(2024, 1, 1))],
        [person(A, "张叁", None, "西街", date(2022, 1, 1))],
    )
    city(world, *rows, survivorship={"address": {"rule": "recency"}})
    assert world.run("population").values("address") == ["西街"]
    city(world, *rows, survivorship={"address": {"rule": "agreement"}})
    assert world.run("population").values("address") == ["西街"]
    city(world, *rows, survivorship={"address": {"order": ["tax/payers"]}})
    result = world.run("population")
    (lineage,) = result.rows("lineage")
    assert {r["index"]: r["supply"] for r in result.rows("origins")}[
        lineage["address"]
    ] == "tax/payers"


def test_a_wrong_check_digit_merges_nobody_and_is_listed(world: Any) -> None:
    wrong = A[:17] + ("0" if A[17] != "0" else "1")
    city(world, [person(wrong, "张三", BIRTH)], [person(wrong, "李四", BIRTH)])
    result = world.run("population")
    assert len(result.golden) == 2
    assert {row["value"] for row in result.found("no_key")} == {wrong}
    assert {row["supply"] for row in result.found("no_key")} == {
        "police/residents",
        "health/patients",
    }


def test_two_persons_under_one_number_are_two_entities_and_one_conflict_per_row(
    world: Any,
) -> None:
    city(
        world,
        [person(A, "张三", BIRTH)],
        [person(A, "欧阳修", date(1999, 9, 9))],
        [person(A, "张三", None)],
    )
    result = world.run("population")
    assert result.values("name") == ["张三", "欧阳修"]
    (found,) = result.found("identity_conflict")
    assert found["supply"] == "health/patients" and found["value"] == "name,birth_date"
    ids = {row["name"]: row["entity_id"] for row in result.golden}
    assert (found["entity_id"], found["other_entity_id"]) == (ids["张三"], ids["欧阳修"])
    assert result.found("value_conflict") == []


def test_rows_set_apart_together_stay_together(world: Any) -> None:
    other = date(1999, 9, 9)
    city(
        world,
        [person(A, "张三", BIRTH)],
        [person(A, "欧阳修", other, _source_key="1"), person(A, "欧阳修", other, _source_key="2")],
    )
    result = world.run("population")
    assert result.values("name") == ["张三", "欧阳修"]
    assert len(result.found("identity_conflict")) == 2


def test_a_transposed_birthday_is_a_discrepancy_but_no_other_person(world: Any) -> None:
    city(world, [person(A, "张三", BIRTH)], [person(A, "张三丰", date(1980, 2, 1))])
    result = world.run("population")
    assert len(result.golden) == 1
    assert {row["field"] for row in result.found("value_conflict")} == {"name", "birth_date"}
    assert {row["severity"] for row in result.found("value_conflict")} == {"error", "warning"}


def test_one_person_under_two_numbers_is_named_and_not_merged(world: Any) -> None:
    city(
        world,
        [
            person(A, "张三", BIRTH, "东街"),
            person(B, "张三", BIRTH, "东街"),
            person(C, "张三", BIRTH, "北街"),
        ],
    )
    result = world.run("population")
    (found,) = result.rows("discrepancies")
    ids = sorted(r["entity_id"] for r in result.golden if r["address"] == "东街")
    assert found["kind"] == "possible_duplicate"
    assert [found["entity_id"], found["other_entity_id"]] == ids


def test_a_second_row_of_a_supply_fills_gaps_and_is_listed(world: Any) -> None:
    old = A[:6] + A[8:17]
    city(
        world,
        [
            person(A, "张三", BIRTH, None, date(2024, 1, 1), _source_key="new", _batch="b2"),
            person(old, "张三", BIRTH, "东街", date(2020, 1, 1), _source_key="old"),
        ],
    )
    result = world.run("population")
    (golden,), (lineage,) = result.golden, result.rows("lineage")
    origins = {row["index"]: row["batch_id"] for row in result.rows("origins")}
    assert golden["address"] == "东街"
    assert (origins[lineage["name"]], origins[lineage["address"]]) == ("b2", "b1")
    (found,) = result.rows("discrepancies")
    assert (found["kind"], found["source_key"]) == ("duplicate_in_supply", "old")
    assert {row["source_key"] for row in result.rows("links")} == {"new", "old"}


def test_rows_excluded_by_the_contract_are_counted_and_not_linked(world: Any) -> None:
    plan = {**PLAN, "sources": [{**PLAN["sources"][0], "where": "name <> '李四'"}]}
    world.supply(
        "police/residents",
        SUPPLY,
        [person(A, "张三", BIRTH), person(B, "李四", BIRTH), person(C, None, BIRTH)],
    )  # type: ignore[arg-type]
    world.dataset("population", FIELDS, plan)
    result = world.run("population")
    assert result.values("name") == ["张三"]
    assert result.record.counts["rows"] == 3
    assert result.record.counts["excluded"] == 2


def test_a_rerun_writes_equal_files(world: Any) -> None:
    city(world, [person(A, "张三", BIRTH, "东街")], [person(A, "张三", BIRTH, "西街")])
    first = world.run("population")
    before = {
        name: world.store.sha256(getattr(first.record, name))
        for name in ("golden", "lineage", "links", "discrepancies", "keys", "events")
    }
    again = world.run("population")
    assert again.record == first.record
    assert before == {name: world.store.sha256(getattr(again.record, name)) for name in before}
