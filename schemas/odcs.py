"""Holds a document against the JSON schema of the Open Data Contract Standard that it declares."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.reading import show

VERSIONS = ("v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0")
_UNKNOWN = {"additionalProperties", "unevaluatedProperties"}


def odcs_schema(version: str = "v3.1.0") -> dict[str, Any]:
    """The JSON schema (Draft 2019-09) of one ODCS version; raises KeyError for an unknown one.

    3.1.0 is the file that the standard's own package carries. 3.0.x is derived from it by taking
    back what 3.1 changed, since the package carries one version only.
    """
    if version not in VERSIONS:
        raise KeyError(version)
    # The package is not imported: its models take longer than all our reading.
    spec = find_spec("open_data_contract_standard")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package open-data-contract-standard is not installed")
    path = Path(spec.submodule_search_locations[0]) / "schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema if version == "v3.1.0" else _as_in_3_0(schema)


def odcs_problems(document: dict[str, Any], path: Path) -> list[Problem]:
    """What the declared ODCS version forbids in `document`; empty: valid."""
    version = document.get("apiVersion", "v3.1.0")
    if version not in VERSIONS:
        return [found(path, "apiVersion", "odcs_version", found=version)]
    validator, schema = _validator(version)
    if validator.is_valid(document):
        return []
    errors = list(validator.iter_errors(document))
    problems = [p for error in errors for p in _explain(error, errors, schema, version, path)]
    return list(dict.fromkeys(problems))


@cache
def _validator(version: str) -> tuple[Any, dict[str, Any]]:
    import jsonschema_rs  # only when a document has to be validated; see schemas.cache

    schema = odcs_schema(version)
    return jsonschema_rs.Draft201909Validator(schema), schema


def _explain(
    error: Any, errors: list[Any], schema: dict[str, Any], version: str, path: Path
) -> Iterator[Problem]:
    place = show(error.instance_path)
    kind = error.kind.name
    if kind in _UNKNOWN:
        known = set(_names(schema, _definition(error.schema_path, schema), set()))
        below = [e for e in errors if e.kind.name not in _UNKNOWN and _within(e, error)]
        for name in error.kind.unexpected:
            if name in known and below:
                continue  # only "unexpected" because another error hid the part that allows it
            yield found(
                path,
                show([*error.instance_path, name]),
                "odcs_unknown_key",
                version=version,
                key=name,
                **guess(name, known),
            )
    elif kind == "required":
        yield found(path, place, "odcs_missing_key", key=error.kind.property)
    elif kind == "type":
        expected = ", ".join(error.kind.types)
        yield found(path, place, "odcs_type", expected=expected, found=_kind_of(error.instance))
    elif kind == "enum":
        options = ", ".join(map(str, error.kind.options))
        yield found(path, place, "odcs_value", found=error.instance, expected=options)
    elif "DataQualityOperators" in error.schema_path:
        yield found(path, place, "odcs_operator")
    else:
        yield found(path, place, "odcs_invalid", version=version, detail=_short(error.message))


def _within(inner: Any, outer: Any) -> bool:
    depth = len(outer.instance_path)
    return list(inner.instance_path[:depth]) == list(outer.instance_path)


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return f"boolean ({str(value).lower()})"
    if isinstance(value, int | float):
        return f"number ({value})"
    if value is None:
        return "null"
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "string"


def _short(message: str, limit: int = 200) -> str:
    return message if len(message) <= limit else message[: limit - 1] + "…"


def _definition(schema_path: list[Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that the failing keyword stands in."""
    node: Any = schema
    for part in schema_path[:-1]:
        node = node[part]
    return node if isinstance(node, dict) else schema


def _names(schema: dict[str, Any], node: Any, seen: set[int]) -> Iterator[str]:
    """All property names that a schema allows for the object itself."""
    if not isinstance(node, dict) or id(node) in seen:
        return
    seen.add(id(node))
    yield from node.get("properties", {})
    if "$ref" in node:
        target: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from _names(schema, target, seen)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in node.get(keyword, []):
            yield from _names(schema, branch, seen)
    for keyword in ("then", "else"):
        yield from _names(schema, node.get(keyword), seen)


def _as_in_3_0(schema: dict[str, Any]) -> dict[str, Any]:
    """3.0 as a restriction of 3.1.

    3.0 had no timestamp and time, no relationships and no ids of elements; exclusive limits were
    flags; library rules said `rule`, not `metric`, and could do without an operator; a team was a
    list; and outside the tables unknown keys were allowed.
    """
    old = copy.deepcopy(schema)
    definitions = old["$defs"]
    base = definitions["SchemaBaseProperty"]
    base["properties"]["logicalType"]["enum"] = [
        "string",
        "date",
        "number",
        "integer",
        "object",
        "array",
        "boolean",
    ]
    for owner in (base, definitions["SchemaObject"]):
        owner["properties"].pop("relationships")
    definitions["SchemaElement"]["properties"].pop("id")
    for branch in base["allOf"]:
        options = branch.get("then", {}).get("properties", {}).get("logicalTypeOptions", {})
        for name in ("exclusiveMaximum", "exclusiveMinimum"):
            if name in options.get("properties", {}):
                options["properties"][name] = {"type": "boolean"}
    definitions["DataQualityLibrary"]["required"] = ["rule"]
    definitions["DataQualityLibrary"]["properties"].pop("metric")
    definitions["DataQualityLibrary"].pop("allOf")
    definitions["DataQualitySql"].pop("allOf")
    definitions["DataQuality"]["allOf"][0]["if"] = {
        "properties": {"type": {"const": "library"}},
        "required": ["type"],
    }
    old["properties"]["team"] = {"type": "array", "items": {"type": "object"}}
    for name, definition in definitions.items():
        if not name.startswith("Schema") and isinstance(definition, dict):
            definition.pop("unevaluatedProperties", None)
            definition.pop("additionalProperties", None)
    definitions["CustomProperty"].pop("required")
    return old
