"""MariaDB: every legal value arrives as the server shows it, or is a fault with that text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pymysql
import pytest
import sqlalchemy

from schemas.contract import FieldType
from tests.connectors import sql_contracts as c

pytestmark = pytest.mark.server

TEXTS = [
    "", " both ends", "line\nbreak\r\n", "tab\tand\\backslash", "\\N", '"quoted"', "it's", "NULL",
    "null", "欧阳", "　全角　", "%s %d", "a\x01b\x7f", "\x00", "1e5", "007", "0x10",
]  # fmt: skip
VALUES: dict[str, list[str]] = {
    "tinyint": ["-128", "0", "127"],
    "tinyint(1)": ["0", "1", "7"],
    "tinyint unsigned": ["255"],
    "smallint": ["-32768"],
    "mediumint unsigned": ["16777215"],
    "int": ["-2147483648", "2147483647"],
    "int(5) unsigned zerofill": ["42", "4294967295"],
    "bigint": ["-9223372036854775808", "9223372036854775807"],
    "bigint unsigned": ["0", "9223372036854775807", "9223372036854775808", "18446744073709551615"],
    "decimal(18,2)": ["9999999999999999.99", "-0.01", "0", "-0.00"],
    "decimal(65,30)": ["1" * 35 + "." + "9" * 30, "0.1", "12345678.9", "-1e-30"],
    "decimal(38,10)": ["1234567890123456789012345678.0123456789", "0"],
    "decimal(38,0)": ["9" * 38],
    "float": ["0.1", "3.40282e38", "1e-20"],
    "double": ["0.1", "0.30000000000000004", "1.7976931348623157e308", "5e-324", "1e15", "-0"],
    "bit(1)": ["1", "0"],
    "bit(10)": ["5", "1023"],
    "year": ["2024", "0000", "1901", "2155"],
    "date": ["2024-02-29", "0001-01-01", "9999-12-31", "0000-00-00", "2024-00-10", "2024-02-00"],
    "datetime": ["2024-02-29 12:34:56", "0000-00-00 00:00:00", "9999-12-31 23:59:59"],
    "datetime(6)": ["2024-02-29 12:34:56.789012", "1986-05-04 02:30:00", "1000-01-01 00:00:00"],
    "timestamp": ["2024-02-29 12:34:56", "1970-01-01 00:00:01", "0000-00-00 00:00:00"],
    "timestamp(3)": ["2024-02-29 12:34:56.789"],
    "time": ["12:34:56", "838:59:59", "-838:59:59", "24:00:00", "00:00:00"],
    "time(6)": ["12:34:56.789012"],
    "char(20)": [text for text in TEXTS if text],
    "varchar(40)": TEXTS,
    "longtext": [*TEXTS, "甲" * 300, "x" * 70000],
    "varchar(40) character set gbk": ["欧阳娜娜", "", "￥"],
    "varchar(40) character set latin1": ["café", "ÿ"],
    "varchar(40) character set utf8mb3": ["欧阳"],
    "varchar(40) character set ucs2": ["欧阳"],
    "varchar(40) collate utf8mb4_bin": ["𠮷", "a", "A"],
    "enum('男','女','')": ["男", "女", ""],
    "set('a','b','丙')": ["", "a", "a,丙"],
    "json": ['{"a":  [1, null], "甲": "x"}', "[]"],
    "inet6": ["::1", "2001:db8::ff00:42:8329"],
    "uuid": ["123e4567-e89b-12d3-a456-426655440000"],
}  # fmt: skip


def _connect(url: str, **options: Any) -> Any:
    at = sqlalchemy.make_url(url)
    return pymysql.connect(
        host=at.host, port=at.port or 0, user=at.username or "", database=at.database,
        charset="utf8mb4", autocommit=True, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def database(mariadb_url: str) -> Iterator[str]:
    """One table for each type, named t0, t1 …"""
    url = sqlalchemy.make_url(mariadb_url).set(database="all_types").render_as_string(False)
    with _connect(mariadb_url) as server, server.cursor() as cursor:
        cursor.execute("CREATE DATABASE all_types CHARACTER SET utf8mb4")
    with _connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
        for number, (kind, values) in enumerate(VALUES.items()):
            cursor.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY, v {kind} NULL)")
            for row, value in enumerate(values):
                shown: Any = int(value) if kind.startswith("bit") else value
                cursor.execute(f"INSERT INTO t{number} VALUES (%s, %s)", (row, shown))
            cursor.execute(f"INSERT INTO t{number} VALUES (%s, NULL)", (len(values),))
    yield url
    with _connect(mariadb_url) as server, server.cursor() as cursor:
        cursor.execute("DROP DATABASE all_types")


def _shown(url: str, kind: str) -> list[str | None]:
    """The cells of a plain SELECT in the text protocol, with no decoder on them."""
    with _connect(url, conv={}) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(f"SELECT v FROM t{list(VALUES).index(kind)} ORDER BY id")
        return [text for (text,) in cursor.fetchall()]


def _pulled(url: str, kind: str, wanted: FieldType) -> list[tuple[Any, str | None]]:
    table = f"t{list(VALUES).index(kind)}"
    contract = c.supply(
        c.field("id", c.INTEGER, key=1),
        c.field("v", wanted, trim=False),
        table=table,
        null_values=(),
    )
    extract, chunks = c.pull(url, contract)
    rows = c.rows_of(chunks).to_pylist()
    assert extract.totals is not None and extract.totals.rows == len(rows)
    return [(row["v"], row["_faults"][0]["text"] if row["_faults"] else None) for row in rows]


@pytest.mark.parametrize("kind", [kind for kind in VALUES if not kind.startswith("bit")])
def test_every_type_lands_as_text_as_the_server_shows_it(kind: str, database: str) -> None:
    for (value, fault), text in zip(
        _pulled(database, kind, c.TEXT), _shown(database, kind), strict=True
    ):
        assert (value, fault) == ((None, text) if text and "\0" in text else (text, None))


def _wall_clock(text: str) -> datetime:
    shown = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return shown.astimezone(UTC)


TYPED: list[tuple[str, FieldType, Callable[[str], Any], int]] = [
    ("tinyint", c.INTEGER, int, 0),
    ("tinyint(1)", c.BOOLEAN, lambda text: text == "1", 1),
    ("int(5) unsigned zerofill", c.INTEGER, int, 0),
    ("bigint", c.INTEGER, int, 0),
    ("bigint unsigned", c.INTEGER, int, 2),
    ("bigint unsigned", FieldType(c.INTEGER.logical, 20), Decimal, 0),
    ("decimal(18,2)", c.MONEY, Decimal, 0),
    ("decimal(65,30)", c.MONEY, Decimal, 2),
    ("decimal(38,10)", c.EXACT, Decimal, 0),
    ("float", c.DOUBLE, float, 0),
    ("double", c.DOUBLE, float, 0),
    ("year", c.INTEGER, int, 0),
    ("date", c.DATE, date.fromisoformat, 3),
    ("datetime", c.MOMENT, _wall_clock, 1),
    ("datetime(6)", c.MOMENT, _wall_clock, 1),
    ("timestamp", c.MOMENT, lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC), 1),
    ("timestamp(3)", c.MOMENT, lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC), 0),
    ("time", c.TIME, str, 3),
    ("json", c.JSON, str, 0),
    ("varchar(40)", c.INTEGER, int, 16),
]


@pytest.mark.parametrize(("kind", "wanted", "meaning", "faults"), TYPED)
def test_every_value_is_equal_or_a_fault_that_shows_it(
    kind: str, wanted: FieldType, meaning: Callable[[str], Any], faults: int, database: str
) -> None:
    found, shown = 0, _shown(database, kind)
    for (value, fault), text in zip(_pulled(database, kind, wanted), shown, strict=True):
        if fault is not None:
            found += 1
            assert (value, fault) == (None, text)
        else:
            assert value == (None if text is None else meaning(text))
    assert found == faults


@pytest.mark.parametrize(
    ("kind", "wanted", "expected"),
    [
        ("bit(1)", c.BOOLEAN, [True, False, None]),
        ("bit(10)", c.INTEGER, [5, 1023, None]),
        ("bit(10)", c.TEXT, ["0000000101", "1111111111", None]),
    ],
)
def test_bits_land_as_what_they_mean(
    kind: str, wanted: FieldType, expected: list[Any], database: str
) -> None:
    assert [value for value, _ in _pulled(database, kind, wanted)] == expected


def test_bytes_land_as_hexadecimal(mariadb_database: str) -> None:
    c.execute(
        mariadb_database,
        "CREATE TABLE t (id varbinary(4) PRIMARY KEY, v blob)",
        "INSERT INTO t VALUES (0x00ff, 0xc4e300), (0x01, ''), (0x02, NULL)",
    )
    contract = c.supply(c.field("id", key=1), c.field("v"), null_values=(), chunk_rows=1)
    _, chunks = c.pull(mariadb_database, contract)
    assert c.rows_of(chunks)["v"].to_pylist() == ["0xC4E300", "0x", None]
    _, rest = c.pull(mariadb_database, contract, after=chunks[0].after)
    assert c.rows_of(rest)["id"].to_pylist() == ["0x01", "0x02"]


def test_rows_longer_than_a_packet_arrive_whole(mariadb_database: str) -> None:
    sizes = [2**24 - 6, 2**24 - 5, 2**24 - 4, 2**24 + 10, 2**25, 3]
    c.execute(
        mariadb_database,
        "CREATE TABLE t (id int PRIMARY KEY, v longtext)",
        *(f"INSERT INTO t VALUES ({i}, repeat('a', {size}))" for i, size in enumerate(sizes)),
    )
    contract = c.supply(c.field("id", c.INTEGER, key=1), c.field("v", trim=False))
    _, chunks = c.pull(mariadb_database, contract)
    assert [len(text) for text in c.rows_of(chunks)["v"].to_pylist()] == sizes
