"""The report's own words: each in both languages, none missing, none that nobody says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hub.report.view
from hub.report.view.words import WORDS

FOLDER = Path(hub.report.view.__file__).parent
HAN = re.compile(r"[一-鿿]")
SOURCES = "\n".join(
    path.read_text("utf-8")
    for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2")]
    if path.name != "words.py"
)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_a_word_stands_in_both_languages_with_the_same_values(key: str) -> None:
    zh, en = WORDS[key].zh, WORDS[key].en
    assert HAN.search(zh) and not HAN.search(en.replace("文", ""))
    assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en))


def test_every_word_that_a_view_says_is_in_the_catalog() -> None:
    said = set(re.findall(r"\bsay\(\s*\"([\w.]+)\"", SOURCES))
    assert len(said) > 60
    assert {key for key in said if not key.endswith(".")} <= set(WORDS)


def test_families_of_words_are_whole() -> None:
    for family, members in {
        "kind": ("batch", "department", "release", "hub"),
        "parts": ("department", "release", "hub"),
        "severity": ("error", "warning", "info"),
        "verdict": ("accept", "warn", "hold", "reject", "fault"),
        "short": ("accept", "warn", "hold", "reject", "fault"),
    }.items():
        found = {key.split(".")[1] for key in WORDS if key.startswith(f"{family}.")}
        assert found == set(members)
