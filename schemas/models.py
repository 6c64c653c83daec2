"""Custom properties and department files as models, with problems instead of exceptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.reading import Part, parts_of, show

Model = TypeVar("Model", bound=BaseModel)


def custom(properties: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """ODCS `customProperties` (a list of pairs) as one mapping."""
    return {entry["property"]: entry.get("value") for entry in properties or []}


def custom_place(owner: Mapping[str, Any], name: str, *below: Part) -> str:
    """Where the custom property `name` stands below its owner, or where it would stand."""
    for number, entry in enumerate(owner.get("customProperties") or []):
        if entry.get("property") == name:
            return show(["customProperties", number, "value", *below])
    return "customProperties"


def read_custom(
    model: type[Model], owner: Mapping[str, Any], path: Path, place: str, problems: list[Problem]
) -> Model | None:
    """The custom properties of one contract or field as their closed model.

    A property that resembles none of ours is some other tool's: it is reported and left out. One
    that does is a misspelt promise, and refused.
    """
    prefix = tuple(parts_of(place))
    foreign = _foreign(model, owner, path, prefix, problems)
    seen: set[str] = set()
    for number, entry in enumerate(owner.get("customProperties") or []):
        if entry.get("property") in seen - foreign:
            where = show([*prefix, "customProperties", number])
            problems.append(found(path, where, "custom_duplicate", key=entry["property"]))
        seen.add(entry.get("property", ""))
    given = custom(owner.get("customProperties"))
    given = {name: value for name, value in given.items() if name not in foreign}
    positions = {
        entry["property"]: number
        for number, entry in enumerate(owner.get("customProperties") or [])
    }

    def relocate(parts: tuple[Part, ...]) -> str:
        if not parts or parts[0] not in positions:
            return show([*prefix, "customProperties"])
        number = positions[str(parts[0])]
        return show([*prefix, "customProperties", number, "value", *parts[1:]])

    try:
        return model.model_validate(given)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            problems.append(_explain(item, model, given, path, relocate))
        return None


def _foreign(
    model: type[BaseModel],
    owner: Mapping[str, Any],
    path: Path,
    prefix: tuple[Part, ...],
    problems: list[Problem],
) -> set[str]:
    ours = {*model.model_fields, *_aliases(model, ())}
    foreign = set()
    for number, entry in enumerate(owner.get("customProperties") or []):
        name = str(entry["property"])
        if name not in ours and not guess(name, ours)["hint_en"]:
            where = show([*prefix, "customProperties", number])
            problems.append(found(path, where, "custom_foreign", key=name))
            foreign.add(name)
    return foreign


def read_model(model: type[Model], given: Any, path: Path, problems: list[Problem]) -> Model | None:
    """A whole file as one closed model."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            problems.append(_explain(item, model, given, path, show))
        return None


def _explain(item: Any, model: type[BaseModel], given: Any, path: Path, relocate: Any) -> Problem:
    parts = _walked(item["loc"], given)
    kind = item["type"]
    if kind == "extra_forbidden":
        known = _aliases(model, item["loc"][:-1])
        name = str(item["loc"][-1])
        return found(path, relocate(parts), "custom_unknown", key=name, **guess(name, known))
    if kind == "missing":
        place = relocate(_walked(item["loc"][:-1], given))
        return found(path, place, "custom_missing", key=item["loc"][-1])
    detail = item["msg"].removeprefix("Value error, ")
    return found(path, relocate(parts), "custom_value", detail=detail)


def _walked(loc: Sequence[Part], given: Any) -> tuple[Part, ...]:
    """The parts of a pydantic location that exist in the document (it adds union branches)."""
    parts: list[Part] = []
    for part in loc:
        inside = isinstance(given, list) and isinstance(part, int) and part < len(given)
        if inside or (isinstance(given, Mapping) and part in given):
            parts.append(part)
            given = given[part]
    return tuple(parts)


def _aliases(model: type[BaseModel], loc: Sequence[Part]) -> list[str]:
    """The keys that the model nested at `loc` allows."""
    current: Any = model
    for part in loc:
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            break
        by_alias = {field.alias or name: field for name, field in current.model_fields.items()}
        if part in by_alias:
            nested = list(_models(by_alias[str(part)].annotation))
            current = nested[0] if nested else None
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return []


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]
