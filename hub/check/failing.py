"""Which rows broke which rules: the keys of all of them, whatever the rule's severity."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from hub.check.relations import is_mended, mended
from hub.fold import SOURCE_KEY
from hub.store import COPY_PARQUET, literal
from schemas.arrow import ROW_COLUMN
from schemas.contract import Catalog, Supply


def note_mended(
    connection: duckdb.DuckDBPyConnection, supply: Supply, catalog: Catalog, first: int
) -> None:
    """Add the rows whose codes were read as others to `broken`, as rules from number `first` on."""
    fields = [field for field in supply.fields if mended(field, catalog)]
    for number, field in enumerate(fields, first):
        connection.execute(
            f"INSERT INTO broken SELECT {ROW_COLUMN}, {number} FROM raw "
            f"WHERE {is_mended(field, mended(field, catalog))}"
        )


def name_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `failing_keys` (`_row`, `_source_key`) of all rows in `broken`."""
    connection.execute(
        f"CREATE TEMP TABLE failing_keys AS SELECT {ROW_COLUMN}, {SOURCE_KEY} FROM keyed "
        f"WHERE {ROW_COLUMN} IN (SELECT {ROW_COLUMN} FROM broken)"
    )


def write_failing(
    connection: duckdb.DuckDBPyConnection, rule_ids: Sequence[str], target: Path
) -> None:
    """`_row`, `_source_key`, `rule_id` of every failing row, by rule and row."""
    numbers = ", ".join(f"({n}, {literal(rule_id)})" for n, rule_id in enumerate(rule_ids))
    named = f"VALUES {numbers}" if numbers else "SELECT 0, '' WHERE false"
    connection.execute(
        f"COPY (SELECT broken.{ROW_COLUMN}, {SOURCE_KEY}, rule_id FROM broken "
        f"JOIN ({named}) AS named(number, rule_id) ON number = rule "
        f"JOIN failing_keys ON failing_keys.{ROW_COLUMN} = broken.{ROW_COLUMN} "
        f"ORDER BY rule, broken.{ROW_COLUMN}) TO {literal(target)} ({COPY_PARQUET})"
    )
