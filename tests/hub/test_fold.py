"""The fold of batches equals a dictionary that is updated batch by batch."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.fold import Segment, fold_sql
from schemas.arrow import arrow_schema
from schemas.contract import Supply

CHANGES = st.lists(
    st.dictionaries(
        st.sampled_from("abcdef"), st.one_of(st.none(), st.text(max_size=3)), max_size=6
    ),
    max_size=5,
)


def _segment(
    folder: Path, supply: Supply, position: int, changes: dict[str, str | None]
) -> Segment:
    present = arrow_schema(supply)
    rows = [
        {
            "number": key,
            "label": label,
            "amount": None,
            "_hash": str(label),
            "_source_key": key,
            "_op": "delete" if label is None else "insert",
        }
        for key, label in changes.items()
    ]
    for name in ("_hash", "_source_key", "_op"):
        present = present.append(pa.field(name, pa.string()))
    path = folder / f"{position}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, present), path)
    return Segment(path, f"batch-{position}", len(rows))


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=CHANGES)
def test_the_newest_row_of_each_key_survives_and_deleted_keys_are_gone(
    supply: Supply, history: list[dict[str, str | None]]
) -> None:
    expected: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as name:
        segments = []
        for position, changes in enumerate(history):
            if position == 0:  # a first batch has nothing to delete
                changes = {key: label for key, label in changes.items() if label is not None}
            segments.append(_segment(Path(name), supply, position, changes))
            for key, label in changes.items():
                if label is None:
                    expected.pop(key, None)
                else:
                    expected[key] = (label, f"batch-{position}")
        rows = duckdb.sql(
            f"SELECT _source_key, label, _batch FROM ({fold_sql(supply, segments)})"
        ).fetchall()
    assert {key: (label, batch) for key, label, batch in rows} == expected
    assert len(rows) == len(expected)


def test_a_column_that_an_older_contract_lacked_is_null(supply: Supply, tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    pq.write_table(pa.table({"number": ["1"], "_hash": ["h"], "_source_key": ["1"]}), path)
    rows = duckdb.sql(fold_sql(supply, [Segment(path, "b", 1)])).fetchall()
    assert rows == [("1", None, None, "h", "1", "b")]
