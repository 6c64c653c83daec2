"""No value leaves the quarantine: samples are shapes that several rows share, or numbers."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.ledger.batches import list_batches
from hub.opened import open_hub
from hub.report.batch import batch_document
from hub.report.month import department_document
from hub.report.period import month_of
from hub.report.samples import EMPTY, LEAST_ROWS, RARE, collapsed, masked_sql
from hub.steps import check, collect
from quality.scorecard.configuration import shelf
from tests.report.town import FIRST, catalog

SHELF = shelf()
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def masked(engine: duckdb.DuckDBPyConnection, value: str) -> str:
    query = f"SELECT {masked_sql('CAST(? AS VARCHAR)')}"
    (shape,) = engine.execute(query, [value]).fetchone() or ("",)
    return str(shape)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("110105194912310024", "9{18}"),
        ("11010519491231002X", "9{17}A"),
        ("张三", "文文"),
        ("欧阳娜娜子", "文{5}"),
        ("Ann-Lee 42", "Aaa-Aaa 99"),
        ("１２３", "999"),
        ("é ß", "a a"),
        ("a+b", "a?a"),
        ("Ы-ы", "A-a"),
        ("2026-02-30", "9{4}-99-99"),
    ],
)
def test_a_value_is_shown_by_its_shape(
    engine: duckdb.DuckDBPyConnection, value: str, shape: str
) -> None:
    assert collapsed(masked(engine, value)) == shape


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=TEXT)
def test_a_shape_holds_nothing_but_classes_punctuation_and_lengths(
    engine: duckdb.DuckDBPyConnection, value: str
) -> None:
    shape = masked(engine, value)
    assert len(shape) == len(value)
    for character in shape:
        assert character in "9Aa文 ?" or unicodedata.category(character).startswith("P")


# Letters of three alphabets and digits that are no shape of themselves: 文, a, A, 9 stay out.
LETTERS = "bcdefgzBCDXYZ赵钱孙李周吴郑王012345678"
VALUES = st.lists(st.text(LETTERS, min_size=3, max_size=14), min_size=1, max_size=12, unique=True)


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=VALUES, copies=st.integers(1, 4))
def test_no_cell_of_the_quarantine_ever_stands_in_a_report(values: list[str], copies: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = catalog(folder / "catalog")
        path = root / "contracts/supply/office/register.odcs.yaml"
        text = path.read_text("utf-8").replace(
            "businessName: 名称, logicalType: string,",
            "businessName: 名称, logicalType: string, logicalTypeOptions: {pattern: '^~$'},",
        )
        path.write_text(text, encoding="utf-8")
        (folder / "home").mkdir()
        connection = sqlite3.connect(folder / "home/office.db")
        connection.execute("CREATE TABLE register (number, label, since, until)")
        rows = [
            (f"#{n}-{copy}", value, f"{value}?", None)
            for n, value in enumerate(values)
            for copy in range(copies)
        ]
        connection.executemany("INSERT INTO register VALUES (?, ?, ?, ?)", rows)
        connection.commit()
        connection.close()
        with open_hub(folder / "home", root) as hub:
            now = FIRST + timedelta(minutes=1)
            hub = replace(hub, now=lambda: now)
            [batch] = collect(hub, "office/register", FIRST)
            assert check(hub, batch).counts.quarantined == len(rows)
            documents = [
                batch_document(hub, SHELF, list_batches(hub.ledger)[0].id, now),
                department_document(hub, SHELF, "office", month_of(FIRST), now),
            ]
        for document in documents:
            assert document.samples
            said = " ".join(
                text
                for sample in document.samples
                for text in (sample.shape, sample.field, sample.rule_id)
            )
            whole = json.dumps(asdict(document), ensure_ascii=False)
            for value in values:
                assert value not in said
                if not value.isdigit():  # a number of three digits may be a count
                    assert value not in whole
            for sample in document.samples:
                assert sample.shape == RARE or sample.rows >= LEAST_ROWS
            for rule, field in {(s.rule_id, s.field) for s in document.samples}:
                some = [s for s in document.samples if (s.rule_id, s.field) == (rule, field)]
                failed = {r.rule_id: r.failed for r in document.rules}[rule]
                assert sum(s.rows for s in some) == failed


def test_a_missing_value_is_named_as_missing(tmp_path: Path) -> None:
    root = catalog(tmp_path / "catalog")
    (tmp_path / "home").mkdir()
    connection = sqlite3.connect(tmp_path / "home/office.db")
    connection.execute("CREATE TABLE register (number, label, since, until)")
    connection.executemany(
        "INSERT INTO register VALUES (?, NULL, NULL, NULL)", [(str(n),) for n in range(5)]
    )
    connection.commit()
    connection.close()
    with open_hub(tmp_path / "home", root) as hub:
        [batch] = collect(hub, "office/register", FIRST)
        check(hub, batch)
        document = batch_document(hub, SHELF, batch, hub.now())
    assert [(s.field, s.shape, s.rows) for s in document.samples] == [("label", EMPTY, 5)]
