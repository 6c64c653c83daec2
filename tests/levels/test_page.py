"""The documents shown in docs/levels.md are understood as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from connectors.registry import OPENERS
from schemas.catalog import load_catalog
from schemas.models import read_model
from schemas.problems import Problem
from schemas.properties import Department
from schemas.reading import parse_yaml
from schemas.sharing import Application
from schemas.terms import problems
from tests.docs.pages import blocks, read

YAML = [block.text for block in blocks(read("docs/levels.md")) if block.language == "yaml"]
ROOT = Path(__file__).parents[2]


def understood(text: str, model: type) -> object:
    found: list[Problem] = []
    document = parse_yaml(text.encode(), Path("levels.md"), found)
    assert document is not None and found == []
    read_as = read_model(model, document, Path("levels.md"), found)
    assert found == []
    return read_as


@pytest.mark.parametrize("text", [t for t in YAML if t.startswith("name:")])
def test_its_departments_are_departments(text: str) -> None:
    department = understood(text, Department)
    assert isinstance(department, Department)
    node = department.node
    assert node is None or node.url.partition("+")[0] in OPENERS


def test_its_application_can_be_filed_in_the_sample_city(tmp_path: Path) -> None:
    [text] = [t for t in YAML if t.startswith("subscriber:")]
    asked = understood(text, Application)
    assert isinstance(asked, Application)
    catalog = load_catalog(ROOT / "schemas", tmp_path)
    assert asked.subscriber in catalog.departments
    assert problems(asked.terms, catalog.datasets[asked.dataset], catalog) == []


def test_its_contract_promises_the_record_id_as_key() -> None:
    [text] = [t for t in YAML if t.startswith("schema:")]
    [table] = yaml.safe_load(text)["schema"]
    assert [p["name"] for p in table["properties"] if p.get("primaryKey")] == ["record_id"]
