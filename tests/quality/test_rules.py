"""Rules from contracts: every promise becomes a rule, and a wrong one is refused by name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quality.errors import RuleError
from quality.identifiers import IDENTIFIERS
from quality.messages import MESSAGES, title
from quality.rule import Limit
from quality.rules import rules_of
from quality.suite import suite_of
from schemas.contract import (
    Catalog,
    Code,
    CodeList,
    Field,
    FieldType,
    LogicalType,
    QualityEntry,
    Supply,
)
from schemas.properties import Department, FieldProperties, SupplyProperties, Title

TEXT = FieldType(LogicalType.STRING)
CATALOG = Catalog(
    Path(), {}, {}, {}, {"sex": CodeList("sex", (Code("1", "1", "男", "male", "canonical"),))}
)
FIELDS = (
    Field("id", "id", TEXT, "编号", required=True, key_position=1),
    Field("code", "code", TEXT, "代码", properties=FieldProperties(identifier="uscc")),
    Field("sex", "sex", TEXT, "性别", properties=FieldProperties(codelist="sex")),
    Field("paid", "paid", FieldType(LogicalType.NUMBER, 18, 2), "金额", minimum=0, maximum=9),
    Field("born", "born", FieldType(LogicalType.DATE), "出生日期"),
)


def a_supply(*entries: dict[str, Any], field: str | None = None) -> Supply:
    return Supply(
        name="test/table",
        version="1.0.0",
        status="active",
        title="表",
        title_en="table",
        physical_name="t",
        fields=FIELDS,
        quality=tuple(QualityEntry(e, field, f"quality[{n}]") for n, e in enumerate(entries)),
        sla=(),
        description=None,
        domain=None,
        path=Path("t.odcs.yaml"),
        document={},
        department=Department(name="test", title=Title(zh="测试", en="test")),
        properties=SupplyProperties(),
    )


def custom(kind: str, severity: str = "error", **kwargs: Any) -> dict[str, Any]:
    return {
        "type": "custom",
        "engine": "great-expectations",
        "severity": severity,
        "implementation": {"type": kind, "kwargs": kwargs},
    }


def test_fields_imply_rules() -> None:
    ids = [rule.rule_id for rule in rules_of(a_supply(), CATALOG) if rule.code != "type"]
    assert ids == [
        "id.key.present",
        "code.uscc.check_digit",
        "code.uscc.inner",
        "code.uscc.division",
        "sex.codelist",
        "paid.range",
        "id.key.unique",
    ]


def test_documentation_is_no_rule() -> None:
    text = {"type": "text", "description": "人工核对"}
    assert rules_of(a_supply(text), CATALOG) == rules_of(a_supply(), CATALOG)


def test_an_entry_lowers_the_severity_of_what_the_field_implies() -> None:
    entry = custom(
        "expect_column_values_to_be_valid_uscc", "warning", column="code", verdict="check_digit"
    )
    found = [
        rule.severity
        for rule in rules_of(a_supply(entry), CATALOG)
        if rule.kwargs.get("verdict") == "check_digit"
    ]
    assert found == ["warning"]


def test_an_implementation_may_be_yaml_text() -> None:
    entry = custom("") | {
        "implementation": "type: expect_column_values_to_be_in_set\nkwargs:\n  value_set: ['1']\n"
    }
    rule = rules_of(a_supply(entry, field="sex"), CATALOG)[-1]
    assert rule.kwargs == {"column": "sex", "value_set": ["1"]}


REFUSED = [
    (custom("expect_colum_values_to_be_in_set", column="id"), "no expectation"),
    (custom("expect_column_values_to_be_in_set", column="id"), "value_set is missing"),
    (custom("expect_column_values_to_be_in_set", column="id", value_set="1"), "must be a list"),
    (custom("expect_column_values_to_be_in_set", column="ID", value_set=[]), "no field ID"),
    (custom("expect_column_values_to_not_be_null", column="id", most=1), "unknown argument most"),
    (custom("expect_column_values_to_not_be_null", column="id", mostly=2), "mostly"),
    (custom("expect_column_values_to_match_regex", column="id", regex="("), "regular expression"),
    (custom("expect_column_values_to_be_between", column="paid"), "cannot both be missing"),
    (custom("expect_column_values_to_be_between", column="paid", min_value="0"), "compared"),
    (custom("expect_column_values_to_be_between", column="born", min_value="soon"), "YYYY-MM-DD"),
    (custom("expect_column_values_to_be_valid_uscc", column="code", verdict="x"), "verdict"),
    (custom("expect_column_values_to_be_valid_uscc", column="paid"), "identifier is text"),
    (custom("expect_column_values_to_be_in_codelist", column="sex", codelist="x"), "no code list"),
    (custom("expect_compound_columns_to_be_unique", column_list=["id", "zz"]), "no field zz"),
    (custom("expect_column_mean_to_be_between", column="paid", min_valu=1), "min_valu"),
    (custom("expect_column_values_to_not_be_null", severity="fatal", column="id"), "severity"),
    ({"type": "custom", "engine": "soda", "implementation": "x"}, "engine"),
    ({"type": "library", "metric": "rowCount"}, "exactly one operator"),
    ({"type": "library", "metric": "rowCount", "mustBe": 1, "mustNotBe": 2}, "exactly one"),
    ({"type": "library", "metric": "rowCount", "mustBeBetween": 1}, "two numbers"),
    ({"type": "library", "metric": "nullValue", "mustBe": 0}, "unknown metric"),
    ({"type": "library", "metric": "nullValues", "mustBe": 0}, "about one field"),
    ({"type": "library", "metric": "duplicateValues", "mustBe": 0}, "properties"),
    ({"type": "sql", "query": "SELECT 1 FROM other", "mustBe": 0}, "own table alone"),
    ({"type": "sql", "query": "SELECT * FROM read_csv('/etc/passwd')", "mustBe": 0}, "own table"),
    ({"type": "sql", "query": "DELETE FROM ${table}", "mustBe": 0}, "one SELECT"),
    ({"type": "sql", "query": "SELECT getenv('HOME') FROM ${table}", "mustBe": 0}, "getenv"),
    ({"type": "sql", "query": "SELECT 1 FROM ${table}; SELECT 2", "mustBe": 0}, "one SELECT"),
    ({"type": "guess"}, "unknown quality type"),
]


@pytest.mark.parametrize(("entry", "reason"), REFUSED)
def test_a_rule_that_cannot_mean_anything_is_refused(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(RuleError, match=reason) as refusal:
        rules_of(a_supply(entry), CATALOG)
    assert "test/table: quality[0]" in str(refusal.value)


def test_the_same_rule_twice_is_refused() -> None:
    entry = custom("expect_column_values_to_not_be_null", column="born")
    with pytest.raises(RuleError, match="twice"):
        rules_of(a_supply(entry, entry), CATALOG)


def test_rule_ids_do_not_depend_on_the_order_of_entries() -> None:
    one = custom("expect_column_values_to_not_be_null", column="born")
    two = custom("expect_column_values_to_not_be_null", column="paid")
    first = {rule.rule_id for rule in rules_of(a_supply(one, two), CATALOG)}
    assert first == {rule.rule_id for rule in rules_of(a_supply(two, one), CATALOG)}


@pytest.mark.parametrize(
    ("operator", "value", "held"),
    [
        ("mustBe", 2, [2]),
        ("mustNotBe", 2, [0, 1, 3, 4]),
        ("mustBeGreaterThan", 2, [3, 4]),
        ("mustBeGreaterOrEqualTo", 2, [2, 3, 4]),
        ("mustBeLessThan", 2, [0, 1]),
        ("mustBeLessOrEqualTo", 2, [0, 1, 2]),
        ("mustBeBetween", (1, 3), [1, 2, 3]),
        ("mustNotBeBetween", (1, 3), [0, 4]),
    ],
)
def test_odcs_operators(operator: str, value: Any, held: list[int]) -> None:
    assert [n for n in range(5) if Limit(operator, value).holds(n, 10)] == held
    share = tuple(v * 10 for v in value) if isinstance(value, tuple) else value * 10
    assert [n for n in range(5) if Limit(operator, share, "percent").holds(n, 10)] == held


def test_every_verdict_and_derived_rule_has_its_two_sentences() -> None:
    codes = {f"{kind}.{v.name}" for kind, verdicts in IDENTIFIERS.items() for v in verdicts}
    codes |= {rule.code for rule in rules_of(a_supply(), CATALOG)}
    assert codes <= set(MESSAGES)
    for rule in rules_of(a_supply(), CATALOG):
        assert title(rule, "zh") != title(rule, "en")


def test_the_suite_is_great_expectations_own() -> None:
    suite = suite_of(a_supply({"type": "library", "metric": "rowCount", "mustBe": 1}), CATALOG)
    listed = next(e for e in suite["expectations"] if e["type"].endswith("in_codelist"))
    assert listed["kwargs"]["value_set"] == ["1"]
    assert any("rowCount" in name for name in suite["meta"]["hub"]["not_exported"])


@pytest.mark.slow
def test_a_plain_great_expectations_user_runs_the_suite() -> None:
    import great_expectations as gx
    import pandas as pd

    from quality.expectations.ours import register

    register()
    suite = gx.ExpectationSuite(**suite_of(a_supply(), CATALOG))
    frame = pd.DataFrame(
        {
            "id": ["1", "1", "2"],
            "code": ["91350100M000100Y43", "91350100M000100Y44", None],
            "sex": ["1", "3", None],
            "paid": [Decimal("1.00"), Decimal("-1.00"), None],
        }
    )
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("p")
    batch = asset.add_batch_definition_whole_dataframe("p").get_batch({"dataframe": frame})
    results = {
        r.expectation_config.meta["hub"]["rule_id"]: r.result["unexpected_count"]
        for r in batch.validate(suite).results
    }
    assert results == {
        "id.key.present": 0,
        "code.uscc.check_digit": 1,
        "code.uscc.inner": 0,
        "code.uscc.division": 0,
        "sex.codelist": 1,
        "paid.range": 1,
        "id.key.unique": 2,
    }


def test_unknown_identifiers_and_code_lists_are_refused() -> None:
    for properties in (FieldProperties(identifier="passport"), FieldProperties(codelist="none")):
        field = replace(FIELDS[0], properties=properties)
        with pytest.raises(RuleError):
            rules_of(replace(a_supply(), fields=(field,)), CATALOG)
