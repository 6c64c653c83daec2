"""docs/contract-reference.md names every property, value and finding there is, and no other."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from hub.exporting import FORMATS
from schemas.entry_properties import EntryProperties
from schemas.exports.names import PEERS
from schemas.messages import MESSAGES
from schemas.properties import (
    DatasetProperties,
    Department,
    FieldProperties,
    Reconcile,
    SupplyProperties,
)

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs/contract-reference.md").read_text(
    encoding="utf-8"
)


def models(root: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and all that are nested in it."""
    found = {root}
    for field in root.model_fields.values():
        for model in nested(field.annotation):
            found |= models(model)
    return found


def nested(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in nested(argument)]


def words(annotation: Any) -> list[str]:
    """All values that an enumeration or a literal allows."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [str(value) for value in annotation]
    return [
        word
        for argument in get_args(annotation)
        for word in ([argument] if isinstance(argument, str) else words(argument))
    ]


ALL = sorted(
    set().union(
        *map(
            models,
            (
                SupplyProperties,
                DatasetProperties,
                FieldProperties,
                EntryProperties,
                Department,
                Reconcile,
            ),
        )
    ),
    key=lambda model: model.__name__,
)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_property_and_every_value_is_documented(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        alias = field.alias or name
        assert f"`{alias}`" in PAGE or f"### {alias}\n" in PAGE, f"{model.__name__}.{alias}"
        for value in words(field.annotation):
            assert f"`{value}`" in PAGE, f"{model.__name__}.{alias}: {value}"


def test_no_property_is_documented_that_does_not_exist() -> None:
    section = PAGE.partition("## Properties of a supply")[2].partition("## Code lists")[0]
    known = {f.alias or name for model in ALL for name, f in model.model_fields.items()}
    documented = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert documented <= known


def test_every_finding_is_listed_once() -> None:
    section = PAGE.partition("## Every finding of lint")[2]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(MESSAGES)


def test_every_format_and_peer_is_listed() -> None:
    assert all(f"| `{form}` |" in PAGE for form in FORMATS)
    assert all(f"`{peer}`" in PAGE for peer in PEERS)


def test_every_example_is_valid() -> None:
    homes = {
        "directory": SupplyProperties,
        "pull": SupplyProperties,
        "files": SupplyProperties,
        "verdict": SupplyProperties,
        "feedback": SupplyProperties,
        "drift": SupplyProperties,
        "indicator": EntryProperties,
        "reconcile": DatasetProperties,
    }
    examples = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S)]
    assert len(examples) == 11
    for example in examples:
        if isinstance(example, list):
            [entry] = example
            model = homes[entry["property"]]
            model.model_validate({entry["property"]: entry["value"]})
        elif "customProperties" in example:
            entries = example["customProperties"]
            FieldProperties.model_validate({e["property"]: e["value"] for e in entries})
        else:
            Department.model_validate(example)
