"""Excel and Parquet drops: what a person sees in a cell is what arrives, or its reason."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.excel_cells import cell_text
from connectors.excel_file import open_excel
from connectors.opened import OpenedFile
from connectors.parquet_file import open_parquet
from connectors.protocol import SourceUnreadable
from schemas.contract import Supply
from tests.connectors.drop_contracts import field, supply


def rows_of(opened: OpenedFile) -> list[dict[str, Any]]:
    rows = [row for batch in opened.batches for row in batch.to_pylist()]
    assert len(rows) == opened.totals.rows
    return rows


def faults(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(f["field"], f["code"], f["text"]) for f in row["_faults"] or ()]


def workbook(path: Path, *rows: list[Any]) -> openpyxl.worksheet.worksheet.Worksheet:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    book.save(path)
    return sheet


def test_cells_arrive_as_they_are_shown(tmp_path: Path) -> None:
    promised = supply(
        field("code"), field("count", "integer"), field("paid", "money"), field("born", "date"),
        field("seen", "timestamp"), field("at", "time"), field("alive", "boolean"),
    )  # fmt: skip
    path = tmp_path / "file.xlsx"
    workbook(
        path,
        ["code", "count", "paid", "born", "seen", "at", "alive"],
        ["007", 1, 12.5, dt.date(2024, 1, 5), dt.datetime(2024, 1, 5, 8, 0), dt.time(1, 2), True],
        [7, 1.0, 0.1 + 0.2, dt.datetime(2024, 2, 29), "2024-01-05 08:00:00", "23:59:00", False],
    )
    first, second = rows_of(open_excel(path, promised, "UTC"))
    assert first == {
        "code": "007", "count": 1, "paid": Decimal("12.50"), "born": dt.date(2024, 1, 5),
        "seen": dt.datetime(2024, 1, 5, 8, tzinfo=dt.UTC), "at": "01:02:00", "alive": True,
        "_faults": None,
    }  # fmt: skip
    assert second["code"] == "7" and second["count"] == 1
    assert second["paid"] == Decimal("0.30") and second["born"] == dt.date(2024, 2, 29)
    assert second["alive"] is False and not faults(second)


def test_a_cell_of_another_kind_is_a_fault_and_never_a_null_in_silence(tmp_path: Path) -> None:
    promised = supply(field("id"), field("born", "date"), field("count", "integer"))
    path = tmp_path / "file.xlsx"
    workbook(path, ["id", "born", "count"], ["a", 45000, 1.5], ["b", dt.time(1, 2), "many"])
    first, second = rows_of(open_excel(path, promised, "UTC"))
    assert faults(first) == [("born", "not_date", "45000"), ("count", "not_integer", "1.5")]
    assert {code for _, code, _ in faults(second)} == {"not_date", "not_integer"}


def test_error_values_and_uncalculated_formulas_are_faults(tmp_path: Path) -> None:
    promised = supply(field("id"), field("name"))
    path = tmp_path / "file.xlsx"
    workbook(path, ["id", "name"], ["1", "#N/A"], ["2", "=1/0"], ["3", "c"])
    first, second, third = rows_of(open_excel(path, promised, "UTC"))
    assert faults(first) == [("name", "not_text", "#N/A")]
    assert faults(second) == [("name", "not_text", "=1/0")]
    assert third["name"] == "c" and not faults(third)


def test_codes_that_a_format_pads_with_zeros_keep_them(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["division", "name"])
    sheet.append([1, "a"])
    sheet.append(["x", "b"])
    for cell in sheet["A"][1:]:
        cell.number_format = "000000"
    book.save(path)
    found = rows_of(open_excel(path, supply(field("division"), field("name")), "UTC"))
    assert [row["division"] for row in found] == ["000001", "x"]


def test_a_number_with_lost_digits_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    workbook(path, ["id"], [110105194912310021], ["11010519491231002X"])
    first, second = rows_of(open_excel(path, supply(field("id")), "UTC"))
    assert [(name, code) for name, code, _ in faults(first)] == [("id", "out_of_range")]
    assert second["id"] == "11010519491231002X"


def test_blank_rows_are_no_records_and_merged_cells_count_for_all_their_rows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Report"], [], ["dept", "name"], ["A", "x"], [None, "y"], [], [None, "z"]):
        sheet.append(row)
    sheet.merge_cells("A4:A5")
    book.save(path)
    promised = supply(field("dept"), field("name"), skip_rows=2)
    found = rows_of(open_excel(path, promised, "UTC"))
    assert [(row["dept"], row["name"]) for row in found] == [("A", "x"), ("A", "y"), (None, "z")]


def test_the_sheet_is_the_contracts_or_the_first_visible_one(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "hidden"
    book.active.sheet_state = "hidden"
    for title in ("first", "数据 "):
        book.create_sheet(title).append(["id"])
        book[title].append([title])
    book.save(path)
    assert rows_of(open_excel(path, supply(field("id")), "UTC"))[0]["id"] == "first"
    named = supply(field("id"), sheet="数据")
    assert rows_of(open_excel(path, named, "UTC"))[0]["id"] == "数据"
    with pytest.raises(SourceUnreadable, match="first"):
        open_excel(path, supply(field("id"), sheet="absent"), "UTC")


def test_what_is_no_workbook_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "file.xlsx").write_text("id\n1\n")
    (tmp_path / "file.parquet").write_text("id\n1\n")
    with pytest.raises(SourceUnreadable, match=r"file\.xlsx"):
        open_excel(tmp_path / "file.xlsx", supply(field("id")), "UTC")
    with pytest.raises(SourceUnreadable, match=r"file\.parquet"):
        open_parquet(tmp_path / "file.parquet", supply(field("id")), "UTC")


def test_missing_and_unknown_columns_of_a_sheet_are_drift(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    workbook(path, ["ID ", "other"], ["1", "2"])
    opened = open_excel(path, supply(field("id"), field("name")), "UTC")
    assert [(drift.code, drift.column) for drift in opened.drift] == [
        ("column_unknown", "other"),
        ("column_missing", "name"),
    ]


@given(st.integers(-(10**14), 10**14), st.integers(0, 10))
def test_a_sheets_number_is_shown_with_its_own_digits(digits: int, scale: int) -> None:
    exact = Decimal(digits).scaleb(-scale)
    text, fault = cell_text(float(exact))
    assert Decimal(text) == exact and "E" not in text.upper() and fault is None


def parquet(path: Path, promised: Supply, **columns: pa.Array) -> OpenedFile:
    pq.write_table(pa.table(columns), path)
    return open_parquet(path, promised, "Asia/Shanghai")


def test_native_types_are_read_exactly(tmp_path: Path) -> None:
    promised = supply(
        field("id"), field("count", "integer"), field("paid", "money"), field("rate", "double"),
        field("born", "date"), field("seen", "timestamp"), field("alive", "boolean"),
        field("more", "json"),
    )  # fmt: skip
    moment = dt.datetime(2024, 1, 5, 8, 30, 0, 123456, tzinfo=dt.UTC)
    opened = parquet(
        tmp_path / "f.parquet", promised,
        id=pa.array(["001", None]).dictionary_encode(),
        count=pa.array([2**62, None]),
        paid=pa.array([Decimal("-1.10"), None], pa.decimal128(20, 2)),
        rate=pa.array([0.1, None]),
        born=pa.array([dt.date(2024, 2, 29), None]),
        seen=pa.array([moment, None], pa.timestamp("us", "Asia/Shanghai")),
        alive=pa.array([False, None]),
        more=pa.array([{"a": [1, 2]}, None]),
    )  # fmt: skip
    assert opened.totals.sums == {"paid": Decimal("-1.10")} and opened.drift == ()
    first, second = rows_of(opened)
    assert first == {
        "id": "001", "count": 2**62, "paid": Decimal("-1.10"), "rate": 0.1,
        "born": dt.date(2024, 2, 29), "seen": moment, "alive": False,
        "more": '{"a": [1, 2]}', "_faults": None,
    }  # fmt: skip
    assert all(value is None for value in second.values())


def test_what_does_not_fit_the_promise_is_drift_and_a_fault(tmp_path: Path) -> None:
    promised = supply(field("paid", "money"), field("born", "date"), field("name"))
    opened = parquet(
        tmp_path / "f.parquet", promised,
        paid=pa.array([1.005, float("nan"), 2.5]),
        born=pa.array(["2024-01-05", "soon", None]),
        name=pa.array([b"\xff", b"ok", None]),
    )  # fmt: skip
    assert [(d.code, d.column) for d in opened.drift] == [
        ("type_changed", "born"),
        ("type_changed", "name"),
    ]
    first, second, third = rows_of(opened)
    assert {(name, code) for name, code, _ in faults(first)} == {
        ("paid", "scale_lost"), ("name", "not_text"),
    }  # fmt: skip
    assert {(name, code) for name, code, _ in faults(second)} == {
        ("paid", "out_of_range"), ("born", "not_date"),
    }  # fmt: skip
    assert third["paid"] == Decimal("2.50") and not faults(third)


def test_a_parquet_file_of_other_columns_loses_no_row(tmp_path: Path) -> None:
    opened = parquet(tmp_path / "f.parquet", supply(field("id")), x=pa.array([1, 2, 3]))
    found = rows_of(opened)
    assert [faults(row) for row in found] == [[("", "no_header", "")]] * 3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.decimals(-(10**12), 10**12, places=2),
            st.none() | st.dates(),
            st.none() | st.datetimes(),
        ),
        max_size=20,
    )
)
def test_any_native_table_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[Any, ...]]
) -> None:
    names = ["name", "count", "paid", "born", "seen"]
    kinds = ["text", "integer", "money", "date", "timestamp"]
    promised = supply(
        *(field(n, k, trim=False, null_values=[]) for n, k in zip(names, kinds, strict=True))
    )
    types = [pa.string(), pa.int64(), pa.decimal128(18, 2), pa.date32(), pa.timestamp("us", "UTC")]
    columns = [pa.array([row[i] for row in table], kind) for i, kind in enumerate(types)]
    path = tmp_path_factory.mktemp("p") / "f.parquet"
    pq.write_table(pa.table(columns, names), path)
    opened = open_parquet(path, promised, "UTC")
    batches = list(opened.batches)
    assert sum(batch.num_rows for batch in batches) == len(table) == opened.totals.rows
    for batch in batches:
        for name, column in zip(names, columns, strict=True):
            assert batch.column(name).equals(column)


def test_the_sheets_xml_is_only_read_where_it_must(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    workbook(path, ["id"], ["a"])
    with zipfile.ZipFile(path) as book:
        assert not re.search(rb't="e"|<f[ >/]', book.read("xl/worksheets/sheet1.xml"))
