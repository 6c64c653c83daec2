"""What every file format gives: columns, drift, totals and a stream of typed rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation, localcontext
from pathlib import Path

import pyarrow as pa

from connectors.cells import type_rows
from connectors.cells.faults import Fault, FaultCode, faults_column
from connectors.headers import Header
from connectors.protocol import Drift, LiveColumn, Totals
from connectors.text_file import ESCAPED, shown
from schemas.arrow import FAULTS_COLUMN
from schemas.contract import LogicalType, Supply

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
EXACT = Context(prec=120)  # more digits than a sum of decimal(38) over any file has


@dataclass(frozen=True)
class OpenedFile:
    """A file whose totals are fixed and whose rows stream in the file's order.

    `batches` have the landing schema and can be read once.
    """

    columns: tuple[LiveColumn, ...]
    drift: tuple[Drift, ...]
    totals: Totals
    batches: Iterator[pa.RecordBatch]


OpenFile = Callable[[Path, Supply, str], OpenedFile]
"""(path, supply, time zone of timestamps without one) -> the opened file."""


RowFault = tuple[str, FaultCode, str]
"""(field, or "" for the row as a whole; code; the text shown)"""


@dataclass(frozen=True)
class TextRow:
    """One record on its way to being typed, with the faults that its reader found."""

    cells: Sequence[str | None]
    faults: tuple[RowFault, ...] = ()


def typed(rows: Sequence[TextRow], header: Header, supply: Supply, timezone: str) -> pa.RecordBatch:
    """The rows with their cells typed, faults of whole rows and undecodable cells kept."""
    faults = [Fault(i, *fault) for i, row in enumerate(rows) for fault in row.faults]
    columns: dict[str, pa.Array] = {}
    for name, place in header.positions.items():
        cells = [row.cells[place] if place < len(row.cells) else None for row in rows]
        columns[name] = _column(cells, name, faults)
    columns[FAULTS_COLUMN] = faults_column(faults, len(rows))
    return type_rows(pa.RecordBatch.from_pydict(columns), supply, timezone)


def _column(cells: list[str | None], name: str, faults: list[Fault]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        pass
    for row, cell in enumerate(cells):
        if cell is not None and ESCAPED.search(cell):
            faults.append(Fault(row, name, "not_text", shown(cell)))
            cells[row] = None
    return pa.array(cells, pa.string())


class Sums:
    """Adds up the text of the money columns, apart from the typed stream and its casts.

    A field whose cells are spelled in other ways than plain numbers has no sum here.
    """

    def __init__(self, header: Header, supply: Supply) -> None:
        self._places = {
            field.name: header.positions[field.name]
            for field in supply.fields
            if field.name in header.positions
            and field.type.logical is LogicalType.NUMBER
            and field.type.scale is not None
            and not field.properties.formats
            and not field.properties.decimal_comma
        }
        self.sums = dict.fromkeys(self._places, Decimal(0))

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Add rows; cells that are no number are left out, for they will be faults."""
        with localcontext(EXACT):
            for name, place in self._places.items():
                self.sums[name] += _total([row[place] for row in rows if place < len(row)])


def _total(cells: Sequence[str]) -> Decimal:
    try:
        total = sum(map(Decimal, cells), Decimal(0))
        if total.is_finite():
            return total
    except InvalidOperation:
        pass
    stripped = (cell.strip() for cell in cells)
    return sum((Decimal(cell) for cell in stripped if PLAIN.fullmatch(cell)), Decimal(0))


def shaped(cells: Sequence[str], header: Header, joiner: str = ",") -> TextRow:
    """The row with a fault if it does not fit the header; empty cells at its end do not matter."""
    width = len(header.cells)
    code: FaultCode | None = None
    if not header.positions:
        code = "no_header"
    elif len(cells) < width:
        code = "too_short"
    elif any(map(str.strip, cells[width:])):
        code = "too_wide"
    return TextRow(cells, (("", code, shown(joiner.join(cells))),) if code else ())
