"""Rows handed to people: cells stay what they were, and none of them runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import pytest

from hub.errors import SettingsError
from hub.rowfile import write_rows


def test_a_sheet_holds_text_even_where_it_looks_like_a_formula(tmp_path: Path) -> None:
    cells = "SELECT '=1+1' AS a, '007' AS b, 'x' || chr(1) AS c, NULL AS d"
    with duckdb.connect() as connection:
        assert write_rows(connection, cells, tmp_path / "rows.xlsx") == 1
    heading, row = openpyxl.load_workbook(tmp_path / "rows.xlsx").active.iter_rows()
    assert [cell.value for cell in heading] == ["a", "b", "c", "d"]
    assert [(cell.value, cell.data_type) for cell in row[:3]] == [
        ("=1+1", "s"), ("007", "s"), ("x\\x01", "s"),
    ]  # fmt: skip
    assert row[3].value is None


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.csv", "rows.parquet"])
def test_a_file_that_cannot_be_written_is_named_and_nothing_else_is_said(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "absent" / name
    with (
        duckdb.connect() as connection,
        pytest.raises(SettingsError, match=f"{name} cannot be written"),
    ):
        write_rows(connection, "SELECT 1 AS a", target)
    assert capsys.readouterr() == ("", "")
