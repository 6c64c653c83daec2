"""A release made as a change of the last one says exactly what one made as a whole would say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from hub.reconcile.increment import opening

NUMBERS = st.sampled_from([f"n{i}" for i in range(8)] + ["", "", None])
CODES = st.sampled_from([f"c{i}" for i in range(5)] + [None])
LABELS = st.sampled_from(["张伟芳", "李娜", "王强", "nobody", None])
BIRTHS = st.sampled_from([date(1950, 1, 1), date(1980, 5, 6), None])
MARKS = st.sampled_from(["m1", "m2", "m3", None])
TIMES = st.sampled_from([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)] + [None])
AMOUNTS = st.sampled_from([1, 2, 3])

SHAPES = {
    "office/register": {
        "no": NUMBERS, "code": CODES, "name": LABELS, "born": BIRTHS, "mark": MARKS,
        "seen": TIMES, "amount": AMOUNTS,
    },
    "tax/list": {
        "no": NUMBERS, "label": LABELS, "birth": BIRTHS, "mark": MARKS, "at": TIMES,
        "amount": AMOUNTS,
    },
    "shop/cards": {"code": CODES, "holder": LABELS, "mark": MARKS},
    "bank/deals": {"deal": st.sampled_from("de"), "payee": NUMBERS, "firm": CODES},
}  # fmt: skip
KEYS = {supply: [f"{supply[0]}{i}" for i in range(7)] for supply in SHAPES}


def _rows(supply: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(SHAPES[supply])


def _batch(supply: str, size: int) -> st.SearchStrategy[Any]:
    one = st.one_of(_rows(supply), _rows(supply), st.none())
    written = st.dictionaries(st.sampled_from(KEYS[supply]), one, min_size=1, max_size=size)
    return st.tuples(st.just(supply), written)


STEPS = st.lists(
    st.lists(
        st.sampled_from(sorted(SHAPES)).flatmap(lambda supply: _batch(supply, 2)),
        min_size=1,
        max_size=2,
    ),
    min_size=1,
    max_size=4,
)
START = st.fixed_dictionaries(
    {
        supply: st.dictionaries(st.sampled_from(KEYS[supply]), _rows(supply), min_size=4)
        for supply in SHAPES
    }
)


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=START, steps=STEPS, again=st.booleans())
def test_after_every_batch_a_change_says_what_a_whole_would_say(
    towns: Callable[[], Any], start: Any, steps: Any, again: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "MOST_TOUCHED", 9.9)
        patch.setattr(opening, "FEWEST", 0)
        town = towns()
        for supply, rows in start.items():
            town.batch(supply, rows)
        for name in ("things", "deals"):
            town.release(name, town.reconcile(name, whole=True))
        for batches in steps:
            for supply, rows in batches:
                town.batch(supply, rows)
                if again:  # a batch that is handed in twice
                    town.batch(supply, rows)
            for name in ("things", "deals"):
                change = town.reconcile(name, whole=False)
                assert change.record.change is not None
                event(f"{name}: {change.record.change.entities} touched")
                assert town.told(change) == town.told(town.reconcile(name, whole=True))
                town.release(name, change)
