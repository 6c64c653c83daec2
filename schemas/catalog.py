"""Reads a catalog folder: departments, code lists, contracts; every problem is named."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.contract import (
    Catalog,
    Code,
    CodeList,
    Dataset,
    Field,
    QualityEntry,
    Sla,
    Supply,
)
from schemas.problems import CatalogInvalid, Problem
from schemas.properties import (
    DatasetProperties,
    Department,
    FieldProperties,
    SupplyProperties,
)
from schemas.typing import field_type

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^{}]|\$\{[^{}]*\})*))?\}")
Model = TypeVar("Model", bound=BaseModel)


def load_catalog(
    root: Path, home: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Catalog:
    """The catalog below `root`; raises `CatalogInvalid` with every problem found.

    `home` is what `${HUB_HOME}` stands for in node addresses; other variables are read from
    `environ`.
    """
    problems: list[Problem] = []
    names = {**environ, "HUB_HOME": str((home or Path(".hub")).absolute())}
    if not (root / "contracts").is_dir():
        raise CatalogInvalid([_problem(root, "", "no_catalog", "no folder contracts/ here")])
    departments = dict(_departments(root, names, problems))
    codelists = dict(_codelists(root, problems))
    supplies = dict(_supplies(root, departments, problems))
    datasets = dict(_datasets(root, problems))
    if problems:
        raise CatalogInvalid(problems)
    return Catalog(root, departments, supplies, datasets, codelists)


def expand(text: str, names: Mapping[str, str]) -> str:
    """Replace `${NAME}` and `${NAME:-default}`; raises KeyError for a name without a value."""

    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if names.get(name):
            return names[name]
        if default is None:
            raise KeyError(name)
        return expand(default, names)

    return _VARIABLE.sub(value, text)


def custom(properties: list[dict[str, Any]] | None) -> dict[str, Any]:
    """ODCS `customProperties` (a list of pairs) as one mapping."""
    return {entry["property"]: entry["value"] for entry in properties or []}


def _departments(
    root: Path, names: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[str, Department]]:
    for path in sorted((root / "departments").glob("*.yaml")):
        document = _yaml(path, problems)
        if document is None:
            continue
        for key, text in (document.get("node") or {}).items():
            if isinstance(text, str):
                try:
                    document["node"][key] = expand(text, names)
                except KeyError as missing:
                    problems.append(
                        _problem(
                            path, f"node.{key}", "variable_unset",
                            f"environment variable {missing.args[0]} is not set",
                        )
                    )
        department = _model(Department, document, path, "", problems)
        if department:
            yield department.name, department


def _codelists(root: Path, problems: list[Problem]) -> Iterator[tuple[str, CodeList]]:
    for path in sorted((root / "codelists").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        codes = []
        for number, row in enumerate(rows, start=2):
            kind = row.get("kind") or "canonical"
            if kind not in ("canonical", "fixable", "ignorable"):
                problems.append(
                    _problem(path, f"line {number}", "code_kind", f"unknown kind {kind!r}")
                )
                continue
            canonical = row.get("canonical") or (row["code"] if kind == "canonical" else None)
            codes.append(
                Code(
                    code=row["code"],
                    canonical=canonical,
                    label=row.get("label") or "",
                    label_en=row.get("label_en") or "",
                    kind=kind,  # type: ignore[arg-type]
                    valid_from=row.get("valid_from") or None,
                    valid_to=row.get("valid_to") or None,
                )
            )
        yield path.stem, CodeList(path.stem, tuple(codes))


def _supplies(
    root: Path, departments: Mapping[str, Department], problems: list[Problem]
) -> Iterator[tuple[str, Supply]]:
    folder = root / "contracts" / "supply"
    for path in sorted(folder.glob("*/*.odcs.yaml")):
        name = f"{path.parent.name}/{path.name.removesuffix('.odcs.yaml')}"
        document = _yaml(path, problems)
        department = departments.get(path.parent.name)
        if department is None:
            problems.append(
                _problem(path, "", "department_unknown", f"no departments/{path.parent.name}.yaml")
            )
        if document is None or department is None:
            continue
        given = custom(document.get("customProperties"))
        properties = _model(SupplyProperties, given, path, "customProperties", problems)
        common = _table(name, path, document, problems)
        if properties and common:
            yield name, Supply(**common, department=department, properties=properties)


def _datasets(root: Path, problems: list[Problem]) -> Iterator[tuple[str, Dataset]]:
    for path in sorted((root / "contracts" / "dataset").glob("*.odcs.yaml")):
        name = path.name.removesuffix(".odcs.yaml")
        document = _yaml(path, problems)
        if document is None:
            continue
        given = custom(document.get("customProperties"))
        properties = _model(DatasetProperties, given, path, "customProperties", problems)
        common = _table(name, path, document, problems)
        if properties and common:
            yield name, Dataset(**common, properties=properties)


def _table(
    name: str, path: Path, document: dict[str, Any], problems: list[Problem]
) -> dict[str, Any] | None:
    schema = (document.get("schema") or [None])[0]
    if schema is None or not schema.get("properties"):
        problems.append(_problem(path, "schema", "schema_missing", "no schema with properties"))
        return None
    before = len(problems)
    quality = [
        QualityEntry(entry, None, f"schema[0].quality[{i}]")
        for i, entry in enumerate(schema.get("quality") or [])
    ]
    fields = []
    for number, prop in enumerate(schema["properties"]):
        place = f"schema[0].properties[{number}]"
        field = _field(prop, path, place, problems)
        if field is None:
            continue
        fields.append(field)
        quality += [
            QualityEntry(entry, field.name, f"{place}.quality[{i}]")
            for i, entry in enumerate(prop.get("quality") or [])
        ]
    if len(problems) > before:
        return None
    given = custom(document.get("customProperties"))
    sla_keys = ("property", "value", "unit", "element", "driver", "schedule")
    description = document.get("description") or {}
    return {
        "name": name,
        "version": str(document.get("version")),
        "status": str(document.get("status")),
        "title": document.get("name") or name,
        "title_en": given.get("titleEn") or name,
        "physical_name": schema.get("physicalName") or schema["name"],
        "fields": tuple(fields),
        "quality": tuple(quality),
        "sla": tuple(
            Sla(**{key: entry.get(key) for key in sla_keys})
            for entry in document.get("slaProperties") or []
        ),
        "description": description.get("purpose"),
        "domain": document.get("domain"),
        "path": path,
        "document": document,
    }


def _field(
    prop: dict[str, Any], path: Path, place: str, problems: list[Problem]
) -> Field | None:
    given = custom(prop.get("customProperties"))
    properties = _model(FieldProperties, given, path, f"{place}.customProperties", problems)
    try:
        kind = field_type(prop.get("logicalType"), prop.get("physicalType"))
    except ValueError:
        text = f"logicalType {prop.get('logicalType')!r} is not one the hub knows"
        problems.append(_problem(path, f"{place}.logicalType", "type_unknown", text))
        return None
    if properties is None:
        return None
    options = prop.get("logicalTypeOptions") or {}
    key = prop.get("primaryKey") or False
    position = prop.get("primaryKeyPosition")
    return Field(
        name=prop["name"],
        column=prop.get("physicalName") or prop["name"],
        type=kind,
        title=prop.get("businessName") or prop["name"],
        required=bool(prop.get("required")) or bool(key),
        unique=bool(prop.get("unique")),
        key_position=(position if position and position > 0 else 1) if key else None,
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        physical_type=prop.get("physicalType"),
        description=prop.get("description"),
        classification=prop.get("classification"),
        properties=properties,
    )


def _yaml(path: Path, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        document = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        problems.append(_problem(path, "", "yaml", str(error).replace("\n", " "), line))
        return None
    if not isinstance(document, dict):
        problems.append(_problem(path, "", "yaml", "the file is not a mapping"))
        return None
    return document


def _model(
    model: type[Model], given: Any, path: Path, place: str, problems: list[Problem]
) -> Model | None:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            where = ".".join(str(part) for part in item["loc"])
            problems.append(
                _problem(path, f"{place}.{where}" if place else where, "property", item["msg"])
            )
        return None


def _problem(file: Path, path: str, code: str, text: str, line: int = 0) -> Problem:
    return Problem(file, line, path, code, text, text)
