"""Cells: text becomes a type and shows the same text again, or is a fault. Never another value."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cells import type_rows
from connectors.cells.columns import type_column
from connectors.cells.faults import Fault, Illegal
from connectors.cells.parsers import parser_of
from schemas.arrow import FAULT, arrow_type
from schemas.contract import Field, FieldType, LogicalType
from tests.connectors import sql_contracts as c

pytestmark = pytest.mark.slow

SHANGHAI = "Asia/Shanghai"
WIDE = FieldType(LogicalType.INTEGER, 38)
LOCAL = FieldType(LogicalType.TIMESTAMP, aware=False)
KINDS = [
    c.TEXT, c.INTEGER, WIDE, c.MONEY, c.EXACT, c.DOUBLE, c.BOOLEAN, c.DATE, c.MOMENT, LOCAL,
    c.TIME, c.JSON, c.ARRAY,
]  # fmt: skip

digits = st.text("0123456789", min_size=1, max_size=25)
numbers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(repr),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-", "+"]), digits, digits),
    st.sampled_from(["0x10", "1_000", "１２", "1e5", "1E-3", ".5", "5.", "-", ".", "1,5", "٣"]),
)
moments = st.one_of(
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes(timezones=st.timezones()).map(str),
    st.datetimes().map(lambda at: at.isoformat()),
    st.times().map(str),
    st.builds("{:04d}-{:02d}-{:02d}".format, *[st.integers(0, 32)] * 3),
    st.builds(
        "2024-{:02d}-{:02d} {:02d}:{:02d}:{:02d}".format,
        st.integers(0, 13), st.integers(0, 32), *[st.integers(0, 61)] * 3,
    ),
    st.sampled_from(
        [
            "infinity", "-infinity", "0044-03-15 BC", "0000-00-00", "24:00:00", "-01:00:00",
            "838:59:59", "2024-01-01 24:00:00", "10000-01-01", "2024-01-01 00:00:00.1234567",
            "1986-05-04 02:30:00", "1940-06-01 00:30:00", "2024-01-01T00:00:00Z", "12:00:00+08",
            "2024-01-01 00", "2024-01-01 00:00", "20240101", "2024-1-1", "0001-01-01 00:00:00",
        ]
    ),
)  # fmt: skip
words = st.sampled_from(["true", "T", "是", "0", "no", "maybe", "{}", "[1]", "null", "NaN", "{"])
cells = st.one_of(st.none(), numbers, moments, words, st.text(max_size=12))


def both_ways(texts: list[str | None], field: Field) -> tuple[list[Any], dict[int, Fault]]:
    column, faults = type_column(pa.array(texts, pa.string()), field, SHANGHAI)
    assert column.type == arrow_type(field.type)
    return column.to_pylist(), {fault.row: fault for fault in faults}


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return bool(left == right)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@given(texts=st.lists(cells, max_size=12))
def test_columns_agree_with_the_parser_of_single_cells(
    kind: FieldType, texts: list[str | None]
) -> None:
    field = c.field("v", kind)
    values, faults = both_ways(texts, field)
    parse = parser_of(field, SHANGHAI)
    for row, text in enumerate(texts):
        try:
            expected = None if text is None else parse(text)
        except Illegal as found:
            assert faults[row] == Fault(row, "v", found.code, text or "")
            assert values[row] is None
        else:
            assert row not in faults
            assert same(values[row], expected)


@given(st.lists(numbers, max_size=8))
def test_a_decimal_is_the_number_that_was_shown(texts: list[str]) -> None:
    values, faults = both_ways(list(texts), c.field("v", c.EXACT))
    for row, text in enumerate(texts):
        if row not in faults:
            assert values[row] == Decimal(text)
        elif faults[row].code == "scale_lost":
            exponent = Decimal(text).as_tuple().exponent
            assert isinstance(exponent, int) and exponent < -10


@given(st.lists(numbers, max_size=8))
def test_a_double_shows_the_same_number_again(texts: list[str]) -> None:
    values, faults = both_ways(list(texts), c.field("v", c.DOUBLE))
    for row, text in enumerate(texts):
        if row not in faults:
            assert Decimal(repr(values[row])) == Decimal(text)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_every_finite_double_is_legal(floats: list[float]) -> None:
    values, faults = both_ways([repr(f) for f in floats], c.field("v", c.DOUBLE))
    assert not faults
    assert all(same(value, f) for value, f in zip(values, floats, strict=True))


@given(st.lists(st.dates(), max_size=8))
def test_every_date_is_legal(days: list[date]) -> None:
    values, faults = both_ways([str(day) for day in days], c.field("v", c.DATE))
    assert (values, faults) == (days, {})


@given(st.lists(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1))))
def test_a_wall_clock_time_is_shown_again_by_the_same_clock(moments: list[datetime]) -> None:
    values, faults = both_ways([str(at) for at in moments], c.field("v", c.MOMENT))
    for row, at in enumerate(moments):
        if row in faults:
            assert faults[row].code == "out_of_range"  # an hour that the clocks skipped
        else:
            assert values[row].astimezone(ZoneInfo(SHANGHAI)).replace(tzinfo=None) == at


@given(st.lists(st.datetimes(timezones=st.timezones(), min_value=datetime(2, 1, 1),
                             max_value=datetime(9998, 1, 1)), max_size=8))  # fmt: skip
def test_a_moment_with_an_offset_is_that_moment(moments: list[datetime]) -> None:
    values, faults = both_ways([str(at) for at in moments], c.field("v", c.MOMENT))
    assert not faults
    assert values == [datetime.fromisoformat(str(at)).astimezone(UTC) for at in moments]


@given(day=st.dates(min_value=date(1, 1, 1)), spelling=st.sampled_from(
    ["%d/%m/%Y", "%Y%m%d", "%d.%m.%Y", "%d %b %Y", "%Y年%m月%d日", "%m-%d-%Y"]))  # fmt: skip
def test_dates_of_a_format_of_the_contract_are_those_dates(day: date, spelling: str) -> None:
    text = spelling.replace("%Y", f"{day.year:04d}")
    text = day.strftime(text)
    values, faults = both_ways([text, text, str(day)], c.field("v", c.DATE, formats=spelling))
    assert (values, faults) == ([day, day, day], {})


def test_the_first_format_that_reads_a_cell_wins() -> None:
    field = c.field("v", c.DATE, formats=("%d/%m/%Y", "%m/%d/%Y"))
    values, _ = both_ways(["01/02/2024", "13/12/2024", "12/13/2024", "1/2/2024"], field)
    assert values == [date(2024, 2, 1), date(2024, 12, 13), date(2024, 12, 13), date(2024, 2, 1)]


@pytest.mark.parametrize(
    ("formats", "comma", "text", "expected"),
    [
        (("£#,##0.00",), False, "£1,234.50", "1234.50"),
        (("£#,##0.00",), False, "-£1,234.50", "-1234.50"),
        (("£#,##0.00",), False, "£-1,234.50", "-1234.50"),
        (("£#,##0.00",), False, "1234.5", "1234.50"),
        (("£#,##0.00",), False, "1,23.50", None),
        (("£#,##0.00",), False, "(12.00)", None),
        (("£#,##0.00",), False, "¥12.00", None),
        (("(#,##0.00)",), False, "(1,234.50)", "-1234.50"),
        (("(0.00)",), False, "(-5)", None),
        (("0-",), False, "12.5-", "-12.50"),
        ((), False, "1,234.50", None),
        ((), False, "£5", None),
        ((), True, "1234,5", "1234.50"),
        ((), True, "1234.5", None),
        (("#.##0,00",), True, "1.234,50", "1234.50"),
        (("#.##0,00",), True, "1.23,50", None),
    ],
)
def test_numbers_are_decorated_only_as_the_contract_shows(
    formats: tuple[str, ...], comma: bool, text: str, expected: str | None
) -> None:
    field = c.field("v", c.MONEY, formats=formats, decimal_comma=comma)
    [value], faults = both_ways([text], field)
    assert value == (None if expected is None else Decimal(expected))
    assert [fault.text for fault in faults.values()] == ([text] if expected is None else [])


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (c.INTEGER, "12.5", "not_integer"),
        (c.INTEGER, "0x10", "not_integer"),
        (c.INTEGER, "9223372036854775808", "out_of_range"),
        (WIDE, "9" * 39, "out_of_range"),
        (WIDE, str(2**128 + 1), "out_of_range"),
        (c.MONEY, str(2**128 + 1), "out_of_range"),
        (c.MONEY, "1.005", "scale_lost"),
        (c.MONEY, "1e30", "out_of_range"),
        (c.MONEY, "7.750199840318491e-230", "scale_lost"),
        (c.MONEY, "NaN", "out_of_range"),
        (c.MONEY, "abc", "not_number"),
        (c.DOUBLE, "1e400", "out_of_range"),
        (c.DOUBLE, "0.1234567890123456789", "scale_lost"),
        (c.DOUBLE, "1e-400", "scale_lost"),
        (c.BOOLEAN, "maybe", "not_boolean"),
        (c.DATE, "2024-02-30", "not_date"),
        (c.DATE, "0000-00-00", "out_of_range"),
        (c.DATE, "infinity", "out_of_range"),
        (c.DATE, "0044-03-15 BC", "out_of_range"),
        (c.DATE, "2024-01-01 10:00:00", "not_date"),
        (c.MOMENT, "2024-01-01 24:00:00", "out_of_range"),
        (c.MOMENT, "2024-01-01 00:00:00.1234567", "scale_lost"),
        (c.MOMENT, "1986-05-04 02:30:00", "out_of_range"),
        (c.MOMENT, "yesterday", "not_timestamp"),
        (LOCAL, "2024-01-01 00:00:00+08", "not_timestamp"),
        (c.TIME, "24:00:00", "out_of_range"),
        (c.TIME, "838:59:59", "out_of_range"),
        (c.TIME, "12:60", "not_time"),
        (c.JSON, "{x", "not_json"),
        (c.JSON, '{"a": NaN}', "not_json"),
        (c.ARRAY, "{}", "not_json"),
        (c.TEXT, "a\0b", "not_text"),
    ],
)
def test_the_reason_is_named(kind: FieldType, text: str, code: str) -> None:
    _, faults = both_ways([text], c.field("v", kind))
    assert faults == {0: Fault(0, "v", code, text)}  # type: ignore[arg-type]


def test_one_bad_cell_among_many_is_found_and_the_others_stay() -> None:
    texts: list[str | None] = [str(number) for number in range(100_000)]
    texts[77_777] = "many"
    values, faults = both_ways(texts, c.field("v", c.INTEGER))
    assert list(faults) == [77_777]
    assert values == [None if n == 77_777 else n for n in range(100_000)]


def test_rows_have_the_landing_schema_and_their_faults_in_the_order_of_fields() -> None:
    wanted = c.supply(
        c.field("a", c.INTEGER), c.field("b", c.DATE), c.field("gone"), null_values=("", "无")
    )
    text = pa.table({"b": ["x", "无", "2024-01-01"], "a": [" 1　", "y", ""]})
    rows = type_rows(text, wanted, SHANGHAI)
    assert rows["a"].to_pylist() == [1, None, None]
    assert rows["b"].to_pylist() == [None, None, date(2024, 1, 1)]
    assert rows["gone"].to_pylist() == [None] * 3
    assert rows["_faults"].to_pylist() == [
        [{"field": "b", "code": "not_date", "text": "x"}],
        [{"field": "a", "code": "not_integer", "text": "y"}],
        None,
    ]


def test_faults_of_the_reader_are_carried_on() -> None:
    known = pa.array([None, [{"field": "", "code": "too_wide", "text": "3"}]], pa.list_(FAULT))
    text = pa.table({"a": ["z", "z"], "_faults": known})
    rows = type_rows(text, c.supply(c.field("a", c.INTEGER)), SHANGHAI)
    codes = [[fault["code"] for fault in faults] for faults in rows["_faults"].to_pylist()]
    assert codes == [["not_integer"], ["too_wide", "not_integer"]]


def test_bytes_that_are_no_text_are_faults() -> None:
    raw = pa.array([b"ok", b"\xc4\xe3", None], pa.binary()).cast(pa.string(), safe=False)
    rows = type_rows(pa.table({"a": raw}), c.supply(c.field("a")), SHANGHAI)
    assert rows["a"].to_pylist() == ["ok", None, None]
    assert rows["_faults"].to_pylist()[1] == [
        {"field": "a", "code": "not_text", "text": "\\xc4\\xe3"}
    ]


@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), max_size=10))
def test_trimmed_text_is_what_python_and_the_servers_call_trimmed(texts: list[str | None]) -> None:
    from connectors.white_space import WHITE_SPACE

    rows = type_rows(
        pa.table({"a": pa.array(texts, pa.string())}), c.supply(c.field("a")), SHANGHAI
    )
    for found, faults, text in zip(rows["a"].to_pylist(), rows["_faults"].to_pylist(), texts,
                                   strict=True):  # fmt: skip
        if not faults:
            assert found == ((text or "").strip(WHITE_SPACE) or None)


def test_the_zone_of_a_field_goes_before_that_of_the_node() -> None:
    field = c.field("v", c.MOMENT, timezone="Europe/London")
    values, _ = both_ways(["2024-07-01 12:00:00"], field)
    assert values == [datetime(2024, 7, 1, 11, tzinfo=UTC)]
    values, _ = both_ways(["2024-07-01 12:00:00"], c.field("v", LOCAL))
    assert values == [datetime(2024, 7, 1, 12, tzinfo=UTC)]


def test_an_hour_that_the_clocks_repeat_is_the_first_of_the_two() -> None:
    field = c.field("v", c.MOMENT, timezone="Europe/London")
    values, _ = both_ways(["2024-10-27 01:30:00"], field)
    assert values == [datetime(2024, 10, 27, 0, 30, tzinfo=UTC)]
    assert values[0] - datetime(2024, 10, 27, tzinfo=UTC) == timedelta(minutes=30)
