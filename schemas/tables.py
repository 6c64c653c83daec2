"""Turns one valid ODCS document into the values that a supply and a dataset have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.contract import Field, QualityEntry, Sla
from schemas.messages import found
from schemas.models import custom, read_custom
from schemas.problems import Problem
from schemas.properties import FieldProperties
from schemas.typing import field_type

TABLE = "schema[0]"
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")
_SLA_KEYS = ("property", "value", "unit", "element", "driver", "schedule")


def read_table(
    name: str,
    path: Path,
    document: dict[str, Any],
    words: Mapping[str, Any],
    problems: list[Problem],
) -> dict[str, Any] | None:
    """The arguments of `contract.Table`; None when the document has problems.

    `document` is what the file says, `words` the same in the words of ODCS 3.1.
    """
    schemas = words.get("schema") or []
    if len(schemas) != 1:
        problems.append(found(path, "schema", "schema_count", count=len(schemas)))
        return None
    if not _SEMVER.fullmatch(words["version"]):
        problems.append(found(path, "version", "version_semver", found=words["version"]))
        return None
    schema = schemas[0]
    properties = schema.get("properties") or []
    if not properties:
        problems.append(found(path, TABLE, "schema_empty"))
        return None
    quality = [
        QualityEntry(entry, None, f"{TABLE}.quality[{i}]")
        for i, entry in enumerate(schema.get("quality") or [])
    ]
    fields = []
    for number, prop in enumerate(properties):
        place = f"{TABLE}.properties[{number}]"
        field = _field(prop, path, place, problems)
        if field is None:
            continue
        fields.append(field)
        quality += [
            QualityEntry(entry, field.name, f"{place}.quality[{i}]")
            for i, entry in enumerate(prop.get("quality") or [])
        ]
        quality += _exclusive(field.name, prop, place)
    if len(fields) != len(properties):
        return None
    given = custom(words.get("customProperties"))
    return {
        "name": name,
        "version": words["version"],
        "status": words["status"],
        "title": words.get("name") or name,
        "title_en": given.get("titleEn") or name,
        "physical_name": schema.get("physicalName") or schema["name"],
        "fields": tuple(fields),
        "quality": tuple(quality),
        "sla": tuple(
            Sla(**{key: entry.get(key) for key in _SLA_KEYS})
            for entry in words.get("slaProperties") or []
        ),
        "description": (words.get("description") or {}).get("purpose"),
        "domain": words.get("domain"),
        "path": path,
        "document": document,
    }


def _field(
    prop: Mapping[str, Any], path: Path, place: str, problems: list[Problem]
) -> Field | None:
    properties = read_custom(FieldProperties, prop, path, place, problems)
    if prop.get("logicalType") is None and prop.get("physicalType") is None:
        problems.append(found(path, place, "type_missing"))
        return None
    if properties is None:
        return None
    options = prop.get("logicalTypeOptions") or {}
    key = bool(prop.get("primaryKey"))
    position = prop.get("primaryKeyPosition") or -1
    return Field(
        name=prop["name"],
        column=prop.get("physicalName") or prop["name"],
        type=field_type(prop.get("logicalType"), prop.get("physicalType")),
        title=prop.get("businessName") or prop["name"],
        required=bool(prop.get("required")) or key,
        unique=bool(prop.get("unique")),
        key_position=(position if position > 0 else 1) if key else None,
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


def _exclusive(field: str, prop: Mapping[str, Any], place: str) -> list[QualityEntry]:
    """Exclusive limits as a rule: `Field` has inclusive ones only, and none may be lost."""
    options = prop.get("logicalTypeOptions") or {}
    kwargs: dict[str, Any] = {}
    if "exclusiveMinimum" in options:
        kwargs |= {"min_value": options["exclusiveMinimum"], "strict_min": True}
    if "exclusiveMaximum" in options:
        kwargs |= {"max_value": options["exclusiveMaximum"], "strict_max": True}
    if not kwargs:
        return []
    entry = {
        "type": "custom",
        "engine": "greatExpectations",
        "severity": "error",
        "dimension": "conformity",
        "implementation": {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": field, **kwargs},
        },
    }
    return [QualityEntry(entry, field, f"{place}.logicalTypeOptions")]
