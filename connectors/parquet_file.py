"""Parquet drops: every native value as the text that it shows, then typed like all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.cells import type_rows
from connectors.cells.faults import Fault, faults_column
from connectors.headers import Header, match_header
from connectors.native import as_text
from connectors.opened import EXACT, OpenedFile
from connectors.protocol import Drift, LiveColumn, SourceUnreadable, Totals
from schemas.arrow import FAULTS_COLUMN
from schemas.contract import LogicalType, Supply

Family = Callable[[pa.DataType], bool]
_TEXT: Family = lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind)  # noqa: E731
_NUMBER: Family = lambda kind: (  # noqa: E731
    pa.types.is_decimal(kind) or pa.types.is_floating(kind) or pa.types.is_integer(kind)
)
FAMILIES: dict[LogicalType, Family] = {
    LogicalType.STRING: _TEXT,
    LogicalType.INTEGER: pa.types.is_integer,
    LogicalType.NUMBER: _NUMBER,
    LogicalType.BOOLEAN: pa.types.is_boolean,
    LogicalType.DATE: pa.types.is_date,
    LogicalType.TIMESTAMP: pa.types.is_timestamp,
    LogicalType.TIME: pa.types.is_time,
    LogicalType.OBJECT: lambda kind: _TEXT(kind) or pa.types.is_nested(kind),
    LogicalType.ARRAY: lambda kind: _TEXT(kind) or pa.types.is_nested(kind),
}


def open_parquet(path: Path, supply: Supply, timezone: str) -> OpenedFile:
    """Open the file; its rows are the footer's count, its sums those of its decimal columns.

    Raises `SourceUnreadable` when it is no Parquet file.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            header = match_header(schema.names, supply)
            totals = Totals(rows, _sums(file, header))
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceUnreadable(f"{path.name} cannot be read as Parquet") from error
    return OpenedFile(
        columns=tuple(LiveColumn(f.name, str(f.type), nullable=f.nullable) for f in schema),
        drift=header.drift + tuple(_changed(schema, header, supply)),
        totals=totals,
        batches=_batches(path, header, supply, timezone),
    )


def _batches(path: Path, header: Header, supply: Supply, timezone: str) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(supply.pull.chunk_rows):
            columns = {name: as_text(batch.column(at)) for name, at in header.positions.items()}
            if not columns:
                lost = [Fault(i, "", "no_header", "") for i in range(batch.num_rows)]
                columns[FAULTS_COLUMN] = faults_column(lost, batch.num_rows)
            yield type_rows(pa.RecordBatch.from_pydict(columns), supply, timezone)


def _changed(schema: pa.Schema, header: Header, supply: Supply) -> Iterator[Drift]:
    for name, place in header.positions.items():
        field, live = supply.by_name[name], schema.field(place)
        kind = live.type.value_type if pa.types.is_dictionary(live.type) else live.type
        if not FAMILIES[field.type.logical](kind):
            yield Drift("type_changed", live.name, f"promised {field.type.logical}, found {kind}")


def _sums(file: pq.ParquetFile, header: Header) -> dict[str, Decimal]:
    schema = file.schema_arrow
    money = {
        name: place
        for name, place in header.positions.items()
        if pa.types.is_decimal(schema.field(place).type)
    }
    sums = dict.fromkeys(money, Decimal(0))
    with localcontext(EXACT):
        for batch in file.iter_batches(columns=[schema.names[at] for at in money.values()]):
            for name, place in money.items():
                column = batch.column(schema.names[place]).cast(pa.decimal256(76, 18))
                sums[name] += pc.sum(column).as_py() or Decimal(0)
    return sums
