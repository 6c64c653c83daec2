"""A batch of text to a batch of the contract's types."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from connectors.cells.columns import is_dense, type_column
from connectors.cells.faults import Fault, faults_column, faults_in
from schemas.arrow import FAULTS_COLUMN, landing_schema
from schemas.contract import Field, LogicalType, Supply

UNSPACED = (LogicalType.INTEGER, LogicalType.NUMBER, LogicalType.DATE, LogicalType.BOOLEAN)
"""Types whose plain cells hold no white space at all: looking is cheaper than trimming."""


def type_rows(text: pa.Table | pa.RecordBatch, supply: Supply, timezone: str) -> pa.RecordBatch:
    """The rows in the landing schema.

    `text` has string columns named by field; a field that it lacks is null in every row. A
    `_faults` column, of faults that the reader found, is carried on. `timezone` is the zone of
    timestamps without one, unless the field names its own.
    """
    faults: list[Fault] = []
    if FAULTS_COLUMN in text.schema.names:
        faults += faults_in(_whole(text.column(FAULTS_COLUMN)))
    columns = []
    for field in supply.fields:
        if field.name in text.schema.names:
            shown, undecodable = decoded(_whole(text.column(field.name)), field)
            shown = without_nulls(shown, field, supply)
            column, bad = type_column(shown, field, timezone)
            faults += undecodable + bad
        else:
            column = pa.nulls(text.num_rows, landing_schema(supply).field(field.name).type)
        columns.append(column)
    columns.append(faults_column(faults, text.num_rows))
    return pa.RecordBatch.from_arrays(columns, schema=landing_schema(supply))


def without_nulls(shown: pa.Array, field: Field, supply: Supply) -> pa.Array:
    """The column trimmed (where the contract trims), with null for the contract's null values."""
    if field.properties.trim and not (field.type.logical in UNSPACED and is_dense(shown)):
        shown = pc.utf8_trim_whitespace(shown)
    words = field.properties.null_values
    if words is None:
        words = supply.properties.null_values
    if not words:
        return shown
    if len(words) == 1:
        empty = pc.equal(shown, words[0])
    else:
        empty = pc.is_in(shown, pa.array(words, pa.string()))
    if not pc.any(empty, min_count=0).as_py():
        return shown
    return pc.if_else(empty, pa.scalar(None, pa.string()), shown)


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = (
                pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
            )
    return column


def decoded(shown: pa.Array, field: Field) -> tuple[pa.Array, list[Fault]]:
    """The column without cells that are no UTF-8; those become faults."""
    try:
        shown.validate(full=True)
        return shown, []
    except pa.ArrowInvalid:
        faults, cells = [], shown.cast(pa.binary()).to_pylist()
    for row, cell in enumerate(cells):
        try:
            cells[row] = cell if cell is None else cell.decode()
        except UnicodeDecodeError:
            text = cell.decode(errors="backslashreplace")
            faults.append(Fault(row, field.name, "not_text", text))
            cells[row] = None
    return pa.array(cells, pa.string()), faults
