"""Money: payees become entities of other datasets, and lines balance to the fen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PERSON = "99010119800102001X"
PLAN: dict[str, Any] = {
    "entity": "payment",
    "keys": [{"name": "payment_no"}],
    "sources": [
        {
            "supply": "treasury/payments",
            "keys": {"payment_no": "no"},
            "fields": {"amount": "amount", "payee": "payee", "line": "line"},
        }
    ],
    "resolve": [
        {
            "field": "payee_id",
            "using": {"population": "payee"},
            "key": {"population": "resident_id"},
        }
    ],
    "balance": [
        {
            "name": "budget",
            "into": [{"supply": "budget/lines", "line": "line", "amount": "amount"}],
            "out": [{"supply": "treasury/payments", "line": "line", "amount": "amount"}],
        }
    ],
}


def fund(world: Any, lines: list[tuple[str | None, str]], paid: list[tuple[Any, ...]]) -> None:
    """Allocations (line, amount) and payments (no, line, amount, payee)."""
    world.supply(
        "budget/lines",
        "line amount:money",
        [{"line": line, "amount": Decimal(amount)} for line, amount in lines],
    )
    world.supply(
        "treasury/payments",
        "no line amount:money payee",
        [
            {"no": no, "line": line, "amount": Decimal(amount), "payee": payee}
            for no, line, amount, payee in paid
        ],
        key=["no"],
    )
    world.dataset("fund", "payment_no line amount:money payee payee_id", PLAN)


def people(world: Any) -> Any:
    world.supply("police/residents", "id name", [{"id": PERSON, "name": "张三"}], key=["id"])
    world.dataset(
        "population",
        "resident_id name",
        {
            "entity": "person",
            "keys": [{"name": "resident_id", "normaliser": "resident_id"}],
            "sources": [
                {
                    "supply": "police/residents",
                    "keys": {"resident_id": "id"},
                    "fields": {"name": "name"},
                }
            ],
        },
    )
    return world.run("population")


def test_a_payee_resolves_through_any_spelling_of_the_number(world: Any) -> None:
    population = people(world)
    old = PERSON[:6] + PERSON[8:17]
    fund(world, [("L1", "10.00")], [("1", "L1", "4.00", PERSON.lower()), ("2", "L1", "6.00", old)])
    result = world.run("fund", entities={"population": population.record})
    assert result.values("payee_id") == [population.golden[0]["entity_id"]] * 2
    assert result.rows("discrepancies") == []


def test_an_unknown_payee_is_listed_with_its_row(world: Any) -> None:
    population = people(world)
    fund(
        world,
        [("L1", "10.00")],
        [("1", "L1", "4.00", "990101199003040027"), ("2", "L1", "1.00", None)],
    )
    result = world.run("fund", entities={"population": population.record})
    found = result.found("unresolved_reference")
    assert {row["value"] for row in found} == {"990101199003040027", None}
    assert {row["source_key"] for row in found} == {"treasury/payments#0", "treasury/payments#1"}
    assert result.values("payee_id") == [None, None]


def test_an_overspent_line_is_listed_with_both_sums(world: Any) -> None:
    entities = {"population": people(world).record}
    fund(
        world,
        [("L1", "10.00"), ("L2", "5.00")],
        [("1", "L1", "10.01", PERSON), ("2", "L2", "5.00", PERSON), ("3", None, "0.01", PERSON)],
    )
    result = world.run("fund", entities=entities)
    found = result.found("balance")
    assert {(row["source_key"], row["value"], row["surviving_value"]) for row in found} == {
        ("L1", "10.010000", "10.000000"),
        (None, "0.010000", "0.000000"),
    }
    assert {row["line"]: int(row["difference_fen"]) for row in result.rows("balance")} == {
        "L1": -1,
        "L2": 0,
        None: -1,
    }


amounts = st.decimals(
    min_value=Decimal("-99999999999999.99"), max_value=Decimal("99999999999999.99"), places=2
)
named = st.sampled_from(["L1", "L2", "L3", None])


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    into=st.lists(st.tuples(named, amounts), max_size=8),
    out=st.lists(st.tuples(named, amounts), max_size=8),
)
def test_the_lines_add_up_to_the_inputs(worlds: Any, into: Any, out: Any) -> None:
    world = worlds()
    people(world)
    fund(world, into, [(str(n), line, amount, PERSON) for n, (line, amount) in enumerate(out)])
    lines = world.run("fund").rows("balance")
    assert sum(row["into_fen"] for row in lines) == sum(a * 100 for _, a in into)
    assert sum(row["out_fen"] for row in lines) == sum(a * 100 for _, a in out)
    assert len({row["line"] for row in lines}) == len(lines)
