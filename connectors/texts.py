"""Rows of a plain driver cursor to one typed part of a pull."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from connectors.cells import type_rows
from connectors.faces import Part
from connectors.plan import Query
from connectors.shown import Show, shown, text_column
from schemas.contract import Field


def typed_part(
    rows: Sequence[Sequence[Any]],
    query: Query,
    timezone: str,
    show_of: Callable[[Field], Show] = lambda field: shown,
) -> Part:
    """The rows, whose cells stand in the order of the plan's fields."""
    plan = query.plan
    names = [field.name for field in plan.fields]
    columns = zip(plan.fields, zip(*rows, strict=True), strict=False)
    arrays = [text_column(column, show_of(field)) for field, column in columns]
    if not arrays:
        names, arrays = [""], [pa.nulls(len(rows), pa.string())]
    typed = type_rows(pa.RecordBatch.from_arrays(arrays, names), plan.supply, timezone)
    places = [next(i for i, n in enumerate(names) if plan.found[n] == c) for c in query.order]

    def texts(row: int) -> tuple[str, ...]:
        return tuple(str(shown(rows[row][place])) for place in places)

    return Part(typed, texts)
