"""The page stands alone, says what the document says, and no text of it becomes markup."""

from __future__ import annotations

import re
import time
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.report.document import Cell, Document, Words
from hub.report.view import heatmap, page, rules, svg
from hub.report.view.names import file_stem
from hub.report.view.page import html, sections
from hub.report.view.text import plain
from hub.report.view.words import Speaker
from quality.messages import Language
from tests.report.view_documents import EMPTY, KINDS, batch, many
from tests.report.view_reading import Element, read

LANGUAGES = get_args(Language)
DOCUMENTS = [pytest.param(make(), id=kind) for kind, make in KINDS.items()]
DOCUMENTS.append(pytest.param(EMPTY, id="empty"))
BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("document", DOCUMENTS)
TAGS = """
html head meta title style body header footer main section nav p span b i bdi h1 h2 h3 dl dt dd div
ol li a table caption thead tbody tfoot tr th td details summary pre code
svg desc g rect line text circle polyline polygon path
"""
SAFE_TAGS = frozenset(TAGS.split())


@EACH
@BOTH
def test_a_page_refers_to_nothing_outside_and_runs_nothing(
    document: Document, language: Language
) -> None:
    written = html(document, language)
    assert "//" not in written.replace("http://www.w3.org/2000/svg", "")
    assert written.startswith("<!DOCTYPE html>\n<html ")
    assert "@import" not in written and "url(" not in written and "javascript:" not in written
    for element in read(written).all():
        assert element.tag in SAFE_TAGS
        assert not {"src", "srcset", "data", "action", "style"} & set(element.attributes)
        assert not any(name.startswith("on") for name in element.attributes)
        for name in ("href", "xlink:href"):
            assert (element.attributes.get(name) or "#").startswith("#")


@EACH
@BOTH
def test_every_link_and_label_finds_its_target_and_ids_stand_once(
    document: Document, language: Language
) -> None:
    everything = read(html(document, language)).all()
    ids = [e.attributes["id"] for e in everything if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in everything:
        for wanted in (element.attributes.get("aria-labelledby") or "").split():
            assert wanted in ids
        if element.tag == "a":
            assert (element.attributes["href"] or "").removeprefix("#") in ids


@EACH
@BOTH
def test_tables_and_pictures_are_readable_without_seeing_them(
    document: Document, language: Language
) -> None:
    root = read(html(document, language))
    assert root.attributes["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    for table in root.all("table"):
        assert table.all("caption")[0].text()
        assert all(head.attributes.get("scope") for head in table.all("th"))
        columns = len(table.all("thead")[0].all("th"))
        for row in table.all("tr"):
            spans = [int(cell.attributes.get("colspan") or 1) for cell in row.all("th", "td")]
            assert sum(spans) == columns
    for picture in root.all("svg"):
        if picture.attributes.get("aria-hidden") != "true":
            assert picture.attributes["role"] == "img"
            assert picture.all("title")[0].text() and picture.all("desc")[0].text()
    levels = [int(h.tag[1]) for h in root.all("h1", "h2", "h3")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@EACH
@BOTH
def test_a_section_is_there_exactly_when_it_has_content(
    document: Document, language: Language
) -> None:
    shown = [s.attributes["id"] for s in read(html(document, language)).all("section")]
    assert shown == sections(document)
    assert ("trend" in shown) == (len(document.trend) > 1)
    for name in ("rules", "parts", "heatmap", "discrepancies", "samples"):
        content = getattr(document, name)
        assert (name in shown) == bool(content)
    assert {"scorecard", "recompute"} <= set(shown)


def rows_of(root: Element, section: str) -> list[list[str]]:
    found = next(s for s in root.all("section") if s.attributes["id"] == section)
    return [
        [" ".join(cell.text().split()) for cell in row.all("th", "td")] for row in found.all("tr")
    ]


@EACH
@BOTH
def test_every_indicator_is_printed_with_a_b_weight_and_score(
    document: Document, language: Language
) -> None:
    say = Speaker(language)
    written = rows_of(read(html(document, language)), "scorecard")
    for dimension in document.scorecard.dimensions:
        for figure in dimension.figures:
            line = next(row for row in written if row[0].startswith(figure.indicator))
            if figure.score is None:
                assert line[1:] == [figure.weight, "–", "–", say("not_assessed")]
            else:
                counts = [f"{figure.numerator:,}", f"{figure.denominator:,}"]
                assert line[1:] == [figure.weight, *counts, figure.score]
            assert (say("counts_wrong") in line[0]) == figure.inverted
    printed = read(html(document, language)).text()
    for _, name, least in document.scorecard.grades:
        assert f"{say.of(name)} ≥ {least}" in printed
    assert document.scorecard.configuration in printed
    assert f"hub report recompute {file_stem(document.id)}.json" in printed


@BOTH
def test_failing_rules_come_first_with_their_words_clause_and_way_to_mend(
    language: Language,
) -> None:
    document = batch()
    written = rows_of(read(html(document, language)), "rules")
    severities = ("error", "warning", "info")
    failing = [
        r for level in severities for r in document.rules if r.failed and r.severity == level
    ]
    for rule, line in zip(failing, written[1:], strict=False):
        assert Speaker(language).of(rule.says) in line[1]
        assert line[2].startswith(Speaker(language).severity(rule.severity))
        assert (page.mend(rule.code, language) in line[1]) == (rule.severity != "info")
        assert all(clause in line[3] for clause in (rule.clause or "").split("; "))
        assert line[4:6] == [f"{rule.evaluated:,}", f"{rule.failed:,}"]


@pytest.mark.slow
def test_ten_thousand_rules_are_laid_out_quickly_in_a_small_page() -> None:
    document = many(10_000)
    html(document, "zh")  # templates are compiled once
    begun = time.process_time()
    written = html(document, "en")
    assert time.process_time() - begun < 2
    assert len(written.encode()) < 3_000_000
    root = read(written)
    failing = rows_of(root, "rules")[1 : 1 + rules.FAILING]
    assert [line[0] for line in failing] == [str(n + 1) for n in range(rules.FAILING)]
    assert "And 400 more" in root.text()
    assert sum(len(table.all("tr")) for table in root.all("table")) < 4_000


@pytest.mark.slow
def test_no_size_of_a_document_makes_a_page_too_large() -> None:
    everything_fails = many(10_000, supplies=1, failing=20_000)
    all_alone = many(10_000, supplies=10_000, failing=0)
    for document in (everything_fails, all_alone):
        assert len(html(document, "zh").encode()) < 3_000_000


def test_the_heat_map_has_the_lowest_scores_first_and_never_rounds_a_failure_away() -> None:
    def cell(owner: str, name: str, wrong: int) -> Cell:
        return Cell(owner, name, Words(name, name), "0201", 10**6 - wrong, 10**6, None)

    found = heatmap.heat_map(
        [cell("a", "x", 0), cell("a", "y", 1), cell("b", "z", 10**5), cell("b", "none", 0)]
    )
    assert [grid.owner for grid in found.grids] == ["b", "a"]
    assert [row.name for row in found.grids[0].rows] == ["z", "none"]
    texts = {row.name: row.tiles[0].text for g in found.grids for row in g.rows if row.tiles[0]}
    assert texts == {"z": "90", "none": "100", "y": ">99.99", "x": "100"}
    shades = [row.tiles[0].shade for row in found.grids[1].rows if row.tiles[0]]
    assert sorted(shades, key=str) == [0, 1]


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_text_has_the_contrast_of_wcag_aa_and_shades_darken_in_black_and_white() -> None:
    for _, paper, ink in heatmap.SHADES:
        assert contrast(paper, ink) >= 4.5
    for ink in (svg.INK, svg.MUTED, svg.BAD, svg.ACCENT):
        assert contrast(ink, "#ffffff") >= 4.5
    style = (page.TEMPLATES / "style.css").read_text("utf-8")
    tints = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", style))
    assert (tints["ink"], tints["muted"], tints["accent"]) == (svg.INK, svg.MUTED, svg.ACCENT)
    assert contrast(tints["ink"], tints["wash"]) >= 4.5
    lights = [luminance(paper) for _, paper, _ in heatmap.SHADES]
    assert all(before / after >= 1.15 for before, after in pairwise(lights))


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "\"'><img src=x onerror=alert(1)>",
            "]]>--><!-- </style></svg></title>",
            "{{ 7 * 7 }} {% raw %} {0.__class__} %s",
            "\x00\x01\x1b[31m\r\n\x7f\x85\u2028",
            "\u202egnp.exe\u2066\u200f\u061c",
            "字" * 500,
            "x" * 500,
            "&amp;&lt;&#60;",
            "\ud800 \udfff \ufffe",
            "javascript:alert(1)",
        ]
    ),
    st.text(st.characters(), max_size=40),
)


def poisoned(value: Any, words: str) -> Any:
    """The value with every free text in it replaced; what is counted or scored stays."""
    if isinstance(value, str):
        return words
    if isinstance(value, tuple):
        return tuple(poisoned(one, words) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"score", "numerator", "denominator", "inverted", "grades", "weight", "kind"}
        found = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(
            value, **{k: v if k in kept else poisoned(v, words) for k, v in found.items()}
        )
    return value


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=HOSTILE)
def test_no_text_of_a_document_becomes_markup(words: str) -> None:
    tame, wild = (
        replace(poisoned(batch(), text), subject={"verdict": text}) for text in ("tame", words)
    )
    written = html(wild, "zh")
    written.encode("utf-8")
    assert plain(written.replace("\n", "")) == written.replace("\n", "")
    shapes = [[e.tag for e in read(html(d, "zh")).all()] for d in (tame, wild)]
    assert [tag for tag in shapes[1] if tag not in SAFE_TAGS] == []
    assert shapes[0] == shapes[1] or not words.strip()


def test_a_text_is_read_back_as_it_was_except_for_what_nobody_would_see() -> None:
    text = "<b>&\"'\u202e文"
    title = read(html(replace(EMPTY, title=Words(text, text)), "en")).all("h1")[0].text()
    assert title == "<b>&\"'\\u202e文"
