"""What compiles gives the same success, counts and failing rows as Great Expectations on pandas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quality.compile import COMPILERS, OWN_PREFIX, SQL_ALONE
from quality.expectations.run import Session
from tests.quality.arguments import STRATEGIES, TABLES
from tests.quality.landed import EMPTY_ROW, a_rule, landed, ours, theirs

ALL_NULL = [EMPTY_ROW] * 2
ONCE = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    yield Session()


def test_no_compiled_expectation_is_without_its_strategy() -> None:
    assert STRATEGIES.keys() == {kind for kind in COMPILERS if not kind.startswith(OWN_PREFIX)}


ON_PANDAS = sorted(STRATEGIES.keys() - SQL_ALONE)


@pytest.mark.slow
def test_every_compiled_rule_answers_as_great_expectations_does(session: Session) -> None:
    compared: Counter[str] = Counter()
    failures: list[Any] = []

    def compare(table: list[dict[str, Any]], arguments: dict[str, dict[str, Any]]) -> None:
        connection = landed(table)
        for kind, kwargs in arguments.items():
            rule = a_rule(kind, kwargs)
            found = ours(connection, rule, len(table))
            if found is None:
                continue
            expected = theirs(session, connection, rule, len(table))
            if expected.exception is not None and found.exception is None:
                continue  # pandas cannot compare None with a number: the compiled rule can
            compared[kind] += 1
            if found.observed is None or expected.observed is None:
                found, expected = found._replace(observed=None), expected._replace(observed=None)
            if found != expected:  # gathered: one run tells of every type
                failures.append((kind, kwargs, found, expected))

    drawn = st.fixed_dictionaries({kind: STRATEGIES[kind] for kind in ON_PANDAS})

    @ONCE
    @given(TABLES, drawn)
    def hold(table: list[dict[str, Any]], arguments: dict[str, dict[str, Any]]) -> None:
        compare(table, arguments)

    @settings(parent=ONCE, max_examples=1)
    @given(drawn, drawn)
    def hold_of_nothing(one: dict[str, dict[str, Any]], two: dict[str, dict[str, Any]]) -> None:
        compare([], one)
        compare(ALL_NULL, two)

    hold_of_nothing()
    hold()
    assert failures == []
    assert {kind: compared[kind] for kind in ON_PANDAS if compared[kind] < 3} == {}
