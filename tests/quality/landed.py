"""One table of every kind of column, landed, and what each face says of a rule on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from quality.compile import compile_rule
from quality.compile.forms import Context, Form
from quality.entries import columns_of
from quality.expectations.run import Session, run_expectations
from quality.rule import Outcome, Rule
from quality.scan import scan
from schemas.arrow import landing_schema
from schemas.contract import Catalog, Code, CodeList, Field, FieldType, LogicalType, Supply
from schemas.properties import Department, SupplyProperties, Title

TEXT, WHOLE = FieldType(LogicalType.STRING), FieldType(LogicalType.INTEGER)
MONEY, DAY = FieldType(LogicalType.NUMBER, 18, 2), FieldType(LogicalType.DATE)
KINDS = {
    "a": TEXT,
    "b": TEXT,
    "n": WHOLE,
    "m": WHOLE,
    "x": MONEY,
    "y": FieldType(LogicalType.NUMBER, 9, 4),
    "f": FieldType(LogicalType.NUMBER),
    "d": DAY,
    "e": DAY,
    "t": FieldType(LogicalType.TIMESTAMP),
    "number": TEXT,  # identifiers of all kinds
    "code": TEXT,  # divisions
    "sex": TEXT,
    "born": DAY,
}
LISTS = {
    "colour": CodeList(
        "colour",
        (
            Code("a", "a", "甲", "a", "canonical"),
            Code("张三", "张三", "", "", "canonical"),
            Code("?", "a", "", "", "fixable"),
        ),
    ),
    "division": CodeList(
        "division",
        (
            Code("990101", "990101", "", "", "canonical"),
            Code("990102", "990102", "", "", "canonical", None, "2020-02-01"),
            Code("990108", "990108", "", "", "canonical", "2020-02-01", None),
            Code("9901", "990101", "", "", "fixable"),
        ),
    ),
}
DEPARTMENT = Department(name="test", title=Title(zh="测试", en="test"))


def a_supply(name: str, kinds: dict[str, FieldType]) -> Supply:
    return Supply(
        name=name,
        version="1.0.0",
        status="active",
        title="表",
        title_en="table",
        physical_name=name.rpartition("/")[2],
        fields=tuple(Field(name, name, kind, name) for name, kind in kinds.items()),
        quality=(),
        sla=(),
        description=None,
        domain=None,
        path=Path("t.odcs.yaml"),
        document={},
        department=DEPARTMENT,
        properties=SupplyProperties(),
    )


SUPPLY = a_supply("test/table", KINDS)
OTHER = a_supply("test/other", {"a": TEXT, "n": WHOLE})
OTHER_ROWS = [("a", 1), ("张三", 2), ("𠮷", 0), (None, 3), ("a", -1)]
CATALOG = Catalog(Path(), {}, {s.name: s for s in (SUPPLY, OTHER)}, {}, LISTS)
TABLES = {OTHER.name: "FROM other", SUPPLY.name: "FROM landing"}
CONTEXT = Context(SUPPLY, CATALOG, date(2020, 2, 1), TABLES)

EMPTY_ROW: dict[str, Any] = dict.fromkeys((*KINDS, "_faults"))


class Answer(NamedTuple):
    """What a face says: `counts` are (evaluated, failed) of a rule about rows."""

    exception: str | None
    success: bool
    counts: tuple[int, int] | None
    keys: frozenset[int]
    observed: float | None


def a_rule(kind: str, kwargs: dict[str, Any]) -> Rule:
    return Rule(kind, "r", columns_of(kwargs), kind, kwargs, "error", None, None, "test")


def landed(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    table = pa.Table.from_pylist(rows, landing_schema(SUPPLY))
    table = table.add_column(0, "_row", pa.array(range(len(rows)), pa.int64()))
    connection.register("landed", table)
    connection.execute("CREATE TABLE landing AS FROM landed")
    connection.execute("CREATE TABLE other (a VARCHAR, n BIGINT)")
    connection.executemany("INSERT INTO other VALUES (?, ?)", OTHER_ROWS)
    return connection


def answer(outcome: Outcome, connection: duckdb.DuckDBPyConnection) -> Answer:
    keys = connection.execute("SELECT DISTINCT _row FROM broken").fetchall()
    number = outcome.observed
    numeric = isinstance(number, int | float | Decimal) and not isinstance(number, bool)
    counts = (outcome.evaluated, outcome.failed) if outcome.rows else None
    return Answer(
        outcome.exception,
        outcome.success,
        counts,
        frozenset(key for (key,) in keys),
        round(float(number), 9) if numeric else None,
    )


def scanned(connection: duckdb.DuckDBPyConnection, rule: Rule, form: Form, rows: int) -> Answer:
    return answer(scan(connection, rows, [(rule, form)], {})[0], connection)


def ours(connection: duckdb.DuckDBPyConnection, rule: Rule, rows: int) -> Answer | None:
    """The compiled face's answer; None where the rule does not compile."""
    form = compile_rule(rule, CONTEXT)
    return None if form is None else scanned(connection, rule, form, rows)


def theirs(
    session: Session, connection: duckdb.DuckDBPyConnection, rule: Rule, rows: int
) -> Answer:
    connection.execute("CREATE OR REPLACE TEMP TABLE broken (_row BIGINT, rule INTEGER)")
    return answer(run_expectations(connection, CONTEXT, {0: rule}, rows, session)[0], connection)
