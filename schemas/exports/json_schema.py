"""JSON Schema (draft 2020-12) of one row of each contract."""

from __future__ import annotations

from typing import Any

from schemas.contract import Catalog, Dataset, Field, LogicalType, Table

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOST_CODES = 2000  # a list longer than this is named, not written out
_EXACT_DIGITS = 15  # what a JSON reader with binary floats keeps


def json_schemas(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """One schema for each contract, by file name."""
    tables: list[Table] = [*catalog.datasets.values(), *catalog.supplies.values()]
    return {f"{t.name}.schema.json": json_schema(t, catalog) for t in tables}


def json_schema(table: Table, catalog: Catalog) -> dict[str, Any]:
    """The schema of one row as an object of field names.

    Exact decimals and integers beyond 15 digits are text, since JSON readers round them.
    """
    return {
        "$schema": DRAFT,
        "$id": f"urn:exchange-hub:contract:{table.name.replace('/', ':')}:{table.version}",
        "title": table.title,
        "description": table.description or table.title_en,
        "type": "object",
        "properties": {f.name: _property(f, table, catalog) for f in table.fields},
        "required": [f.name for f in table.fields if f.required],
        "additionalProperties": False,
    }


def _property(field: Field, table: Table, catalog: Catalog) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": field.title}
    if text := field.description or field.properties.title_en:
        schema["description"] = text
    schema |= _type(field)
    codes = _codes(field, table, catalog)
    if codes is not None:
        schema["enum"] = codes
    if not field.required:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    extra = {
        "x-codelist": field.properties.codelist,
        "x-identifier": field.properties.identifier,
        "x-unit": field.properties.unit,
        "x-sensitive": field.sensitive or None,
        "x-key": field.key_position,
    }
    return schema | {key: value for key, value in extra.items() if value is not None}


def _type(field: Field) -> dict[str, Any]:
    kind = field.type
    match kind.logical:
        case LogicalType.INTEGER if (kind.precision or 0) <= _EXACT_DIGITS:
            return {"type": "integer"} | _limits(field)
        case LogicalType.INTEGER:
            return {"type": "string", "pattern": r"^-?\d{1,38}$"}
        case LogicalType.NUMBER if kind.scale is None:
            return {"type": "number"} | _limits(field)
        case LogicalType.NUMBER:
            whole = (kind.precision or 38) - (kind.scale or 0)
            places = rf"(\.\d{{1,{kind.scale}}})?" if kind.scale else ""
            return {"type": "string", "pattern": rf"^-?\d{{1,{max(whole, 1)}}}{places}$"}
        case LogicalType.BOOLEAN:
            return {"type": "boolean"}
        case LogicalType.DATE:
            return {"type": "string", "format": "date"}
        case LogicalType.TIMESTAMP:
            return {"type": "string", "format": "date-time"}
        case LogicalType.TIME:
            return {"type": "string", "format": "time"}
        case LogicalType.OBJECT | LogicalType.ARRAY:
            return {"type": str(kind.logical)}
        case _:
            options = {
                "minLength": field.min_length,
                "maxLength": field.max_length,
                "pattern": field.pattern,
            }
            given = {key: value for key, value in options.items() if value is not None}
            return {"type": "string"} | given


def _limits(field: Field) -> dict[str, Any]:
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    return {key: value for key, value in limits.items() if value is not None}


def _codes(field: Field, table: Table, catalog: Catalog) -> list[str] | None:
    """A dataset holds canonical codes; a supply may write every code that can be mended."""
    codelist = catalog.codelists.get(field.properties.codelist or "")
    if codelist is None or field.type.logical is not LogicalType.STRING:
        return None
    kinds = {"canonical"} if isinstance(table, Dataset) else {"canonical", "fixable"}
    codes = list(dict.fromkeys(c.code for c in codelist.codes if c.kind in kinds))
    return codes if len(codes) <= _MOST_CODES else None
