"""Number, birthday and sex of one person: both faces say the same, and the standards' traps."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.identifiers.agreement import agrees, agrees_sql
from quality.identifiers.resident_id import check_character

BORN = date(1949, 12, 31)
WOMAN = "11010519491231002X"

CASES = [
    (WOMAN, BORN, "2", True),
    (WOMAN, BORN, "1", False),
    (WOMAN, date(1949, 12, 13), "2", False),
    (WOMAN, date(1949, 12, 13), None, False),
    (WOMAN, None, None, True),
    (WOMAN, BORN, "0", True),
    (WOMAN, BORN, "9", True),
    ("１１０１０５１９４９１２３１００２ｘ", BORN, "1", False),
    ("110105491231002", BORN, "2", True),
    ("110105491231002", BORN, "1", False),
    ("110105491231996", date(1849, 12, 31), "2", True),
    ("110105491231995", date(1849, 12, 31), "1", False),
    ("110105194902300020", date(1949, 3, 2), "2", True),  # no such day: another verdict says so
    ("11010519491231", date(1950, 1, 1), "1", True),  # malformed: another verdict says so
    (None, BORN, "1", True),
]


@pytest.mark.parametrize(("number", "born", "sex", "agreed"), CASES)
def test_only_what_contradicts_fails(number: Any, born: Any, sex: Any, agreed: bool) -> None:
    assert agrees(number, born, sex) is agreed
    assert by_sql([(number, born, sex)]) == [agreed]


def by_sql(rows: list[tuple[Any, Any, Any]]) -> list[bool]:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (i INTEGER, number VARCHAR, born DATE, sex VARCHAR)")
    connection.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?)", [(i, *row) for i, row in enumerate(rows)]
    )
    face = agrees_sql("number", "born", "sex")
    return [good for (good,) in connection.execute(f"SELECT {face} FROM t ORDER BY i").fetchall()]


DAYS = st.dates(date(1880, 1, 1), date(2026, 1, 1))


@st.composite
def people(draw: Any) -> tuple[str, date, str]:
    born, place = draw(DAYS), draw(st.integers(0, 999))
    if draw(st.booleans()):
        body = f"990101{born:%Y%m%d}{place:03}"
        number = body + check_character(body)
    else:
        number = f"990101{born:%y%m%d}{place:03}"
    return number, draw(st.just(born) | DAYS), draw(st.sampled_from(["0", "1", "2", "9", "5"]))


@settings(deadline=None, max_examples=20)
@given(st.lists(people(), min_size=1, max_size=40))
def test_both_faces_agree(rows: list[tuple[str, date, str]]) -> None:
    assert by_sql(rows) == [agrees(*row) for row in rows]
