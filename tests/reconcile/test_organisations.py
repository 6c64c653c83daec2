"""Several key spaces: cross-walks, chains of shared keys, lasting ids through merges and splits."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow

USCC = "91990101MA00000016"  # organisation code MA0000001
PLAN: dict[str, Any] = {
    "entity": "organisation",
    "keys": [
        {"name": "organisation", "normaliser": "organisation", "field": "org_code"},
        {"name": "registration_no", "normaliser": "registration_no"},
    ],
    "sources": [
        {
            "supply": "market/firms",
            "keys": {"organisation": "uscc", "registration_no": "reg"},
            "fields": {"uscc": "uscc", "name": "name"},
        },
        {"supply": "tax/payers", "keys": {"organisation": "tax"}, "fields": {"name": "name"}},
        {"supply": "police/seals", "keys": {"registration_no": "reg"}, "fields": {"name": "name"}},
    ],
    "compare": {"name": {"how": "name"}},
}
FIELDS = "org_code registration_no uscc name"


def firms(
    world: Any, market: list[Any], tax: list[Any] | None = None, seals: list[Any] | None = None
) -> None:
    """Rows as (uscc, reg, name), (tax, name), (reg, name)."""
    world.supply(
        "market/firms",
        "uscc reg name",
        [dict(zip(("uscc", "reg", "name"), row, strict=True)) for row in market],
    )
    world.supply(
        "tax/payers",
        "tax name",
        [dict(zip(("tax", "name"), row, strict=True)) for row in tax or []],
    )
    world.supply(
        "police/seals",
        "reg name",
        [dict(zip(("reg", "name"), row, strict=True)) for row in seals or []],
    )
    world.dataset("enterprise", FIELDS, PLAN)


def code(number: int) -> str:
    return f"MA{number:06d}1"


def test_one_firm_under_uscc_tax_number_and_registration_is_one_entity(world: Any) -> None:
    firms(
        world,
        [("990101" + code(1), "R-1", "甲（北京）有限责任公司")],
        [(code(1)[:8] + "-" + code(1)[8], "甲(北京)有限公司")],
        [("r1", "甲北京有限公司")],
    )
    result = world.run("enterprise")
    assert [(r["org_code"], r["registration_no"]) for r in result.golden] == [(code(1), "R1")]
    assert len(result.rows("links")) == 3
    assert result.rows("discrepancies") == []


def test_a_chain_of_shared_keys_is_one_entity_however_long(world: Any) -> None:
    length = 40
    market = [(code(n), f"R{n}", "甲") for n in range(length)]
    market += [(code(n), f"R{n + 1}", "甲") for n in range(length - 1)]
    firms(world, market, [(code(n), "甲") for n in range(length)])
    result = world.run("enterprise")
    assert len(result.golden) == 1
    assert len({row["entity_id"] for row in result.rows("links")}) == 1
    assert {row["entity_id"] for row in result.rows("keys")} == {result.golden[0]["entity_id"]}


def test_the_id_outlives_the_change_of_a_key(world: Any) -> None:
    firms(world, [(code(1), "R1", "甲")])
    first = world.run("enterprise")
    firms(world, [(code(2), "R1", "甲")])
    second = world.run("enterprise", previous=first.record)
    assert second.values("entity_id") == first.values("entity_id")
    firms(world, [(code(2), "R9", "甲")])
    third = world.run("enterprise", previous=second.record)
    assert third.values("entity_id") == first.values("entity_id")
    assert third.rows("events") == []


def test_a_merge_keeps_the_older_id_and_redirects_the_other(world: Any) -> None:
    firms(world, [(code(1), None, "甲")])
    first = world.run("enterprise")
    firms(world, [(code(1), None, "甲")], seals=[("R1", "甲")])
    second = world.run("enterprise", previous=first.record)
    firms(world, [(code(1), "R1", "甲")], seals=[("R1", "甲")])
    third = world.run("enterprise", previous=second.record)
    assert third.values("entity_id") == first.values("entity_id")
    (event,) = third.rows("events")
    (younger,) = set(second.values("entity_id")) - set(first.values("entity_id"))
    assert (event["kind"], event["old_id"], event["new_id"]) == (
        "merge",
        younger,
        first.golden[0]["entity_id"],
    )
    again = world.run("enterprise", previous=third.record)
    assert again.rows("events") == third.rows("events")


def test_a_split_leaves_the_id_with_the_higher_authority(world: Any) -> None:
    firms(world, [(code(1), "R1", "甲")], seals=[("R1", "乙")])
    first = world.run("enterprise")
    firms(world, [(code(1), None, "甲")], seals=[("R1", "乙")])
    second = world.run("enterprise", previous=first.record)
    ids = {row["name"]: row["entity_id"] for row in second.golden}
    assert ids["甲"] == first.golden[0]["entity_id"]
    (event,) = second.rows("events")
    assert (event["kind"], event["old_id"], event["new_id"]) == ("split", ids["甲"], ids["乙"])


def test_an_entity_that_returns_has_its_old_id(world: Any) -> None:
    firms(world, [(code(1), "R1", "甲"), (code(2), "R2", "乙")])
    first = world.run("enterprise")
    firms(world, [(code(2), "R2", "乙")])
    second = world.run("enterprise", previous=first.record)
    assert len(second.golden) == 1
    firms(world, [(code(1), "R1", "甲"), (code(2), "R2", "乙")])
    third = world.run("enterprise", previous=second.record)
    assert third.values("entity_id") == first.values("entity_id")


@pytest.mark.parametrize("previous_first", [True, False])
def test_ids_do_not_depend_on_the_order_of_rows(world: Any, previous_first: bool) -> None:
    rows = [(code(n), f"R{n}", f"甲{n}") for n in range(30)]
    firms(world, rows)
    first = world.run("enterprise")
    firms(world, rows[::-1])
    second = world.run("enterprise", previous=first.record if previous_first else None)
    assert second.golden == first.golden
