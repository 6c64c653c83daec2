"""CSV files as departments write them: every record arrives, equal or with its reason."""

from __future__ import annotations

import csv
import io
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.csv_file import open_csv
from connectors.csv_records import csv_records
from connectors.csv_survey import survey_csv
from connectors.text_file import choose_encoding
from schemas.contract import Supply
from tests.connectors.drop_contracts import field, supply

ID_NAME = supply(field("id"), field("name"))


def read(path: Path, promised: Supply) -> tuple[list[dict[str, Any]], int]:
    opened = open_csv(path, promised, "Asia/Shanghai")
    rows = [row for batch in opened.batches for row in batch.to_pylist()]
    return rows, opened.totals.rows


def given_file(tmp_path: Path, content: str | bytes, promised: Supply) -> list[dict[str, Any]]:
    """The rows of a file, whose number always is the number that was counted apart."""
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    rows, counted = read(path, promised)
    assert len(rows) == counted
    return rows


def cells(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def faults(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(f["field"], f["code"], f["text"]) for f in row["_faults"] or ()]


def test_a_plain_file_is_read_by_the_fast_reader_and_equals_the_exact_one(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text('id,name\n1,李雷\n2,"韩, 梅梅"\n3,"two\nlines"\n4,"say ""hi"""\n')
    files = ID_NAME.properties.files
    assert files is not None
    survey = survey_csv(path, ID_NAME, files, choose_encoding(path, files.encodings))
    assert survey.regular and survey.multiline
    rows, counted = read(path, ID_NAME)
    with path.open(newline="") as lines:
        exact = [tuple(record.cells) for record in csv_records(lines, ",", '"')][1:]
    assert cells(rows, "id", "name") == exact
    assert counted == 4


def test_an_unclosed_quote_costs_its_own_line_alone(tmp_path: Path) -> None:
    rows = given_file(tmp_path, 'id,name\n1,a\n2,"b\n3,c\n4,d\n', ID_NAME)
    assert cells(rows, "id", "name") == [("1", "a"), (None, None), ("3", "c"), ("4", "d")]
    assert faults(rows[1]) == [("", "bad_quote", '2,"b')]


def test_a_quote_closed_by_a_later_line_swallows_nothing(tmp_path: Path) -> None:
    rows = given_file(tmp_path, 'id,name\n1,"a\n2,"b"\n3,c\n', ID_NAME)
    assert cells(rows, "id", "name") == [(None, None), ("2", "b"), ("3", "c")]
    assert faults(rows[0]) == [("", "bad_quote", '1,"a')]


def test_rows_too_wide_or_too_short_are_kept_with_their_text(tmp_path: Path) -> None:
    rows = given_file(tmp_path, "id,name\n1,a,b\n2\n3,c,\n4,d\n", ID_NAME)
    assert faults(rows[0]) == [("", "too_wide", "1,a,b")]
    assert faults(rows[1]) == [("", "too_short", "2")]
    assert cells(rows[2:], "id", "name") == [("3", "c"), ("4", "d")]
    assert not faults(rows[2]) and not faults(rows[3])


def test_blank_lines_and_lines_of_nothing_but_commas_are_no_records(tmp_path: Path) -> None:
    rows = given_file(tmp_path, "\n\nid,name\n\n1,a\n,\n  \n2,b\n,,,\n\n", ID_NAME)
    assert cells(rows, "id", "name") == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(tmp_path: Path, end: str) -> None:
    rows = given_file(tmp_path, end.join(["id,name", "1,a", "2,b"]), ID_NAME)
    assert cells(rows, "id", "name") == [("1", "a"), ("2", "b")]


def test_headings_match_after_folding_and_through_title_and_aliases(tmp_path: Path) -> None:
    promised = supply(
        field("resident_id", title="公民身份号码"),
        field("name", aliases=["Full Name"]),
        field("net_amount", "money"),
    )
    path = tmp_path / "file.csv"
    path.write_text("\ufeff ＮＥＴ_amount. ,full   name：,公民身份号码\n1.50,李雷,990100\n")
    opened = open_csv(path, promised, "Asia/Shanghai")
    (row,) = [row for batch in opened.batches for row in batch.to_pylist()]
    assert (row["resident_id"], row["name"], row["net_amount"]) == (
        "990100", "李雷", Decimal("1.50"),
    )  # fmt: skip
    assert [(drift.code, drift.column) for drift in opened.drift] == [
        ("column_alias", "full   name：")
    ]


def test_missing_unknown_double_and_unnamed_columns_are_drift(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,ID,extra,,\n1,2,3,4,\n")
    opened = open_csv(path, ID_NAME, "Asia/Shanghai")
    assert [(drift.code, drift.column) for drift in opened.drift] == [
        ("column_unknown", "ID"),
        ("column_unknown", "extra"),
        ("column_missing", "name"),
        ("column_unknown", "#4"),
    ]
    (row,) = [row for batch in opened.batches for row in batch.to_pylist()]
    assert (row["id"], row["name"], row["_faults"]) == ("1", None, None)


def test_a_file_without_a_known_header_loses_no_row(tmp_path: Path) -> None:
    rows = given_file(tmp_path, "1,a\n2,b\n", ID_NAME)
    assert [faults(row) for row in rows] == [
        [("", "no_header", "1,a")],
        [("", "no_header", "2,b")],
    ]


def test_a_row_in_the_place_of_the_header_is_not_shown_as_headings(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"11990199,\xff\xfe\n1,2\n")
    opened = open_csv(path, ID_NAME, "Asia/Shanghai")
    assert [column.name for column in opened.columns] == ["#1", "#2"]
    assert {(drift.code, drift.column) for drift in opened.drift} == {
        ("column_missing", "id"), ("column_missing", "name"),
    }  # fmt: skip


def test_an_undecodable_heading_is_shown_with_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"id,n\xffm\n1,2\n")
    opened = open_csv(path, ID_NAME, "Asia/Shanghai")
    assert [(drift.code, drift.column) for drift in opened.drift] == [
        ("column_unknown", "n\\xffm"), ("column_missing", "name"),
    ]  # fmt: skip


def test_encodings_are_tried_in_their_order_over_the_whole_file(tmp_path: Path) -> None:
    late = "id,name\n" + "1,abc\n" * 300_000 + "2,李雷\n"
    rows = given_file(tmp_path, late.encode("gb18030"), ID_NAME)
    assert rows[-1]["name"] == "李雷"
    rows = given_file(tmp_path, late.encode("utf-8-sig"), ID_NAME)
    assert rows[-1]["name"] == "李雷" and rows[0]["id"] == "1"


def test_an_undecodable_byte_costs_its_row_alone(tmp_path: Path) -> None:
    content = "id,name\n1,李雷\n2,韩X梅\n3,王\n".encode("gb18030").replace(b"X", b"\xff")
    rows = given_file(tmp_path, content, ID_NAME)
    assert cells(rows, "id", "name") == [("1", "李雷"), ("2", None), ("3", "王")]
    assert faults(rows[1]) == [("name", "not_text", "韩\\xff梅")]


def test_a_nul_byte_is_a_fault_of_its_cell(tmp_path: Path) -> None:
    rows = given_file(tmp_path, b"id,name\n1,a\0b\n2,c\n", ID_NAME)
    assert cells(rows, "id", "name") == [("1", None), ("2", "c")]
    assert [code for _, code, _ in faults(rows[0])] == ["not_text"]


def test_sums_are_added_up_apart_from_the_typed_stream(tmp_path: Path) -> None:
    promised = supply(field("id"), field("amount", "money"))
    path = tmp_path / "file.csv"
    path.write_text('id,amount\n1,0.10\n2, 0.20 \n3,-1\n4,\n5,"1,000.00"\n')
    opened = open_csv(path, promised, "Asia/Shanghai")
    rows = [row for batch in opened.batches for row in batch.to_pylist()]
    assert opened.totals.sums == {"amount": Decimal("-0.70")}
    assert faults(rows[4]) == [("amount", "not_number", "1,000.00")]


def test_other_delimiters_quotes_and_preambles(tmp_path: Path) -> None:
    promised = supply(field("id"), field("name"), delimiter="|@|", quote="", skip_rows=2)
    rows = given_file(tmp_path, 'Report "May\n\nid|@|name\n1|@|"a\n', promised)
    assert cells(rows, "id", "name") == [("1", '"a')]
    promised = supply(field("id"), field("name"), delimiter="\t", quote="'", skip_rows=1)
    rows = given_file(tmp_path, "title\nid\tname\n1\t'a\tb'\n", promised)
    assert cells(rows, "id", "name") == [("1", "a\tb")]


def test_chunks_hold_as_many_rows_as_the_contract_says(tmp_path: Path) -> None:
    promised = supply(field("id"), field("name"), chunk_rows=100)
    path = tmp_path / "file.csv"
    path.write_text("id,name\n" + "".join(f"{i},x\n" for i in range(250)))
    batches = list(open_csv(path, promised, "UTC").batches)
    assert [batch.num_rows for batch in batches] == [100, 100, 50]
    assert [v for b in batches for v in b.column("id").to_pylist()] == [str(i) for i in range(250)]


CELLS = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\0"),
        st.sampled_from("\"',;\t\r\n 李雷１．"),
    ),
    max_size=8,
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, Any], str]:
    """A table, a dialect of Python's csv and an encoding that can hold the table."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=12))
    # Before 3.13 Python writes a bare carriage return unquoted, which nobody can read back.
    bare = any("\r" in cell for row in rows for cell in row)
    quoting = st.sampled_from([csv.QUOTE_ALL] if bare else [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    dialect = {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "quotechar": draw(st.sampled_from("\"'")),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
        "quoting": draw(quoting),
    }
    return rows, dialect, draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))


@settings(max_examples=300, deadline=None)
@given(tables(), st.integers(1, 5))
def test_what_python_writes_comes_back_equal(
    table: tuple[list[list[str]], dict[str, Any], str], chunk_rows: int
) -> None:
    rows, dialect, encoding = table
    width = len(rows[0]) if rows else 2
    names = [f"c{place}" for place in range(width)]
    promised = supply(
        *(field(name, trim=False, null_values=[]) for name in names),
        chunk_rows=chunk_rows,
        delimiter=dialect["delimiter"],
        quote=dialect["quotechar"],
        encodings=[encoding],
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text, **dialect)
    writer.writerow(names)
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        found, counted = read(path, promised)
    expected = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    assert cells(found, *names) == expected
    assert counted == len(expected)
    assert not any(faults(row) for row in found)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from('ab1 ,"\r\n\t李'), max_size=12).map(str.encode)
        | st.binary(max_size=6),
        max_size=20,
    )
)
def test_whatever_the_bytes_every_record_is_counted_and_landed(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(b"id,name\n" + b"".join(pieces))
        rows, counted = read(path, ID_NAME)
    assert len(rows) == counted


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab ,"\n'), max_size=10), max_size=15))
def test_no_line_with_content_is_lost_by_the_exact_reader(pieces: list[str]) -> None:
    text = "".join(pieces)
    records = list(csv_records(io.StringIO(text, newline=""), ",", '"'))
    letters = sum(cell.count("a") + cell.count("b") for r in records for cell in r.cells)
    assert letters == text.count("a") + text.count("b")


def test_batches_have_the_landing_schema_even_where_columns_are_missing(tmp_path: Path) -> None:
    promised = supply(field("id", "integer"), field("born", "date"), field("paid", "money"))
    path = tmp_path / "file.csv"
    path.write_text("id\n1\n")
    (batch,) = open_csv(path, promised, "UTC").batches
    assert batch.schema.names == ["id", "born", "paid", "_faults"]
    assert batch.schema.field("paid").type == pa.decimal128(18, 2)
