"""Chance is no drift, and a real shift is one: the statistics, and the binning of every type."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.drift import Profile, distribution, null_rate, row_count
from quality.drift_bins import RARE, aligned, psi
from quality.drift_profile import SAMPLE_ROWS, as_json, from_json, profile
from schemas.contract import Catalog, Code, CodeList, Field, FieldType, LogicalType
from schemas.properties import DriftLimits, FieldProperties
from tests.hub.test_check import a_supply

LIMITS = DriftLimits()
shapes = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=40)
sizes = st.integers(100, 3000)
seeds = st.integers(0, 2**32)  # Hypothesis' own chance would be out to deceive


def sample(weights: list[float], rows: int, chance: random.Random) -> dict[str, int]:
    return dict(Counter(chance.choices([str(n) for n in range(len(weights))], weights, k=rows)))


def shape(bins: dict[str, int], whole: bool = True, nulls: int = 0) -> Profile:
    rows = sum(bins.values())
    return Profile(rows, whole, 2026, rows, {"f": nulls}, {"f": ("code", bins)})


@settings(max_examples=200, deadline=None)
@given(shapes, sizes, sizes, seeds)
def test_two_samples_of_one_distribution_have_not_drifted(
    weights: list[float], rows: int, old: int, seed: int
) -> None:
    chance = random.Random(seed)
    now, before = sample(weights, rows, chance), sample(weights, old, chance)
    found = distribution("f", shape(now), [shape(before)], LIMITS)
    assert (found.evaluated, found.success) == (1, True)


def test_chance_is_kept_out_at_every_size_and_number_of_bins() -> None:
    chance = random.Random(3)
    for bins in (2, 5, 20, 60):
        for rows in (100, 400, 2000):
            weights = [1 / (n + 1) for n in range(bins)]
            for _ in range(60):
                index, noise = psi(sample(weights, rows, chance), sample(weights, rows, chance))
                assert index <= noise


@settings(max_examples=60, deadline=None)
@given(shapes.filter(lambda w: len(w) > 3), sizes, seeds)
def test_a_distribution_that_is_turned_round_has_drifted(
    weights: list[float], rows: int, seed: int
) -> None:
    chance = random.Random(seed)
    ordered = [10.0 * w for w in sorted(weights)[:-1]] + [100.0 * len(weights)]
    now, before = sample(ordered, rows, chance), sample(ordered[::-1], rows, chance)
    assert not distribution("f", shape(now), [shape(before)], LIMITS).success


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500), min_size=1))
def test_the_index_of_a_batch_with_itself_is_nothing(bins: dict[str, int]) -> None:
    assert psi(bins, bins)[0] == pytest.approx(0)


def test_rare_values_are_joined_before_they_are_compared() -> None:
    common = {"a": 500, "b": 500}
    rare = {f"r{n}": RARE - 2 for n in range(10)}
    assert psi(common | rare, common | {f"s{n}": RARE - 2 for n in range(10)})[0] < 0.01


@pytest.mark.parametrize(
    ("rows", "before", "steady"),
    [(70, [100], True), (69, [100], False), (200, [100], True), (201, [100], False),
     (10, [99], None), (100, [], None), (0, [100], None), (50, [100, 900, 100], False)],
)  # fmt: skip
def test_rows_drop_and_rise_by_their_shares(
    rows: int, before: list[int], steady: bool | None
) -> None:
    past = [Profile(n, True, 2026, 0, {}, {}) for n in before]
    found = row_count(Profile(rows, True, 2026, 0, {}, {}), past, LIMITS)
    assert (found.evaluated, found.success) == (int(steady is not None), steady is not False)


@pytest.mark.parametrize(
    ("rows", "nulls", "before", "steady"),
    [(1000, 99, 0, True), (1000, 101, 0, False), (1000, 0, 101, False), (100, 0, 101, True),
     (99, 99, 0, None), (1000, 1000, 0, False)],
)  # fmt: skip
def test_null_rates_change_by_more_than_their_share_and_more_than_chance(
    rows: int, nulls: int, before: int, steady: bool | None
) -> None:
    past = [Profile(1000, True, 2026, 0, {"f": before}, {})]
    found = null_rate("f", Profile(rows, True, 2026, 0, {"f": nulls}, {}), past, LIMITS)
    assert (found.evaluated, found.success) == (int(steady is not None), steady is not False)


def test_the_turn_of_a_year_is_no_drift() -> None:
    # A whole table keeps its rows and gains new ones; a part has new ones alone.
    old, new = {"1950": 10, "2025": 40, "2026": 50}, {"1950": 10, "2025": 40, "2026": 49, "2027": 1}
    assert aligned("date", old, True, 2026, 2027) == {"1950": 10, "2025": 40, "recent": 50}
    assert aligned("date", new, True, 2027, 2027) == {"1950": 10, "2025": 40, "recent": 50}
    assert aligned("date", {"2026": 9, "2036": 1}, False, 2026, 2027) == {
        "recent": 9, "-10 years": 1,
    }  # fmt: skip
    assert aligned("date", {"2027": 9, "2037": 1}, False, 2027, 2027) == {
        "recent": 9, "-10 years": 1,
    }  # fmt: skip


KINDS = {
    "text": FieldType(LogicalType.STRING),
    "code": FieldType(LogicalType.STRING),
    "place": FieldType(LogicalType.STRING),
    "flag": FieldType(LogicalType.BOOLEAN),
    "whole": FieldType(LogicalType.INTEGER),
    "exact": FieldType(LogicalType.NUMBER, 18, 2),
    "binary": FieldType(LogicalType.NUMBER),
    "day": FieldType(LogicalType.DATE),
    "moment": FieldType(LogicalType.TIMESTAMP),
}
PLACES = CodeList("place", tuple(Code(f"99{n:04}", None, "", "", "canonical") for n in range(99)))
SEX = CodeList("sex", (Code("1", "1", "", "", "canonical"), Code("2", "2", "", "", "canonical")))
CATALOG = Catalog(Path(), {}, {}, {}, {"place": PLACES, "sex": SEX})


def test_bins_tell_the_shape_of_every_type_and_no_value() -> None:
    lists = {"code": "sex", "place": "place"}
    fields = [Field("key", "key", KINDS["text"], "", key_position=1)] + [
        Field(name, name, kind, "", properties=FieldProperties(codelist=lists.get(name)))
        for name, kind in KINDS.items()
    ]
    moment = datetime(2025, 3, 4, 5, 6, tzinfo=UTC)
    rows = pa.table({
        "_row": pa.array(range(4), pa.int64()),
        "key": ["secret-1", "secret-2", "secret-3", "secret-4"],
        "text": ["张三", "欧阳震华", "x" * 70, None],
        "code": ["1", "1", "秘密", None],
        "place": ["990001", "990001", "990002", "秘密"],
        "flag": [True, False, True, None],
        "whole": [0, -7, 98765, None],
        "exact": pa.array([Decimal("0.00"), Decimal("1234.56"), Decimal("-0.30"), None]),
        "binary": [float("nan"), 3.99, 4.0, float("inf")],
        "day": [date(1801, 1, 1), date(2026, 7, 1), date(9999, 12, 31), None],
        "moment": pa.array([moment, moment, None, None], pa.timestamp("us", tz="UTC")),
    })  # fmt: skip
    with duckdb.connect() as connection:
        connection.register("landing", rows)
        found = profile(connection, a_supply(fields), CATALOG, 4, {"text": 1}, True, 2026)
    bins = {name: counts for name, (_, counts) in found.bins.items()}
    place = bins.pop("place")
    assert sum(place.values()) == 4 and place["other"] == 1 and set(place) <= {"other"} | {
        f"group {digit}" for digit in "0123456789abcdef"
    }  # fmt: skip
    assert bins == {
        "text": {"2": 1, "4": 1, "2^6": 1},
        "code": {"1": 2, "other": 1},
        "flag": {"true": 2, "false": 1},
        "whole": {"0": 1, "-7": 1, "2^16": 1},
        "exact": {"0": 1, "2^10": 1, "-2^-2": 1},
        "binary": {"2^1": 1, "2^2": 1},
        "day": {"before 1900": 1, "2026": 1, "after 2200": 1},
        "moment": {"2025": 2},
    }
    assert from_json(as_json(found)) == found
    kept = str(as_json(found))
    assert not any(value in kept for value in ("秘密", "secret", "98765", "张三", "1234", "990001"))


def test_the_sample_is_bounded_and_the_same_on_every_run() -> None:
    fields = [Field("whole", "whole", KINDS["whole"], "")]
    rows = 3 * SAMPLE_ROWS
    found = []
    for threads in (1, 2):
        with duckdb.connect(config={"threads": threads}) as connection:
            connection.execute(
                f"CREATE VIEW landing AS SELECT i AS _row, i % 10 AS whole FROM range({rows}) t(i)"
            )
            found.append(profile(connection, a_supply(fields), CATALOG, rows, {}, True, 2026))
    assert found[0] == found[1]
    assert abs(found[0].sampled - SAMPLE_ROWS) < SAMPLE_ROWS / 50
    counts = found[0].bins["whole"][1].values()  # a table with a period of ten is still even
    assert max(counts) - min(counts) < SAMPLE_ROWS / 50
