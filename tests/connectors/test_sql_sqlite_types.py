"""SQLite: any cell may hold any type; what does not fit is a fault, and never a crash."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.contract import FieldType
from tests.connectors import sql_contracts as c


def landed(folder: Path, kind: str, wanted: FieldType, values: list[Any]) -> list[tuple[Any, Any]]:
    """(value, fault text) of every value, stored in a column declared as `kind`."""
    with sqlite3.connect(folder / "t.db") as connection:
        connection.execute(f"CREATE TABLE t (id integer PRIMARY KEY, v {kind})")
        for value in values:
            sql = "cast(? AS text)" if isinstance(value, Undecodable) else "?"
            connection.execute(f"INSERT INTO t (v) VALUES ({sql})", (value,))
    connection.close()
    contract = c.supply(c.field("id", c.INTEGER, key=1), c.field("v", wanted, trim=False))
    extract, chunks = c.pull(f"sqlite:///{folder}/t.db", contract)
    rows = c.rows_of(chunks).to_pylist()
    assert extract.totals is not None and extract.totals.rows == len(values)
    return [(row["v"], row["_faults"][0]["text"] if row["_faults"] else None) for row in rows]


class Undecodable(bytes):
    """To be stored as text."""


@pytest.mark.parametrize(
    ("kind", "wanted", "cells"),
    [
        ("integer", c.INTEGER, [(1, 1, None), ("x", None, "x"), (1.5, None, "1.5"), (2.0, 2, None),
                                (b"\x01", None, "\\x01"), (None, None, None), (2**63 - 1,) * 2]),
        ("decimal(18,2)", c.MONEY, [(1.1, Decimal("1.10"), None), (1.1 * 7, Decimal("7.70"), None),
                                    (12345678901234.56, Decimal("12345678901234.56"), None),
                                    (0.125, None, "0.125"), ("1.10", Decimal("1.10"), None),
                                    ("n/a", None, "n/a"), (5, Decimal(5), None)]),
        ("real", c.DOUBLE, [(0.1 + 0.2, 0.1 + 0.2, None), (1e300, 1e300, None), (7, 7.0, None)]),
        ("date", c.DATE, [("2024-02-29", date(2024, 2, 29), None), (20240229, None, "20240229"),
                          ("2024-02-30", None, "2024-02-30")]),
        ("timestamp", c.MOMENT, [("2024-01-01T08:00:00", datetime(2024, 1, 1, tzinfo=UTC), None),
                                 (1704067200, None, "1704067200")]),
        ("boolean", c.BOOLEAN, [(1, True, None), (0, False, None), ("是", True, None),
                                (2, None, "2")]),
        ("text", c.TEXT, [("a\nb", "a\nb", None), (5, "5", None), (0.1, "0.1", None),
                          ("x\0y", None, "x\0y"), (Undecodable(b"\xc4\xe3"), None, "\\xc4\\xe3"),
                          (b"\xff", "\\xff", None), ("欧阳𠮷", "欧阳𠮷", None)]),
        ("", c.TEXT, [(5, "5", None), ("5", "5", None)]),
    ],
)  # fmt: skip
def test_every_cell_is_its_value_or_a_fault(
    kind: str, wanted: FieldType, cells: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    found = landed(tmp_path, kind, wanted, [cell[0] for cell in cells])
    assert found == [(cell[1], cell[2] if len(cell) > 2 else None) for cell in cells]


def test_a_small_table_is_read_at_once(tmp_path: Path) -> None:
    import time

    with sqlite3.connect(tmp_path / "t.db") as connection:
        names = ", ".join(f"c{i} text" for i in range(19))
        connection.execute(f"CREATE TABLE t (id integer PRIMARY KEY, {names})")
        marks = ", ".join("?" * 20)
        rows = ((i, *(f"值{i}-{j}" for j in range(19))) for i in range(20_000))
        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.close()
    wanted = c.supply(c.field("id", c.INTEGER, key=1), *(c.field(f"c{i}") for i in range(19)))
    began = time.process_time()
    _, chunks = c.pull(f"sqlite:///{tmp_path}/t.db", wanted)
    assert c.rows_of(chunks).num_rows == 20_000
    assert time.process_time() - began < 3
