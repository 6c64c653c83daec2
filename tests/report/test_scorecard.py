"""Scores are exact functions of counts; weights and grades are configuration, whole or refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.scorecard.configuration import SHIPPED, Configuration, faults, shelf
from quality.scorecard.score import (
    Sum,
    add,
    dimension_score,
    grade,
    indicator_score,
    percent,
    total_score,
)
from quality.scorecard.standard import DIMENSIONS, INDICATORS
from schemas.entry_properties import EntryProperties
from schemas.problems import CatalogInvalid

CODES = st.sampled_from(sorted(INDICATORS))
COUNTS = st.integers(0, 10**12).flatmap(lambda b: st.integers(0, b).map(lambda a: Sum(a, b)))
few = settings(max_examples=50, deadline=None)
MEASURES = st.lists(st.tuples(CODES, COUNTS), max_size=40)
EQUAL = shelf().shipped[0]


def weighed(weights: list[int]) -> Configuration:
    """The shipped configuration with other weights, in hundredths."""
    values = EQUAL.model_dump(mode="json")
    rest = iter(weights)
    for dimension in values["dimensions"]:
        dimension["weight"] = str(Decimal(next(rest)) / 100)
        codes = dimension["indicators"]
        dimension["indicators"] = {code: str(Decimal(next(rest)) / 100) for code in codes}
    return Configuration.model_validate(values)


PARTS = len(DIMENSIONS) + len(INDICATORS)
CONFIGURATIONS = st.lists(st.integers(0, 100), min_size=PARTS, max_size=PARTS).map(weighed)


@few
@given(measures=MEASURES, configuration=CONFIGURATIONS)
def test_every_score_lies_between_0_and_1(
    measures: list[tuple[str, Sum]], configuration: Configuration
) -> None:
    sums = add(measures)
    scores = [indicator_score(code, counted) for code, counted in sums.items()]
    scores += [dimension_score(code, sums, configuration) for code in DIMENSIONS]
    scores.append(total_score(sums, configuration))
    assert all(score is None or 0 <= score <= 1 for score in scores)


@few
@given(measures=MEASURES, code=CODES, configuration=CONFIGURATIONS)
def test_one_more_good_element_never_lowers_a_score_and_one_more_bad_never_raises_it(
    measures: list[tuple[str, Sum]], code: str, configuration: Configuration
) -> None:
    sums = add([*measures, (code, Sum(1, 2))])
    good, bad = (0, 1) if INDICATORS[code].inverted else (1, 0)
    before = total_score(sums, configuration)
    better = total_score(add([*sums.items(), (code, Sum(good, 1))]), configuration)
    worse = total_score(add([*sums.items(), (code, Sum(bad, 1))]), configuration)
    if before is None:  # everything that is assessed weighs nothing
        assert better is None and worse is None
    else:
        assert better is not None and worse is not None
        assert worse <= before <= better


@few
@given(measures=MEASURES, others=MEASURES)
def test_adding_measures_adds_numerators_and_denominators_in_any_order(
    measures: list[tuple[str, Sum]], others: list[tuple[str, Sum]]
) -> None:
    together = add([*measures, *others])
    assert together == add([*reversed(others), *reversed(measures)])
    assert together == add([*add(measures).items(), *add(others).items()])
    for code, counted in together.items():
        every = [c for name, c in (*measures, *others) if name == code]
        assert counted == Sum(sum(c.numerator for c in every), sum(c.denominator for c in every))


@few
@given(measures=MEASURES, code=CODES, configuration=CONFIGURATIONS)
def test_what_is_not_assessed_has_no_part_in_any_score(
    measures: list[tuple[str, Sum]], code: str, configuration: Configuration
) -> None:
    without = [entry for entry in measures if entry[0] != code]
    empty = add([*without, (code, Sum(0, 0))])
    assert indicator_score(code, empty[code]) is None
    assert total_score(empty, configuration) == total_score(add(without), configuration)


def test_nothing_assessed_is_no_score_and_no_grade() -> None:
    assert total_score({}, EQUAL) is None
    assert percent(None) is None
    assert grade(None, EQUAL) is None


def test_the_two_inverted_indicators_count_what_is_wrong() -> None:
    assert {code for code, one in INDICATORS.items() if one.inverted} == {"0303", "0305"}
    assert indicator_score("0305", Sum(1, 8)) == Fraction(7, 8)
    assert indicator_score("0304", Sum(7, 8)) == Fraction(7, 8)


def test_a_dimension_is_the_weighted_mean_of_its_indicators_as_the_total_is_of_dimensions() -> None:
    values = EQUAL.model_dump(mode="json")
    values["dimensions"][1] |= {"weight": "3", "indicators": {"0201": "0.75", "0202": "0.25"}}
    configuration = Configuration.model_validate(values)
    sums = {"0201": Sum(1, 2), "0202": Sum(1, 1), "0601": Sum(0, 5)}
    assert dimension_score("02", sums, configuration) == Fraction(5, 8)
    assert total_score(sums, configuration) == Fraction(3 * 5, 4 * 8)


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [(1, 3, "33.33"), (2, 3, "66.67"), (1, 16000, "0.01"), (3, 80000, "0.00"), (1, 1, "100.00")],
)
def test_a_printed_score_is_rounded_once(numerator: int, denominator: int, printed: str) -> None:
    assert percent(Fraction(numerator, denominator)) == printed


@given(st.integers(0, 10_000))
def test_a_tie_is_rounded_to_the_even_side(hundredths: int) -> None:
    printed = percent(Fraction(2 * hundredths + 1, 20_000))
    assert printed is not None
    assert int(Decimal(printed) * 100) % 2 == 0
    assert abs(Decimal(printed) * 100 - (hundredths + Decimal("0.5"))) == Decimal("0.5")


@given(st.fractions(0, 1))
def test_rounding_moves_a_score_by_half_a_hundredth_at_most(score: Fraction) -> None:
    assert abs(Fraction(percent(score) or "") - score * 100) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("100.00", "excellent"),
        ("95.00", "excellent"),
        ("94.99", "good"),
        ("80.00", "good"),
        ("79.99", "sufficient"),
        ("59.99", "insufficient"),
        ("0.00", "insufficient"),
    ],
)
def test_the_grade_follows_from_the_printed_score(printed: str, found: str) -> None:
    assert grade(printed, EQUAL) == found


def test_a_contract_may_name_exactly_the_indicators_of_the_standard() -> None:
    field = EntryProperties.model_fields["indicator"].annotation
    codes = {word for part in get_args(field) for word in get_args(part)}
    assert codes == set(INDICATORS)


def own(root: Path, text: str, name: str = "city.yaml") -> Path:
    (root / "scorecards").mkdir(parents=True, exist_ok=True)
    (root / "scorecards" / name).write_text(text, encoding="utf-8")
    return root


SHIPPED_TEXT = next(SHIPPED.glob("*.yaml")).read_text("utf-8")


def test_a_citys_own_scorecard_comes_before_the_shipped_one_from_its_day_on(tmp_path: Path) -> None:
    text = SHIPPED_TEXT.replace("name: gbt36344-2018", "name: city")
    own(tmp_path, text.replace("2019-01-01", "2026-03-01"))
    found = shelf(tmp_path)
    assert found.in_effect(date(2026, 2, 28)).label == "gbt36344-2018 1.0.0"
    assert found.in_effect(date(2026, 3, 1)).label == "city 1.0.0"
    assert found.named("city 1.0.0") is not None
    assert found.named("city 2.0.0") is None


def test_the_newest_version_in_effect_is_used(tmp_path: Path) -> None:
    text = SHIPPED_TEXT.replace("name: gbt36344-2018", "name: city")
    own(tmp_path, text)
    own(tmp_path, text.replace("version: 1.0.0", "version: 1.10.0"), "newer.yaml")
    own(tmp_path, text.replace("version: 1.0.0", "version: 1.9.0"), "new.yaml")
    assert shelf(tmp_path).in_effect(date(2026, 1, 1)).label == "city 1.10.0"


@pytest.mark.parametrize(
    ("old", "new", "line_of"),
    [
        ("effective_from:", "effective_form:", "effective_form"),
        ('weight: "1", indicators: {"0201"', 'wieght: "1", indicators: {"0201"', '"02"'),
        ('"0601": "1"', '"0601": "-1"', '"06"'),
        ('"0601": "1"', '"0603": "1"', '"06"'),
        ('least: "95"', 'least: "70"', "grades"),
        ('least: "0"', 'least: "10"', "grades"),
        ('code: "06"', 'code: "07"', '"07"'),
    ],
)
def test_a_scorecard_that_cannot_be_meant_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line_of: str
) -> None:
    text = SHIPPED_TEXT.replace("name: gbt36344-2018", "name: city").replace(old, new)
    with pytest.raises(CatalogInvalid) as refused:
        shelf(own(tmp_path, text))
    lines = text.splitlines()
    assert all(problem.file.name == "city.yaml" for problem in refused.value.problems)
    assert faults(tmp_path) == list(refused.value.problems)
    places = {problem.line for problem in refused.value.problems}
    wanted = {n for n, line in enumerate(lines, 1) if line_of in line and not line.startswith("#")}
    assert places & wanted or (line_of == "grades" and places)


def test_a_label_that_reports_name_cannot_stand_for_two_configurations(tmp_path: Path) -> None:
    with pytest.raises(CatalogInvalid, match="exists already"):
        shelf(own(tmp_path, SHIPPED_TEXT.replace('"0601": "1"', '"0601": "2"')))
