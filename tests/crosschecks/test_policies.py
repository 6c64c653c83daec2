"""Policies: who is eligible and why, and that an increment tells everybody what a full run does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.findings.eligibility import entity_shown, policy_rows
from hub.ledger.questions import last_policy_run
from hub.store import literal
from schemas.crosscheck import Policy
from tests.crosschecks.village import ALLOWANCE, DEATHS, PAYMENTS, PEOPLE, Village, village

POLICY = "allowance"


def answers(place: Village) -> list[tuple[Any, ...]]:
    run = last_policy_run(place.hub.ledger, POLICY)
    assert run is not None
    path = literal(place.hub.store.path(run.uri))
    query = f"SELECT * EXCLUDE (_input) FROM read_parquet({path}) ORDER BY entity_id"
    return duckdb.sql(query).fetchall()


def from_scratch(place: Village) -> list[tuple[Any, ...]]:
    """What a full run would say of the same releases and tables."""
    from hub.asking import _given
    from hub.crosscheck import policies as room

    policy = place.hub.catalog.policies[POLICY]
    given_ = _given(place.hub, policy.datasets, policy.supplies)
    uri = "policy/allowance/whole.parquet"
    room.run(policy, given_, place.hub.store, place.moment.date(), uri, 60)
    path = literal(place.hub.store.path(uri))
    query = f"SELECT * EXCLUDE (_input) FROM read_parquet({path}) ORDER BY entity_id"
    return duckdb.sql(query).fetchall()


def test_everybody_is_eligible_or_not_or_unknown_with_reasons(place: Village) -> None:
    [row] = policy_rows(place.hub)
    assert (row["eligible"], row["not_eligible"], row["unknown"]) == (1, 2, 1)
    told = {shown["result"]: shown for entity, *_ in answers(place)
            for shown in entity_shown(place.hub, entity)}  # fmt: skip
    assert [r["name"] for r in told["eligible"]["met"]] == ["old", "alive", "below"]
    assert [r["name"] for r in told["unknown"]["unknown"]] == ["old"]
    assert told["eligible"]["unmet"] == [] and told["not_eligible"]["unmet"]


def test_only_entities_whose_rows_changed_are_asked_again(place: Village) -> None:
    place.fill("treasury/payments", *PAYMENTS, ("p9", "n2", "250.00", "2026-02-20", None))
    place.publish()
    [row] = policy_rows(place.hub)
    assert (row["asked"], row["carried"]) == (1, 3)
    assert (row["eligible"], row["not_eligible"]) == (0, 3), "the limit is passed"
    assert answers(place) == from_scratch(place)


PERSON = st.sampled_from(["n1", "n2", "n3", "n4", "n5"])
DAYS = st.fixed_dictionaries(
    {
        "born": st.dictionaries(PERSON, st.sampled_from(["1940-05-05", "1999-01-01", None])),
        "dead": st.sets(PERSON, max_size=3),
        "paid": st.dictionaries(
            st.sampled_from(["p1", "p2", "p3", "p4"]),
            st.tuples(PERSON, st.sampled_from(["10.00", "299.99", "300.00"])),
        ),
    }
)


@pytest.mark.slow
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(days=st.lists(DAYS, min_size=2, max_size=3))
def test_an_increment_is_equal_to_a_full_run(
    days: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("days")
    with village(folder) as place:
        for day in days:
            people = {number: born for number, _, born, _ in PEOPLE} | day["born"]
            place.fill("register/people", *((n, f"人{n}", b, "东") for n, b in people.items()))
            place.fill("funeral/deaths", *((n, DEATHS[0][1]) for n in sorted(day["dead"])))
            paid = {p: (n, a) for p, n, a, *_ in PAYMENTS} | day["paid"]
            place.fill(
                "treasury/payments",
                *((p, n, a, "2026-02-05", None) for p, (n, a) in paid.items()),
            )
            place.publish()
            if last_policy_run(place.hub.ledger, POLICY) is not None:
                assert answers(place) == from_scratch(place)


@pytest.mark.parametrize("part", ["facts", "conditions", "parameters"])
@pytest.mark.parametrize("name", ["x AS SELECT 1; --", "_result", "Upper", ""])
def test_names_that_become_sql_are_words_and_nothing_else(part: str, name: str) -> None:
    [known, *_] = ALLOWANCE[part].values()
    with pytest.raises(ValueError, match="pattern"):
        Policy.model_validate(ALLOWANCE | {part: ALLOWANCE[part] | {name: known}})


def test_no_condition_takes_the_name_of_the_entity() -> None:
    [known, *_] = ALLOWANCE["conditions"].values()
    with pytest.raises(ValueError, match="entity_id"):
        Policy.model_validate(ALLOWANCE | {"conditions": {"entity_id": known}})
