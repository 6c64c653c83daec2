"""The laws of the room on generated cities, against a plain Python reading of the contract."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

SUPPLIES = ("police/residents", "health/patients", "tax/payers")
FIELDS = ("name", "phone", "birth")
PLAN: dict[str, Any] = {
    "entity": "person",
    "keys": [{"name": "number"}, {"name": "card"}],
    "sources": [
        {
            "supply": supply,
            "keys": {"number": "number", "card": "card"},
            "fields": {name: name for name in FIELDS},
            "recency": "updated",
        }
        for supply in SUPPLIES
    ],
    "survivorship": {
        "phone": {"rule": "recency"},
        "birth": {"order": ["tax/payers", "police/residents"]},
    },
}
COLUMNS = "number card name phone birth:date updated:date"

some_dates = st.one_of(st.none(), st.sampled_from([date(1980, 1, 2), date(1980, 2, 1)]))
rows = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from([None, "1", "2", "3", " 2 "]),
            "card": st.sampled_from([None, None, "A", "B", "C"]),
            "name": st.sampled_from([None, "张三", "李四", "张三 "]),
            "phone": st.sampled_from([None, "1", "2"]),
            "birth": some_dates,
            "updated": st.sampled_from([None, date(2020, 1, 1), date(2024, 1, 1)]),
        }
    ),
    max_size=5,
)
cities = st.tuples(rows, rows, rows)
relaxed = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def run(world: Any, city: Any, order: Any = None, previous: Any = None) -> Any:
    for supply, table in zip(SUPPLIES, city, strict=True):
        keyed = [
            {**row, "_source_key": f"{n:03d}", "_batch": f"b{n % 2}"} for n, row in enumerate(table)
        ]
        world.supply(supply, COLUMNS, order(keyed) if order else keyed)
    world.dataset("people", "number card name phone birth:date", PLAN)
    return world.run("people", previous=previous)


def entities(city: Any) -> list[list[tuple[int, int]]]:
    """Components of (source, row) under shared keys, by the book."""
    nodes = [(s, n) for s, table in enumerate(city) for n in range(len(table))]
    group = {node: {node} for node in nodes}
    holders: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for s, n in nodes:
        for space in ("number", "card"):
            if key := city[s][n][space]:
                holders[space, key.strip()].append((s, n))
    for members in holders.values():
        for a, b in itertools.pairwise(members):
            if group[a] is not group[b]:
                group[a] |= group[b]
                for node in group[b]:
                    group[node] = group[a]
    return [sorted(members) for members in {id(g): g for g in group.values()}.values()]


def said(city: Any, members: list[tuple[int, int]], field: str) -> Iterator[tuple[int, int, Any]]:
    """(source, row, value): the first row of each source, freshest first, that says anything."""
    for s in range(len(SUPPLIES)):
        own = [n for source, n in members if source == s]
        own.sort(key=lambda n: (-(city[s][n]["updated"] or date.min).toordinal(), n))
        for n in own:
            if city[s][n][field] is not None:
                yield s, n, city[s][n][field]
                break


def surviving(city: Any, members: list[tuple[int, int]], field: str) -> tuple[int, int, Any] | None:
    offers = list(said(city, members, field))
    if field == "phone":
        newest = {
            s: max((city[s][n]["updated"] or date.min for t, n in members if t == s))
            for s, _, _ in offers
        }
        offers.sort(key=lambda o: (-newest[o[0]].toordinal(), o[0]))
    if field == "birth":
        offers.sort(key=lambda o: [2, 0, 1].index(o[0]))
    return offers[0] if offers else None


@relaxed
@given(cities)
def test_every_row_is_linked_once_and_entities_are_components(worlds: Any, city: Any) -> None:
    result = run(worlds(), city)
    links = result.rows("links")
    assert sorted((r["supply"], r["source_key"]) for r in links) == sorted(
        (SUPPLIES[s], f"{n:03d}") for s, table in enumerate(city) for n in range(len(table))
    )
    by_entity = defaultdict(set)
    for row in links:
        by_entity[row["entity_id"]].add((SUPPLIES.index(row["supply"]), int(row["source_key"])))
    assert sorted(map(sorted, by_entity.values())) == sorted(entities(city))
    assert {row["entity_id"] for row in result.golden} == set(by_entity)


@relaxed
@given(cities)
def test_values_survive_by_rule_with_their_origin_and_every_other_is_listed(
    worlds: Any, city: Any
) -> None:
    result = run(worlds(), city)
    links = {(r["supply"], r["source_key"]): r["entity_id"] for r in result.rows("links")}
    golden = {row["entity_id"]: row for row in result.golden}
    lineage = {row["entity_id"]: row for row in result.rows("lineage")}
    origins = {r["index"]: (r["supply"], r["batch_id"]) for r in result.rows("origins")}
    expected = set()
    for members in entities(city):
        entity = links[SUPPLIES[members[0][0]], f"{members[0][1]:03d}"]
        for field in FIELDS:
            survivor = surviving(city, members, field)
            index = lineage[entity][field]
            if survivor is None:
                assert golden[entity][field] is None and index is None
                continue
            s, n, value = survivor
            assert golden[entity][field] == value
            assert origins[index] == (SUPPLIES[s], f"b{n % 2}")
            for other, m, differing in said(city, members, field):
                if str(differing).strip() != str(value).strip():
                    expected.add(
                        (
                            entity,
                            field,
                            SUPPLIES[other],
                            f"{m:03d}",
                            str(differing),
                            SUPPLIES[s],
                            str(value),
                        )
                    )
    listed = [
        (
            r["entity_id"],
            r["field"],
            r["supply"],
            r["source_key"],
            r["value"],
            r["surviving_supply"],
            r["surviving_value"],
        )
        for r in result.found("value_conflict")
        if r["field"] in FIELDS
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


@relaxed
@given(cities, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(worlds: Any, city: Any, random: Any) -> None:
    def shuffled(table: Any) -> Any:
        return random.sample(table, len(table))

    assert run(worlds(), city).content() == run(worlds(), city, shuffled).content()


@relaxed
@given(cities)
def test_a_second_release_of_the_same_rows_changes_no_id(worlds: Any, city: Any) -> None:
    world = worlds()
    first = run(world, city)
    second = run(world, city, previous=first.record)
    assert second.content() == first.content()


@relaxed
@given(cities, cities)
def test_ids_are_unique_and_change_only_where_events_say_so(
    worlds: Any, before: Any, after: Any
) -> None:
    world = worlds()
    first = run(world, before)
    second = run(world, after, previous=first.record)
    ids = [row["entity_id"] for row in second.golden]
    assert len(ids) == len(set(ids))
    redirected = {r["old_id"]: r["new_id"] for r in second.rows("events") if r["kind"] == "merge"}
    assert not set(redirected) & set(ids)
    assert set(redirected.values()) <= set(ids)
    held = {(r["key_space"], r["key"]): r["entity_id"] for r in first.rows("keys")}
    split = {r["new_id"] for r in second.rows("events") if r["kind"] == "split"}
    for row in second.rows("keys"):
        old = held.get((row["key_space"], row["key"]))
        if row["current"] and old and old != row["entity_id"]:
            assert (
                redirected.get(old) == row["entity_id"]
                or row["entity_id"] in split
                or (row["entity_id"] in {r["entity_id"] for r in first.rows("keys")})
            )
