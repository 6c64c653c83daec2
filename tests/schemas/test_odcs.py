"""ODCS: the same verdicts as the reference validator, and 3.0 held to what 3.0 allows."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas.catalog import load_catalog
from schemas.odcs import VERSIONS, odcs_problems, odcs_schema
from tests.schemas.small_city import documents, write
from tests.schemas.spoilt import PAYMENTS, RESIDENTS, SPOILT, field, rule

HERE = Path("a.odcs.yaml")
REFERENCE = jsonschema.Draft201909Validator(odcs_schema())


@pytest.mark.parametrize("code", [code for code in SPOILT if code != "no_catalog"])
def test_verdict_is_that_of_the_reference_validator(code: str) -> None:
    files = documents()
    SPOILT[code](files)
    for name, document in files.items():
        modern = isinstance(document, dict) and document.get("apiVersion") == "v3.1.0"
        if name.startswith("contracts/") and modern:
            assert bool(odcs_problems(document, HERE)) != REFERENCE.is_valid(document)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_a_valid_schema(version: str) -> None:
    jsonschema.Draft201909Validator.check_schema(odcs_schema(version))


def legacy() -> dict[str, Any]:
    document = deepcopy(documents()[PAYMENTS])
    document["apiVersion"] = "v3.0.2"
    return document


def test_a_plain_contract_of_3_0_is_accepted() -> None:
    assert odcs_problems(legacy(), HERE) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"logicalType": "timestamp"}, id="3.0 has no timestamp"),
        pytest.param({"relationships": []}, id="3.0 has no relationships"),
        pytest.param({"id": "amount"}, id="3.0 has no ids of elements"),
        pytest.param(
            {"logicalTypeOptions": {"minimum": 1, "exclusiveMinimum": 1}},
            id="in 3.0 an exclusive limit is a flag",
        ),
    ],
)
def test_what_only_3_1_knows_is_refused_in_3_0(change: dict[str, Any]) -> None:
    document = legacy()
    document["schema"][0]["properties"][3].update(change)
    assert odcs_problems(document, HERE)
    modern = document | {"apiVersion": "v3.1.0"}
    assert odcs_problems(modern, HERE) == []


def test_what_only_3_0_knows_is_refused_in_3_1() -> None:
    document = legacy()
    document["schema"][0]["properties"][3]["logicalTypeOptions"] = {
        "minimum": 1,
        "exclusiveMinimum": True,
    }
    assert odcs_problems(document, HERE) == []
    assert odcs_problems(document | {"apiVersion": "v3.1.0"}, HERE)


def test_rules_and_limits_of_3_0_mean_the_same_in_the_catalog(tmp_path: Path) -> None:
    files = documents()
    files[PAYMENTS]["apiVersion"] = "v3.0.2"
    field(files, PAYMENTS, 3)["logicalTypeOptions"] = {"minimum": 0, "exclusiveMinimum": True}
    field(files, PAYMENTS, 0)["quality"] = [{"type": "library", "rule": "duplicateCount"}]
    supply = load_catalog(write(files, tmp_path), environ={}).supplies["treasury/payments"]
    duplicates, limit = (entry.entry for entry in supply.quality)
    assert duplicates == {"type": "library", "metric": "duplicateValues", "mustBe": 0}
    assert limit["implementation"] == {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "amount", "min_value": 0, "strict_min": True},
    }
    assert supply.document["schema"][0]["properties"][0]["quality"][0]["rule"] == "duplicateCount"


def test_one_misspelt_key_is_one_finding() -> None:
    files = documents()
    rule(files, metric="rowCount", mustbe=3)
    problems = odcs_problems(files[RESIDENTS], HERE)
    assert [(p.code, p.path) for p in problems] == [
        ("odcs_operator", "schema[0].quality[0]"),
        ("odcs_unknown_key", "schema[0].quality[0].mustbe"),
    ]
    assert "did you mean 'mustBe'?" in problems[1].message_en
