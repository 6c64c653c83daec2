"""Whether a landing can be typed as another contract version asks, and from what text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.cells.faults import Fault
from hub.errors import DecisionError
from hub.records import Landing
from schemas.contract import Field, LogicalType, Supply

EXACT = (LogicalType.INTEGER, LogicalType.NUMBER)


def reading_of(supply: Supply) -> dict[str, dict[str, Any]]:
    """How each field of a supply is read; kept with a landing, a replay can tell the changes."""
    return {field.name: _reading(field, supply) for field in supply.fields}


def _reading(field: Field, supply: Supply) -> dict[str, Any]:
    own = field.properties
    words = supply.properties.null_values if own.null_values is None else own.null_values
    return {
        "column": field.column,
        "type": str(field.type.logical),
        "precision": field.type.precision,
        "scale": field.type.scale,
        "aware": field.type.aware,
        "trim": own.trim,
        "null_values": sorted(words),
        "formats": list(own.formats),
        "decimal_comma": own.decimal_comma,
        "timezone": own.timezone,
    }


class Reading:
    """The change from how a landing was read to how it is to be read.

    `changed` names the fields to be typed again; of those in `whole` every cell is, of the others
    the cells that were illegal. Raises `DecisionError` when the text of a cell is no longer known.
    """

    def __init__(self, batch_id: str, landing: Landing, supply: Supply) -> None:
        self._batch_id = batch_id
        if landing.reading is None:
            self._lost("it landed before the hub kept how its cells were read")
        assert landing.reading is not None
        self._was, self._now = landing.reading, reading_of(supply)
        missing = {d["column"] for d in landing.drift if d["code"] == "column_missing"}
        unknown = {d["column"].casefold() for d in landing.drift if d["code"] == "column_unknown"}
        for field in supply.fields:
            names = {name.casefold() for name in (field.column, *field.properties.aliases)}
            if field.name not in self._was:
                self._lost(f"field {field.name} is new")
            if self._was[field.name]["column"] != field.column:
                self._lost(f"field {field.name} is read from another column")
            if field.column in missing and names & unknown:
                self._lost(f"field {field.name} is now found under an alias that was not read")
        self.changed = {name for name, now in self._now.items() if now != self._was[name]}
        self.whole = {name for name in self.changed if self._from_text(name)}

    def _lost(self, why: str) -> None:
        raise DecisionError(
            f"batch {self._batch_id} cannot be replayed: {why}; pull the source again"
        )

    def _from_text(self, name: str) -> bool:
        """Whether the landed values still show the text that the source had shown."""
        was, now = self._was[name], self._now[name]
        if was["type"] == LogicalType.STRING:
            return True
        exact = was["type"] in EXACT and (was["type"] == "integer" or was["scale"] is not None)
        if exact and now["type"] in EXACT and not was["formats"] and not was["decimal_comma"]:
            return now["type"] != "number" or now["scale"] is not None
        days = was["type"] == now["type"] == LogicalType.DATE
        return days and not was["formats"]

    def refuse_lost(self, part: pq.ParquetFile) -> None:
        """Raise `DecisionError` where this part's cells cannot be typed again."""
        for name in sorted(self.changed):
            column = part.read([name]).column(name)
            if column.null_count == len(column):
                # Nothing but illegal cells and nulls: only null words can have been lost.
                self._nulls(name)
                continue
            was, now = self._was[name], self._now[name]
            if was["trim"] and not now["trim"]:
                self._lost(f"field {name}: white space around its cells is not kept")
            self._nulls(name)
            if name in self.whole:
                continue
            same = ("type", "precision", "scale", "aware", "decimal_comma", "timezone")
            if any(was[key] != now[key] for key in same):
                self._lost(f"field {name}: the text behind its values is not kept")
            if now["formats"][: len(was["formats"])] != was["formats"] or not was["formats"]:
                self._lost(f"field {name}: its values were read by other formats")

    def _nulls(self, name: str) -> None:
        gone = set(self._was[name]["null_values"]) - set(self._now[name]["null_values"])
        if gone:
            self._lost(f"field {name}: which of its null values a cell held is not kept")


def texts_of(part: pa.RecordBatch, field: Field, faults: Sequence[Fault]) -> pa.Array:
    """One field as the source showed it: values, and illegal cells in their place."""
    values = part.column(field.name)
    shown = values if pa.types.is_string(values.type) else values.cast(pa.string())
    return pc.coalesce(shown, faults_only(part.num_rows, field.name, faults))


def faults_only(rows: int, name: str, faults: Sequence[Fault]) -> pa.Array:
    """The illegal cells of one field alone."""
    cells: list[str | None] = [None] * rows
    for fault in faults:
        if fault.field == name:
            cells[fault.row] = fault.text
    return pa.array(cells, pa.string())
