"""What Great Expectations runs in SQL alone, held against its own answers on SQLite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quality.compile import SQL_ALONE
from quality.expectations.run import Session, expectation
from tests.quality.arguments import STRATEGIES, TABLES
from tests.quality.landed import OTHER_ROWS, Answer, a_rule, landed, ours

KEYS = {"result_format": "COMPLETE", "unexpected_index_column_names": ["_row"]}
COLUMNS = ["a", "b", "n", "m"]


class OnSqlite:
    """A SQLite file with both tables, and Great Expectations on it."""

    def __init__(self, folder: Path) -> None:
        import sqlalchemy

        url = f"sqlite:///{folder / 'rows.db'}"
        self.engine = sqlalchemy.create_engine(url)
        self.context = Session().context
        self.source = self.context.data_sources.add_sqlite("rows", connection_string=url)
        self.context.data_sources.add_sqlite("test/other", connection_string=url)
        other = pd.DataFrame(OTHER_ROWS, columns=["a", "n"])
        other.to_sql("other", self.engine, index=False)
        self.made = 0

    def batch(self, rows: list[dict[str, Any]]) -> Any:
        self.made += 1
        frame = pd.DataFrame([{c: row[c] for c in COLUMNS} for row in rows], columns=COLUMNS)
        frame = frame.astype({"n": "Int64", "m": "Int64"})
        frame.insert(0, "_row", range(len(rows)))
        name = f"t{self.made}"
        frame.to_sql(name, self.engine, index=False)
        asset = self.source.add_table_asset(name, table_name=name)
        return asset.add_batch_definition_whole_table(name).get_batch()

    def answer(self, batch: Any, kind: str, kwargs: dict[str, Any]) -> Answer:
        given = dict(kwargs)
        if "comparison_query" in given:  # the other source's table has a name there
            given["comparison_query"] = given["comparison_query"].replace("{batch}", "other")
        if given.get("other_table_name"):
            given["other_table_name"] = "other"
        found = batch.validate(expectation(kind, given), result_format=KEYS)
        result = found.result
        assert result, found.exception_info
        if kind.startswith("expect_column"):
            listed = result.get("unexpected_index_list") or []
            keys = frozenset(int(key["_row"]) for key in listed)
            counted = result["element_count"] - result["missing_count"]
            counts = (counted, result["unexpected_count"] or 0)
            return Answer(None, bool(found.success), counts, keys, None)
        return Answer(None, bool(found.success), None, frozenset(), None)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSqlite]:
    yield OnSqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.mark.slow
def test_sql_rules_answer_as_great_expectations_does_on_sqlite(sqlite: OnSqlite) -> None:
    failures: list[Any] = []
    compared: Counter[str] = Counter()
    drawn = st.fixed_dictionaries({kind: STRATEGIES[kind] for kind in sorted(SQL_ALONE)})

    @settings(
        max_examples=3,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(TABLES | st.just([]), drawn)
    def hold(table: list[dict[str, Any]], arguments: dict[str, dict[str, Any]]) -> None:
        # SQLite's LIKE is blind to the case of ASCII letters, which DuckDB's is not.
        table = [row | {c: row[c] and row[c].lower() for c in ("a", "b")} for row in table]
        connection, batch = landed(table), sqlite.batch(table)
        for kind, kwargs in arguments.items():
            kwargs = {
                k: v for k, v in kwargs.items() if k not in ("row_condition", "condition_parser")
            }
            if kwargs.get("other_table_name"):
                kwargs["other_table_name"] = "test/other"
            found = ours(connection, a_rule(kind, kwargs), len(table))
            assert found is not None
            expected = sqlite.answer(batch, kind, kwargs)
            compared[kind] += 1
            if found.counts and kind == "unexpected_rows_expectation":  # there it knows no keys
                assert found.counts[1] == len(found.keys)
                found = found._replace(counts=None, keys=frozenset())
            if found._replace(observed=None) != expected:
                failures.append((kind, kwargs, found, expected))

    hold()
    assert not failures, "\n".join(map(str, failures[:6]))
    assert compared.keys() == SQL_ALONE
