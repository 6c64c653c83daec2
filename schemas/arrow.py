"""Contract types as Arrow types: the one mapping that landing, checks and releases share."""

from __future__ import annotations

import pyarrow as pa

from schemas.contract import FieldType, LogicalType, Table

FAULT = pa.struct([("field", pa.string()), ("code", pa.string()), ("text", pa.string())])
"""One cell that is not of its contract's type: which, why, and the text that was shown."""

FAULTS_COLUMN = "_faults"
ROW_COLUMN = "_row"
INT64_DIGITS = 18  # every number of 18 digits fits in 64 bits; more goes to decimal128


def arrow_type(kind: FieldType) -> pa.DataType:
    """The Arrow type of one field.

    Timestamps are UTC microseconds; times and JSON are text, since Delta has no type for them.
    """
    match kind.logical:
        case LogicalType.INTEGER:
            wide = (kind.precision or 0) > INT64_DIGITS
            return pa.decimal128(kind.precision or 38, 0) if wide else pa.int64()
        case LogicalType.NUMBER:
            if kind.scale is None:
                return pa.float64()
            return pa.decimal128(kind.precision or 38, kind.scale)
        case LogicalType.BOOLEAN:
            return pa.bool_()
        case LogicalType.DATE:
            return pa.date32()
        case LogicalType.TIMESTAMP:
            return pa.timestamp("us", tz="UTC")
        case _:
            return pa.string()


def arrow_schema(table: Table) -> pa.Schema:
    """The contract's fields in their order."""
    return pa.schema([pa.field(f.name, arrow_type(f.type)) for f in table.fields])


def landing_schema(table: Table) -> pa.Schema:
    """What connectors yield: the fields, then `_faults` (null where every cell was legal)."""
    return arrow_schema(table).append(pa.field(FAULTS_COLUMN, pa.list_(FAULT)))
