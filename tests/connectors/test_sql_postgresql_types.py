"""PostgreSQL: every legal value arrives as the server shows it, or is a fault with that text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import sqlalchemy

from schemas.contract import FieldType
from tests.connectors import sql_contracts as c

pytestmark = pytest.mark.server

DAYS = [
    "2024-02-29", "0001-01-01", "9999-12-31", "1582-10-10", "0044-03-15 BC", "4713-11-24 BC",
    "10000-01-01", "5874897-12-31", "infinity", "-infinity",
]  # fmt: skip
MOMENTS = [
    "2024-02-29 12:34:56.789", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999",
    "0001-12-31 23:59:59 BC", "4713-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999",
    "infinity", "-infinity", "1970-01-01 00:00:00", "1969-12-31 23:59:59.000001",
    "2024-01-01 24:00:00", "1986-05-04 02:30:00", "1940-06-01 00:30:00",
]  # fmt: skip
TEXTS = [
    "", " both ends ", "line\nbreak\r\n", "tab\tand\\backslash", "\\N", "\\.", "\\x41", '"quoted"',
    "it's", "NULL", "null", "欧阳𠮷", "　全角　", "%s %d", "a\x01b\x7f", "e\u0301", "1e5", "007",
]  # fmt: skip
DECIMALS = [
    "0", "1.10", "-1.10", "0.0001", "-0.00005", "9999999999999999.99", "10000", "100000000",
    "12345678.9", "0.00", "1e-9", "99999999999999999999", "NaN",
]  # fmt: skip
VALUES: dict[str, list[str]] = {
    "smallint": ["-32768", "0", "32767"],
    "integer": ["-2147483648", "0", "2147483647"],
    "bigint": ["-9223372036854775808", "0", "9223372036854775807"],
    "oid": ["0", "4294967295"],
    "numeric": [*DECIMALS, "Infinity", "-Infinity", "1" * 200 + "." + "3" * 100, "1e-100"],
    "numeric(38,10)": ["1234567890123456789012345678.0123456789", "-0.0000000001", "0", "NaN"],
    "numeric(18,2)": ["9999999999999999.99", "-9999999999999999.99", "0.01", "1", "NaN"],
    "numeric(5,-2)": ["1234500", "100"],
    "real": ["0.1", "3.4028235e38", "1e-45", "NaN", "Infinity", "-0"],
    "double precision": [
        "0.1", "0.30000000000000004", "1.7976931348623157e308", "5e-324", "NaN", "Infinity",
        "-Infinity", "-0", "1e15", "123456789012345680",
    ],
    "money": ["$1,234.56", "-$0.01", "92233720368547758.07"],
    "boolean": ["t", "f"],
    "text": TEXTS,
    "character varying(40)": TEXTS,
    "character(40)": [text for text in TEXTS if "𠮷" not in text],
    '"char"': ["a", ""],
    "name": ["pg_class"],
    "bytea": ["\\x", "\\x00ff41", "\\xdeadbeef"],
    "date": DAYS,
    "timestamp without time zone": MOMENTS,
    "timestamp(0) without time zone": ["2024-02-29 12:34:56.789"],
    "timestamp with time zone": [*(m for m in MOMENTS if "BC" not in m), "2024-02-29 12:00+05:45"],
    "time without time zone": ["00:00:00", "12:34:56.789012", "24:00:00"],
    "time with time zone": ["12:00:00+08", "24:00:00-15:59", "00:00:00.5+05:30:15"],
    "interval": ["1 year 2 mons -3 days 04:05:06.7", "-1 day", "00:00:00", "838:59:59"],
    "bit(5)": ["10101"],
    "bit varying(9)": ["", "101"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000"],
    "inet": ["192.168.0.1/24", "::1"],
    "cidr": ["10.0.0.0/8"],
    "macaddr": ["08:00:2b:01:02:03"],
    "json": ['{"a":  1, "b": [null, "x"]}', "[1]", "null", '"\\u4e2d"'],
    "jsonb": ['{"b": 1, "a": 2}'],
    "xml": ["<a>甲</a>", "text"],
    "integer[]": ["{1,NULL,3}", "{}", "{{1,2},{3,4}}"],
    "text[]": ['{"a,b",NULL,"NULL","q\\"uote",""}'],
    "numeric(10,2)[]": ["{1.10,NaN}"],
    "mood": ["高兴", "sad"],
    "amount_domain": ["12.30"],
    "pair": ["(1,\"a,b\")", "(,)"],
    "int4range": ["[1,5)", "empty"],
    "point": ["(1.5,2)"],
    "tsvector": ["'a':1 'b':2"],
    "pg_lsn": ["16/B374D848"],
}  # fmt: skip
TYPES = """
CREATE TYPE mood AS ENUM ('高兴', 'sad');
CREATE DOMAIN amount_domain AS numeric(18,2) CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, b text)
"""


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    """One table for each type."""
    server = psycopg.connect(_dsn(postgres_url), autocommit=True)
    server.execute("CREATE DATABASE all_types")
    url = sqlalchemy.make_url(postgres_url).set(database="all_types").render_as_string(False)
    with psycopg.connect(_dsn(url)) as connection:
        connection.execute(TYPES)
        for kind, values in VALUES.items():
            table = _table(kind)
            connection.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, v {kind})")
            for number, value in enumerate([*values, None]):
                row = f"INSERT INTO {table} VALUES (%s, %s::text::{kind})"
                connection.execute(row, (number, value))
    yield url
    server.execute("DROP DATABASE all_types WITH (FORCE)")
    server.close()


def _table(kind: str) -> str:
    return f"t{list(VALUES).index(kind)}"


def _shown(url: str, table: str) -> list[str | None]:
    """What the server's own output functions write: plain SELECT, the text protocol."""
    with psycopg.connect(_dsn(url), options="-c TimeZone=UTC") as connection:
        result = connection.pgconn.exec_(f"SELECT v FROM {table} ORDER BY id".encode())
        cells = [result.get_value(row, 0) for row in range(result.ntuples)]
    return [None if cell is None else cell.decode() for cell in cells]


def _dsn(url: str) -> str:
    return sqlalchemy.make_url(url).set(drivername="postgresql").render_as_string(False)


def _pulled(url: str, table: str, kind: FieldType) -> list[tuple[Any, str | None]]:
    """(value, fault text) of every row, by id; row fields as landed."""
    contract = c.supply(
        c.field("id", c.INTEGER, key=1), c.field("v", kind, trim=False), null_values=(), table=table
    )
    extract, chunks = c.pull(url, contract)
    rows = c.rows_of(chunks).to_pylist()
    assert extract.totals is not None and extract.totals.rows == len(rows)
    return [
        (row["v"], row["_faults"][0]["text"] if row["_faults"] else None)
        for row in sorted(rows, key=lambda row: row["id"])
    ]


@pytest.mark.parametrize("kind", VALUES)
def test_every_type_lands_as_text_as_the_server_shows_it(kind: str, database: str) -> None:
    landed = _pulled(database, _table(kind), c.TEXT)
    assert [value for value, _ in landed] == _shown(database, _table(kind))


def _wall_clock(text: str) -> datetime:
    """Shanghai, with the summer times of its past."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


TYPED: list[tuple[str, FieldType, Callable[[str], Any]]] = [
    ("smallint", c.INTEGER, int),
    ("integer", c.INTEGER, int),
    ("bigint", c.INTEGER, int),
    ("numeric", c.MONEY, Decimal),
    ("numeric", c.EXACT, Decimal),
    ("numeric(38,10)", c.EXACT, Decimal),
    ("numeric(18,2)", c.MONEY, Decimal),
    ("numeric(18,2)", c.INTEGER, lambda text: int(Decimal(text))),
    ("numeric(5,-2)", c.MONEY, Decimal),
    ("amount_domain", c.MONEY, Decimal),
    ("integer", c.MONEY, Decimal),
    ("real", c.DOUBLE, float),
    ("double precision", c.DOUBLE, float),
    ("boolean", c.BOOLEAN, lambda text: text == "t"),
    ("date", c.DATE, date.fromisoformat),
    ("timestamp without time zone", c.MOMENT, _wall_clock),
    ("timestamp with time zone", c.MOMENT, datetime.fromisoformat),
    ("time without time zone", c.TIME, str),
    ("json", c.JSON, str),
    ("text", c.INTEGER, int),
    ("text", c.DATE, date.fromisoformat),
]
FAULTS_EXPECTED = {
    ("numeric", c.MONEY): 9, ("numeric(18,2)", c.INTEGER): 4, ("date", c.DATE): 6,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "wanted", "meaning"), TYPED)
def test_every_value_is_equal_or_a_fault_that_shows_it(
    kind: str, wanted: FieldType, meaning: Callable[[str], Any], database: str
) -> None:
    faults, shown = 0, _shown(database, _table(kind))
    for (value, fault), text in zip(_pulled(database, _table(kind), wanted), shown, strict=True):
        if fault is not None:
            faults += 1
            assert (value, fault) == (None, text)
        elif text is None:
            assert value is None
        else:
            assert value == meaning(text)
            assert not (isinstance(value, float) and math.isnan(value))
    if (kind, wanted) in FAULTS_EXPECTED:
        assert faults == FAULTS_EXPECTED[kind, wanted]
    else:
        assert faults < len(shown) - 1 or wanted in (c.INTEGER, c.DATE)


def test_arrays_land_as_json_where_the_contract_promises_arrays(database: str) -> None:
    landed = _pulled(database, _table("text[]"), c.ARRAY)
    assert [value for value, _ in landed] == ['["a,b",null,"NULL","q\\"uote",""]', None]


def test_money_lands_as_a_number_where_the_contract_promises_one(database: str) -> None:
    landed = _pulled(database, _table("money"), FieldType(c.MONEY.logical, 20, 2))
    expected = [Decimal("1234.56"), Decimal("-0.01"), Decimal("92233720368547758.07"), None]
    assert [value for value, _ in landed] == expected


def test_bytes_of_a_database_without_encoding_become_faults(postgres_url: str) -> None:
    name = "ascii_only"
    c_url = sqlalchemy.make_url(postgres_url)
    with psycopg.connect(_dsn(postgres_url), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C'"
            " TEMPLATE template0"
        )
    url = c_url.set(database=name).render_as_string(False)
    try:
        with psycopg.connect(_dsn(url), autocommit=True) as connection:
            connection.execute("CREATE TABLE t (id integer PRIMARY KEY, v text)")
            connection.execute("INSERT INTO t VALUES (1, 'plain'), (2, E'\\xc4\\xe3')")
        landed = _pulled(url, "t", c.TEXT)
        assert landed == [("plain", None), (None, "\\xc4\\xe3")]
    finally:
        with psycopg.connect(_dsn(postgres_url), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
