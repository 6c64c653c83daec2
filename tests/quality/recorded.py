"""Great Expectations' own answers, recorded: `python -m tests.quality.recorded` writes them anew.

Of many drawn cases those are kept that tell the true rule from its mutants.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quality.compile import SQL_ALONE, compile_rule
from quality.errors import RuleError
from quality.expectations.run import Session
from quality.suite import plain
from schemas.contract import LogicalType
from tests.quality.arguments import CELLS, STRATEGIES
from tests.quality.landed import CONTEXT, KINDS, Answer, a_rule, landed, scanned, theirs
from tests.quality.mutants import mutants

PATH = Path(__file__).parent / "golden" / "great_expectations.json"
DRAWN = 30
BARE = 6  # so many cases are tried on tables of nothing
ROWS = 26


def written(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else plain(value)


def read_row(row: dict[str, Any]) -> dict[str, Any]:
    return {"_faults": None} | {name: _cell(name, value) for name, value in row.items()}


def _cell(name: str, value: Any) -> Any:
    kind = KINDS[name]
    if value is None:
        return None
    if kind.scale is not None:
        return Decimal(value)
    if kind.logical is LogicalType.DATE:
        return date.fromisoformat(value)
    if kind.logical is LogicalType.TIMESTAMP:
        return datetime.fromisoformat(value)
    return value


@cache
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def tables() -> dict[str, tuple[duckdb.DuckDBPyConnection, int]]:
    """A connection for each recorded table, and its number of rows."""
    known = recorded()["tables"].items()
    return {name: (landed([read_row(r) for r in rows]), len(rows)) for name, rows in known}


def cases(kind: str) -> Iterator[tuple[dict[str, Any], str, Answer]]:
    """(arguments, table, Great Expectations' answer) of one type."""
    for case in recorded()["cases"][kind]:
        success, counts, keys, observed = case["answer"]
        told = Answer(None, success, counts and tuple(counts), frozenset(keys), observed)
        yield case["kwargs"], case["table"], told


def same(found: Answer, told: Answer) -> bool:
    if told.observed is None or found.observed is None:
        found, told = found._replace(observed=None), told._replace(observed=None)
    return found == told


def drawn_tables() -> dict[str, list[dict[str, Any]]]:
    """Rows with gaps, rows without, no rows, and rows of nothing."""
    chance = random.Random(36344)
    pools: dict[str, list[Any]] = {name: [] for name in CELLS}

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(st.tuples(*CELLS.values()))
    def draw(values: tuple[Any, ...]) -> None:
        for name, value in zip(CELLS, values, strict=True):
            pools[name].append(value)

    draw()

    def row(gaps: float) -> dict[str, Any]:
        return {
            name: None if chance.random() < gaps else written(chance.choice(pool))
            for name, pool in pools.items()
        }

    return {
        "gaps": [row(0.2) for _ in range(ROWS)],
        "full": [row(0.0) for _ in range(ROWS)],
        "null": [dict.fromkeys(KINDS) for _ in range(2)],
        "none": [],
    }


def drawn_arguments(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=DRAWN,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGIES[kind])
    def draw(kwargs: dict[str, Any]) -> None:
        told = {key: written(value) for key, value in kwargs.items()}
        if told not in found:
            found.append(told)

    draw()
    return found


def telling(kind: str, landings: dict[str, Any], session: Session) -> list[dict[str, Any]]:
    """The cases of one type that tell it from its mutants, with Great Expectations' answers."""
    kept: list[dict[str, Any]] = []
    killed: set[str] = set()
    for number, kwargs in enumerate(drawn_arguments(kind)):
        rule = a_rule(kind, kwargs)
        try:
            form = compile_rule(rule, CONTEXT)
        except RuleError:
            continue
        if form is None:
            continue
        for table, (connection, rows) in landings.items():
            if table in ("null", "none") and number >= BARE:
                continue
            true = scanned(connection, rule, form, rows)
            new = {
                name
                for name, broken, test in mutants(kind, kwargs)
                if name not in killed and not same(scanned(connection, broken, test, rows), true)
            }
            if not new and not (len(kept) < 2 and table == "gaps"):
                continue
            told = true if kind in SQL_ALONE else theirs(session, connection, rule, rows)
            if told.exception is None and true.exception is None:
                killed |= new
                answer = [told.success, told.counts, sorted(told.keys), told.observed]
                kept.append({"kwargs": kwargs, "table": table, "answer": answer})
    return kept


def main() -> None:
    """Record the types that are not recorded yet; to record one anew, take it out of the file."""
    document = recorded() if PATH.exists() else {"tables": drawn_tables(), "cases": {}}
    rows_of = document["tables"].items()
    landings = {name: (landed([read_row(r) for r in t]), len(t)) for name, t in rows_of}
    session = Session()
    for kind in sorted(STRATEGIES.keys() - document["cases"].keys()):
        document["cases"][kind] = telling(kind, landings, session)
        print(kind, len(document["cases"][kind]), flush=True)
        _write(document)


def _write(document: dict[str, Any]) -> None:
    """One line per table and type, so that a change shows where it is."""
    parts = []
    for section, found in document.items():
        lines = [
            f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}"
            for k, v in sorted(found.items())
        ]
        parts.append(f"{json.dumps(section)}: {{\n" + ",\n".join(lines) + "\n}")
    PATH.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
