"""The report's own words: each in both languages, none missing, none that nobody says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hub.report.view
from hub.report.view.finding_words import FINDING_WORDS
from hub.report.view.words import WORDS

FOLDER = Path(hub.report.view.__file__).parent
HAN = re.compile(r"[一-鿿]")
FINDINGS = re.compile("findings")  # files that speak of findings


def sources(findings: bool) -> str:
    return "\n".join(
        path.read_text("utf-8")
        for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2")]
        if bool(FINDINGS.search(path.name)) is findings and not path.name.endswith("words.py")
    )


@pytest.mark.parametrize("key", sorted(WORDS) + sorted(FINDING_WORDS.keys() - WORDS.keys()))
def test_a_word_stands_in_both_languages_with_the_same_values(key: str) -> None:
    words = WORDS.get(key) or FINDING_WORDS[key]
    zh, en = words.zh, words.en
    assert HAN.search(zh) and not HAN.search(en.replace("文", ""))
    assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en))


def test_every_word_that_a_view_says_is_in_the_catalog() -> None:
    said = set(re.findall(r"\bsay\(\s*\"([\w.]+)\"", sources(findings=False)))
    assert len(said) > 60
    assert {key for key in said if not key.endswith(".")} <= set(WORDS)


def test_every_word_that_the_report_of_findings_says_is_in_its_catalog() -> None:
    said = set(re.findall(r"\bsay\(\s*\"([\w.]+)\"", sources(findings=True)))
    assert len(said) > 40
    assert {key for key in said if not key.endswith(".")} <= set(FINDING_WORDS)


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
