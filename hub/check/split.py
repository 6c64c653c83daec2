"""Rows go their ways: accepted (new, changed, gone), unchanged, quarantined."""

from __future__ import annotations

from pathlib import Path

import duckdb

from hub.fold import HASH, OP, SOURCE_KEY, key_sql
from hub.store import COPY_PARQUET, identifier, literal
from schemas.arrow import FAULTS_COLUMN, ROW_COLUMN
from schemas.contract import Supply


def divert(connection: duckdb.DuckDBPyConnection, errors: list[int], rule_ids: list[str]) -> None:
    """Make the table `diverted` (`_row`, `_rules`): rows that broke a rule of severity error."""
    listed = ", ".join(map(str, errors)) or "-1"
    ids = ", ".join(f"({number}, {literal(rule_id)})" for number, rule_id in enumerate(rule_ids))
    connection.execute(
        "CREATE TEMP TABLE diverted AS SELECT _row, "
        "list(rule_id ORDER BY rule) AS _rules FROM broken "
        f"JOIN (VALUES {ids}) AS named(number, rule_id) ON number = rule "
        f"WHERE _row IN (SELECT _row FROM broken WHERE rule IN ({listed})) GROUP BY _row"
    )


def write_quarantined(connection: duckdb.DuckDBPyConnection, supply: Supply, target: Path) -> int:
    """The diverted rows as they were received, with the rules that they broke."""
    fields = ", ".join(f"raw.{identifier(field.name)}" for field in supply.fields)
    return _copy(
        connection,
        f"SELECT raw.{ROW_COLUMN}, {fields}, raw.{FAULTS_COLUMN}, diverted._rules, "
        f"{SOURCE_KEY} FROM raw JOIN diverted USING ({ROW_COLUMN}) "
        f"JOIN failing_keys USING ({ROW_COLUMN}) ORDER BY raw.{ROW_COLUMN}",
        target,
    )


def decide(connection: duckdb.DuckDBPyConnection, current: bool) -> int:
    """Make the view `decided` (`_row`, `_op`) of rows to accept; returns how many are unchanged."""
    sound = f"keyed WHERE {ROW_COLUMN} NOT IN (SELECT {ROW_COLUMN} FROM diverted)"
    if not current:
        return 0
    connection.execute(
        f"CREATE TEMP TABLE judged AS SELECT sound.{ROW_COLUMN}, CASE "
        f"WHEN current.{SOURCE_KEY} IS NULL THEN 'insert' "
        f"WHEN current.{HASH} = sound.{HASH} THEN 'unchanged' ELSE 'update' END AS {OP} "
        f"FROM (SELECT {ROW_COLUMN}, {HASH}, {SOURCE_KEY} FROM {sound}) AS sound "
        f"LEFT JOIN (SELECT {HASH}, {SOURCE_KEY} FROM current) AS current "
        f"ON current.{SOURCE_KEY} = sound.{SOURCE_KEY}"
    )
    return _count(connection, f"judged WHERE {OP} = 'unchanged'")


def write_accepted(
    connection: duckdb.DuckDBPyConnection, supply: Supply, current: bool, deletes: bool, to: Path
) -> tuple[int, int]:
    """Rows that change the current table; returns (rows of the batch, keys that are gone)."""
    fields = ", ".join(identifier(field.name) for field in supply.fields)
    rest = f"{ROW_COLUMN}, {HASH}, {OP}, {SOURCE_KEY}"
    if current:
        changed = f"judged WHERE {OP} <> 'unchanged'"
        rows = f"SELECT {fields}, {rest} FROM keyed JOIN (FROM {changed}) USING ({ROW_COLUMN})"
    else:
        rows = (
            f"SELECT {fields}, {ROW_COLUMN}, {HASH}, 'insert' AS {OP}, {SOURCE_KEY} FROM keyed "
            f"WHERE {ROW_COLUMN} NOT IN (SELECT {ROW_COLUMN} FROM diverted)"
        )
    gone = 0
    if current and deletes:
        keys = {field.name for field in supply.key}
        cells = ", ".join(
            identifier(f.name) if f.name in keys else f"NULL AS {identifier(f.name)}"
            for f in supply.fields
        )
        gone = _count(connection, "gone")
        rows += (
            f" UNION ALL SELECT {cells}, NULL AS {ROW_COLUMN}, NULL AS {HASH}, "
            f"'delete' AS {OP}, {SOURCE_KEY} FROM current "
            f"WHERE {SOURCE_KEY} IN (SELECT {SOURCE_KEY} FROM gone)"
        )
    return _copy(connection, rows, to) - gone, gone


def find_gone(
    connection: duckdb.DuckDBPyConnection, supply: Supply, listing: Path | None, among: str
) -> None:
    """Make the table `gone`: current keys that neither the landing nor the key listing holds.

    Only keys that meet the condition `among` are looked at. A quarantined row keeps its key alive:
    it is wrong, not gone. The number of a line is no such key: another row may stand there now.
    """
    seen = f"SELECT {SOURCE_KEY} FROM keyed"
    if supply.properties.files is not None and not supply.key:
        seen += f" WHERE {ROW_COLUMN} NOT IN (SELECT {ROW_COLUMN} FROM diverted)"
    if listing is not None:
        seen += f" UNION ALL SELECT {key_sql(supply)} FROM read_parquet({literal(listing)})"
    connection.execute(
        f"CREATE TEMP TABLE gone AS SELECT {SOURCE_KEY} "
        f"FROM (SELECT {SOURCE_KEY} FROM current WHERE {among}) AS candidate "
        f"ANTI JOIN ({seen}) AS seen USING ({SOURCE_KEY})"
    )


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


def _copy(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    row = connection.execute(f"COPY ({select}) TO {literal(target)} ({COPY_PARQUET})").fetchone()
    return int(row[0]) if row else 0
