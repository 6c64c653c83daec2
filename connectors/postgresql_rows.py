"""A block of binary rows to one typed part of a pull."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.cells.columns import type_column
from connectors.cells.faults import Fault, Illegal, faults_column
from connectors.cells.parsers import parser_of
from connectors.cells.rows import decoded, without_nulls
from connectors.faces import Part
from connectors.gather import Cells, Mask, strings
from connectors.plan import Query
from connectors.postgresql_binary import Decoder, decoder_of
from connectors.postgresql_copy import Block
from connectors.postgresql_text import RENDER
from connectors.protocol import LiveColumn
from schemas.arrow import arrow_type, landing_schema
from schemas.contract import Field, LogicalType

CAST_SHOWS = (
    "smallint", "integer", "bigint", "numeric", "real", "double precision", "date", "uuid", "json",
    "jsonb", "timestamp without time zone", "timestamp with time zone", "time without time zone",
)  # fmt: skip
SENT_AS_TEXT = ("text", "character varying", "character")


@dataclass(frozen=True)
class Reading:
    """How one field is asked for and read: natively, or as text."""

    field: Field
    expression: str
    render: Callable[[bytes], str]
    decode: Decoder | None


@dataclass(frozen=True)
class RowReader:
    """Reads the blocks of one query."""

    query: Query
    timezone: str
    readings: tuple[Reading, ...]

    @property
    def expressions(self) -> list[str]:
        return [reading.expression for reading in self.readings] or ["NULL"]

    def part(self, block: Block) -> Part:
        supply = self.query.plan.supply
        columns = block.columns(len(self.readings))
        faults: list[Fault] = []
        arrays: dict[str, pa.Array] = {}
        for reading, cells in zip(self.readings, columns, strict=True):
            arrays[reading.field.name] = self._typed(reading, cells, faults)
        rows = len(block.starts)
        schema = landing_schema(supply)
        whole = [
            arrays.get(f.name, pa.nulls(rows, schema.field(f.name).type)) for f in supply.fields
        ]
        whole.append(faults_column(faults, rows))
        batch = pa.RecordBatch.from_arrays(whole, schema=schema)
        return Part(batch, self._order_texts(columns))

    def _typed(self, reading: Reading, cells: Cells, faults: list[Fault]) -> pa.Array:
        field = reading.field
        if reading.decode is None:
            shown, undecodable = decoded(strings(cells), field)
            shown = without_nulls(shown, field, self.query.plan.supply)
            column, bad = type_column(shown, field, self.timezone)
            faults += undecodable + bad
            return column
        column, doubt = reading.decode(cells, field, self.timezone)
        if doubt.any():
            column = self._judged(reading, cells, column, doubt, faults)
        return column

    def _judged(
        self, reading: Reading, cells: Cells, column: pa.Array, doubt: Mask, faults: list[Fault]
    ) -> pa.Array:
        """The column with its doubtful rows parsed from the text that the server would show."""
        parse = parser_of(reading.field, self.timezone)
        values = []
        for row in np.flatnonzero(doubt).tolist():
            text, value = reading.render(cells.bytes_of(row) or b""), None
            try:
                value = parse(text)
            except Illegal as found:
                faults.append(Fault(row, reading.field.name, found.code, text))
            values.append(value)
        kind = arrow_type(reading.field.type)
        return pa.compute.replace_with_mask(column, pa.array(doubt), pa.array(values, kind))

    def _order_texts(self, columns: list[Cells]) -> Callable[[int], tuple[str, ...]]:
        live = {self.query.plan.found[r.field.name]: i for i, r in enumerate(self.readings)}
        # Copied out: the block's buffer need not outlive the decoding.
        order = [
            (self.readings[place].render, strings(columns[place], pa.binary()))
            for place in map(live.__getitem__, self.query.order)
        ]

        def texts(row: int) -> tuple[str, ...]:
            return tuple(render(cells[row].as_py() or b"") for render, cells in order)

        return texts


def reader_of(query: Query, timezone: str) -> RowReader:
    """The reader of a query's rows, column by column as the live types and the contract meet."""
    plan = query.plan
    readings = [
        _reading(
            field, plan.found[field.name], plan.column(field), plan.supply.properties.null_values
        )
        for field in plan.fields
    ]
    return RowReader(query, timezone, tuple(readings))


def base_type(physical: str) -> str:
    """The type's name without its size: `timestamp(3) without time zone` has none."""
    return re.sub(r"\([^)]*\)", "", physical)


def _reading(field: Field, column: LiveColumn, name: str, null_values: tuple[str, ...]) -> Reading:
    base = base_type(column.physical_type)
    words = field.properties.null_values
    plain = (null_values if words is None else words) in ((), ("",))
    decode = decoder_of(base, field) if plain else None
    if decode is not None:
        return Reading(field, name, RENDER[base], decode)
    if base in SENT_AS_TEXT:
        return Reading(field, name, RENDER["text"], None)
    if base.endswith("[]") and field.type.logical is LogicalType.ARRAY:
        return Reading(field, f"to_json({name})::text", RENDER["text"], None)
    if base == "money" and field.type.logical is LogicalType.NUMBER:
        return Reading(field, f"{name}::numeric::text", RENDER["text"], None)
    if base in CAST_SHOWS:
        return Reading(field, f"{name}::text", RENDER["text"], None)
    # A cast shows booleans, addresses and some others in another way than their own output
    # function, which concat() calls; it makes '' of null.
    shown = f"CASE num_nonnulls({name}) WHEN 1 THEN concat({name}) END"
    return Reading(field, shown, RENDER["text"], None)
