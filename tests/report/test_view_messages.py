"""Every rule that can exist has its sentence, and a way to mend what broke it, twice."""

from __future__ import annotations

import re
import string

import pytest

from hub.settings import REPOSITORY
from quality.compile import COMPILERS
from quality.identifiers import IDENTIFIERS
from quality.messages import MESSAGES, OTHER, clause, mend, says, title
from quality.messages.message import Language, Message
from quality.rules import rules_of
from schemas.catalog import load_catalog

HAN = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("code", [*sorted(MESSAGES), "OTHER"])
def test_every_code_says_what_is_wrong_and_how_to_mend_it_in_both_languages(code: str) -> None:
    message: Message = MESSAGES.get(code, OTHER)
    assert HAN.search(message.zh) and HAN.search(message.mend_zh)
    assert message.en and not HAN.search(message.en)
    assert message.mend_en and not HAN.search(message.mend_en)
    assert message.mend_zh.endswith("。") and message.mend_en.endswith(".")
    names = [_names(text) - {"greater_zh", "greater_en"} for text in (message.zh, message.en)]
    assert names[0] == names[1]
    assert "{" not in message.mend_zh + message.mend_en


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_rule_of_the_sample_city_has_its_own_words() -> None:
    catalog = load_catalog(REPOSITORY / "schemas")
    rules = [rule for supply in catalog.supplies.values() for rule in rules_of(supply, catalog)]
    assert len(rules) > 100
    assert {rule.code for rule in rules} <= set(MESSAGES)
    languages: tuple[Language, ...] = ("zh", "en")
    for rule in rules:
        for language in languages:
            assert "{" not in title(rule, language)
            assert "…" not in says(rule.code, rule.fields, rule.kwargs, language)
            assert mend(rule.code, language)


def test_every_type_that_compiles_and_every_identifier_has_its_own_words() -> None:
    types = {kind for kind in COMPILERS if not kind.startswith("hub_")}
    verdicts = {f"{kind}.{v.name}" for kind, listed in IDENTIFIERS.items() for v in listed}
    assert types | verdicts <= set(MESSAGES)


@pytest.mark.slow
def test_every_expectation_of_great_expectations_has_its_own_words() -> None:
    import great_expectations.expectations  # noqa: F401
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    registered = set(list_registered_expectation_implementations())
    assert len(registered) > 50
    assert registered <= set(MESSAGES)


@pytest.mark.parametrize(
    ("kwargs", "zh", "en"),
    [
        ({"min_value": 1, "max_value": 9}, "a：取值应在 1 至 9 之间", "between 1 and 9"),
        ({"min_value": 1}, "a：取值应不小于 1", "at least 1"),
        ({"max_value": 9, "strict_max": True}, "a：取值应小于 9", "less than 9"),
        (
            {"min_value": 0, "max_value": 9, "strict_min": True},
            "a：取值应大于 0 且不大于 9",
            "greater than 0 and at most 9",
        ),
    ],
)
def test_a_range_is_said_as_it_is_meant(kwargs: dict[str, object], zh: str, en: str) -> None:
    code = "expect_column_values_to_be_between"
    assert says(code, ("a",), kwargs, "zh") == zh
    assert says(code, ("a",), kwargs, "en") == f"a: the value must be {en}"


def test_a_code_list_brings_its_standard() -> None:
    assert clause("codelist", {"codelist": "sex"}) == "GB/T 2261.1"
    assert clause("codelist", {"codelist": "our_own"}) is None
    assert clause("resident_id.check_digit", {}) == "GB 11643-1999"
    assert clause("required", {}) is None
