"""The engine's types of a contract's fields."""

from __future__ import annotations

from hub.store import identifier
from schemas.contract import Field, FieldType, LogicalType


def sql_type(kind: FieldType) -> str:
    """DuckDB's name of the type that `schemas.arrow.arrow_type` gives."""
    match kind.logical:
        case LogicalType.INTEGER:
            return f"DECIMAL({kind.precision},0)" if (kind.precision or 0) > 18 else "BIGINT"
        case LogicalType.NUMBER:
            whole = f"DECIMAL({kind.precision or 38},{kind.scale})"
            return "DOUBLE" if kind.scale is None else whole
        case LogicalType.BOOLEAN:
            return "BOOLEAN"
        case LogicalType.DATE:
            return "DATE"
        case LogicalType.TIMESTAMP:
            return "TIMESTAMPTZ"
        case _:
            return "VARCHAR"


def typed_sql(relation: str, field: Field) -> str:
    """A column as of the field's type; what an older contract wrote and does not fit is null."""
    return f"TRY_CAST({relation}.{identifier(field.name)} AS {sql_type(field.type)})"
