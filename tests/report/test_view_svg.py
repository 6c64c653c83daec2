"""Pictures are well-formed whatever their words, and draw what the figures say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.report.document import Point, RuleLine, Words
from hub.report.view import svg, svg_pareto, svg_score, svg_trend
from hub.report.view.text import plain, shortened, width
from hub.report.view.words import Speaker
from quality.messages import Language
from tests.report.view_documents import rules, scorecard, trend

NAMESPACE = "{http://www.w3.org/2000/svg}"
SAY = Speaker("en")


def parse(picture: str) -> ET.Element:
    return ET.fromstring(picture)


def drawn(picture: str, tag: str) -> list[dict[str, str]]:
    return [dict(e.attrib) for e in parse(picture).iter(NAMESPACE + tag)]


@settings(max_examples=60, deadline=None)
@given(words=st.text(st.characters(), max_size=30))
@pytest.mark.parametrize("language", get_args(Language))
def test_pictures_are_well_formed_xml_whatever_they_say(language: Language, words: str) -> None:
    say = Speaker(language)
    named = Words(words, words)
    card = scorecard()
    dimensions = tuple(replace(d, name=named) for d in card.dimensions)
    card = replace(card, grades=tuple((c, named, least) for c, _, least in card.grades))
    lines = [replace(rule, says=named, supply=words, severity=words) for rule in rules()]
    points = [replace(p, label=words, at=words, verdict=words) for p in trend(3)]
    for picture in (
        svg_score.ring(card, say),
        svg_score.bars(replace(card, dimensions=dimensions), say),
        svg_pareto.pareto(lines, say),
        svg_trend.trend(points, say),
    ):
        root = parse(picture)
        assert root[0].tag == NAMESPACE + "title" and root[1].tag == NAMESPACE + "desc"
    label = next(e.text for e in parse(svg.picture("a", words, "", (1, 1), ())) if e.tag)
    assert (label or "") == plain(words)


def test_the_ring_is_as_full_as_the_score() -> None:
    card = replace(scorecard(), score="25.00")
    filled, around = drawn(svg_score.ring(card, SAY), "circle")[1]["stroke-dasharray"].split()
    assert float(filled) / float(around) == pytest.approx(0.25, abs=0.001)


def test_what_is_not_assessed_is_said_and_not_drawn_as_zero() -> None:
    card = scorecard({})
    assert "not assessed" in svg_score.ring(card, SAY)
    bars = drawn(svg_score.bars(card, SAY), "rect")
    assert len(bars) == 6 and all("stroke-dasharray" in bar for bar in bars)


def test_bars_are_as_long_as_the_scores_of_their_dimensions() -> None:
    card = scorecard()
    filled = [b for b in drawn(svg_score.bars(card, SAY), "rect") if b["fill"] == svg.ACCENT]
    expected = [float(d.score) for d in card.dimensions if d.score is not None]
    length = svg_score.BARS[2]
    assert [float(b["width"]) for b in filled] == pytest.approx(
        [length * score / 100 for score in expected], abs=0.01
    )


counts = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)


@settings(deadline=None)
@given(failures=counts)
def test_pareto_is_sorted_and_its_line_ends_at_the_share_of_what_is_drawn(
    failures: list[int],
) -> None:
    line: RuleLine = rules()[0]
    picture = svg_pareto.pareto([replace(line, failed=n) for n in failures], SAY)
    bars = [float(b["width"]) for b in drawn(picture, "rect")]
    assert bars == sorted(bars, reverse=True)
    assert len(bars) == min(sum(n > 0 for n in failures), svg_pareto.MOST)
    ends = [float(c["cx"]) for c in drawn(picture, "circle")]
    assert ends == sorted(ends)
    assert ends[-1] <= svg_pareto.LEFT + svg_pareto.LENGTH + 0.01
    top = sum(sorted(failures)[-svg_pareto.MOST :]) / sum(failures)
    end = svg_pareto.axis_end(top)
    assert ends[-1] == pytest.approx(svg_pareto.LEFT + svg_pareto.LENGTH * top / end, abs=0.01)


def test_a_batch_without_a_score_leaves_a_gap_in_the_line() -> None:
    points = trend(9)  # the seventh was rejected
    picture = svg_trend.trend(points, SAY)
    assert [len(line["points"].split()) for line in drawn(picture, "polyline")] == [6, 2]
    assert "2026-11-07" in picture and "not assessed" in picture


def test_higher_scores_stand_higher_and_within_the_panel() -> None:
    points = [replace(trend(1)[0], score=f"{score}.00") for score in (0, 55, 100)]
    line = drawn(svg_trend.trend(points, SAY), "polyline")[0]["points"].split()
    heights = [float(at.split(",")[1]) for at in line]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == svg_trend.TOP + svg_trend.HIGH and heights[-1] == svg_trend.TOP


@pytest.mark.parametrize("score", ["100.00", "99.99", "99.10", "97.00", "88.88", "61.00", "0.00"])
def test_the_axis_holds_every_score(score: str) -> None:
    low = svg_trend.lowest([replace(trend(1)[0], score=score)])
    assert 0 <= low <= float(score)


def test_each_verdict_has_a_shape_of_its_own() -> None:
    shapes = {svg_trend.mark(0, 0, verdict) for verdict in ("accept", "warn", "hold", "reject")}
    assert len({re.match(r"<(\w+)", shape)[0] for shape in shapes}) == 4  # type: ignore[index]


def test_a_trend_too_long_to_read_shows_its_newest_points() -> None:
    points: tuple[Point, ...] = trend(30) * 10
    assert svg_trend.shown(points) == points[-svg_trend.MOST :]
    assert len(svg_trend.trend(points, SAY)) < 60_000


@settings(deadline=None)
@given(text=st.text(max_size=60), units=st.floats(2, 30))
def test_a_shortened_text_fits_and_begins_like_the_whole(text: str, units: float) -> None:
    short = shortened(text, units)
    assert width(short) <= units + 0.001
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
