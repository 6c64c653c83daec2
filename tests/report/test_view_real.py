"""Documents as the hub makes them, laid out: nothing of them is left without words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest

from hub.ledger.batches import list_batches
from hub.opened import Hub
from hub.report.batch import batch_document
from hub.report.document import Document
from hub.report.month import department_document, hub_document
from hub.report.period import Month
from hub.report.release import release_document
from hub.report.view.page import html
from hub.report.view.words import WORDS, Speaker
from quality.messages import OTHER, Language, message
from quality.scorecard.configuration import shelf
from tests.report.town import FIRST
from tests.report.view_reading import read

LATER = FIRST + timedelta(days=30)
SHELF = shelf()
MAKERS: dict[str, Callable[[Hub], Document]] = {
    "batch": lambda hub: batch_document(
        hub, SHELF, list_batches(hub.ledger, "office/register")[1].id, LATER
    ),
    "department": lambda hub: department_document(hub, SHELF, "office", Month(2026, 2), LATER),
    "release": lambda hub: release_document(hub, SHELF, "things", None, LATER),
    "hub": lambda hub: hub_document(hub, SHELF, Month(2026, 2), LATER),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_fact_of_a_report_has_its_word_in_both_languages(seen: Hub, kind: str) -> None:
    document = MAKERS[kind](seen)
    assert {*document.subject, *document.counts} <= set(WORDS)
    for fact in ("verdict", "mode"):
        if fact in document.subject:
            assert f"{fact}.{document.subject[fact]}" in WORDS
    assert all(message(rule.code) is not OTHER for rule in document.rules)


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("kind", MAKERS)
def test_every_failing_rule_and_every_part_of_a_real_report_is_on_its_page(
    seen: Hub, kind: str, language: Language
) -> None:
    document, say = MAKERS[kind](seen), Speaker(language)
    written = html(document, language)
    assert not re.search(r"(?:src|href)=\"(?!#)", written)
    printed = read(written).text()
    assert say.of(document.title) in printed
    for rule in document.rules:
        if not rule.success:
            assert say.of(rule.says) in printed and f"{rule.failed:,}" in printed
    for part in document.parts:
        assert say.of(part.title) in printed
    for line in document.discrepancies:
        assert say.of(line.says) in printed
    for dimension in document.scorecard.dimensions:
        assert (dimension.score or say("not_assessed")) in printed
