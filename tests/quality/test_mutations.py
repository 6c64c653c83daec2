"""Every compiled rule's test fails when the rule is broken: no mutant survives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from quality.compile import SQL_ALONE, compile_rule
from quality.expectations.run import Session
from tests.quality.arguments import STRATEGIES
from tests.quality.landed import CONTEXT, a_rule, ours, scanned, theirs
from tests.quality.mutants import mutants
from tests.quality.recorded import cases, recorded, same, tables

KINDS = sorted(STRATEGIES)

_EMPTY_SET = "of an empty set: NULL forbids as little as what it stands for"
EQUIVALENT: dict[str, dict[str, str]] = {
    "expect_column_pair_values_to_be_equal": {"swap the columns": "equality is symmetrical"},
    "expect_column_pair_values_to_be_in_set": {
        "swap the columns": "only pairs of empty cells fit both columns, and they are symmetrical",
        "ignore row_condition": "Great Expectations fails itself where a condition leaves out rows",
    },
    "expect_column_values_to_be_division_in_force": {
        "null fails": "the test is never NULL: empty cells pass in so many words"
    },
    "expect_column_values_to_not_be_in_set": {
        "' AND ' 0 -> ' OR '": _EMPTY_SET,
        "'IS NOT NULL' 0 -> 'IS NULL'": _EMPTY_SET,
    },
    "expect_multicolumn_sum_to_equal": {
        "' OR ' 0 -> ' AND '": "pandas cannot add None: rows with one empty cell are not compared"
    },
    "expect_select_column_values_to_be_unique_within_record": {
        "' OR ' 0 -> ' AND '": "one empty cell differs from the other cell whether looked at or not"
    },
}
"""Mutants that mean the same as the rule, by type, with the reason."""


@pytest.fixture(scope="module")
def landings() -> Iterator[dict[str, Any]]:
    yield tables()


def test_every_compiled_expectation_is_recorded() -> None:
    assert recorded()["cases"].keys() == STRATEGIES.keys()
    assert all(len(found) >= 2 for found in recorded()["cases"].values())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_broken_rule_gives_the_recorded_answers(kind: str, landings: dict[str, Any]) -> None:
    alive: set[str] = set()
    killed: set[str] = set()
    for kwargs, table, told in cases(kind):
        connection, rows = landings[table]
        found = ours(connection, a_rule(kind, kwargs), rows)
        assert found is not None and same(found, told), (kwargs, table)
        for name, broken, form in mutants(kind, kwargs):
            if name in killed:
                continue
            alive.add(name)
            if not same(scanned(connection, broken, form, rows), told):
                killed.add(name)
    assert len(killed) >= 2
    assert alive - killed == set(EQUIVALENT.get(kind, {}))


@pytest.mark.slow
def test_great_expectations_still_says_what_was_recorded(landings: dict[str, Any]) -> None:
    """A sample of two cases per type; the types that run in SQL alone are held on SQLite."""
    session = Session()
    for kind in sorted(STRATEGIES.keys() - SQL_ALONE):
        for kwargs, table, told in list(cases(kind))[:2]:
            rule = a_rule(kind, kwargs)
            assert compile_rule(rule, CONTEXT) is not None
            connection, rows = landings[table]
            assert same(theirs(session, connection, rule, rows), told), (kind, kwargs, table)
