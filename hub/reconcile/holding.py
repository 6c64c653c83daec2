"""Where gathered rows stay until they are written: as they are, or in tables that can spill."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from hub.reconcile.gather import pick, whole

KEPT_SHARE = 0.75
"""Share of the engine's memory that results may take outside it; more goes into its tables.

Filling tables costs as much as putting the rows together, so that it is done when it must be.
"""

VALUE_BYTES = 20  # a view of a text, or a number, and what stays of the texts

_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

Kept = dict[str, list[pa.Table]]


def open_result(connection: DuckDBPyConnection, values: int) -> Kept | None:
    """Where the parts of so many values are kept; None: in tables of the engine."""
    ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = re.fullmatch(r"([0-9.]+) (\w+)", limit).groups()  # type: ignore[union-attr]
    memory = float(number) * _UNITS[unit]
    return {} if values * VALUE_BYTES <= memory * KEPT_SHARE else None


def keep(
    connection: DuckDBPyConnection, kept: Kept | None, name: str, rows: pa.Table, where: str
) -> None:
    """Add rows of a part that fulfil an SQL condition, in their order; empty: all of them."""
    connection.register("part", rows)
    if kept is not None:
        if where:
            found = connection.sql(f"SELECT {where} AS holds FROM part").to_arrow_table()
            rows = _filtered(rows, whole(found["holds"]).to_numpy(zero_copy_only=False))
        kept.setdefault(name, []).append(rows)
    else:
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS FROM part LIMIT 0")
        connection.execute(f"INSERT INTO {name} SELECT * FROM part WHERE {where or 'true'}")
    connection.unregister("part")


def close_result(connection: DuckDBPyConnection, kept: Kept | None) -> None:
    """Make what was kept readable by its names."""
    for name, tables in (kept or {}).items():
        connection.register(name, pa.concat_tables(tables))


def _filtered(rows: pa.Table, holds: NDArray[np.bool_]) -> pa.Table:
    if holds.all():
        return rows
    which = np.flatnonzero(holds)
    return pa.table({name: pick(whole(rows[name]), which) for name in rows.column_names})
