"""Great Expectations' own answers, recorded: `python -m tests.quality.recorded` writes them anew.

Of many drawn cases those are kept that tell the true rule from its mutants.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quality.compile import SQL_ALONE
from quality.errors import RuleError
from quality.expectations.run import Session
from quality.suite import plain
from schemas.contract import LogicalType
from tests.quality.arguments import CELLS, NUMBERS, STRATEGIES, WORDS
from tests.quality.landed import KINDS, Answer, a_rule, landed, ours, scanned, theirs
from tests.quality.mutants import mutants
from tests.quality.telling_cases import CASES, FIGURES

PATH = Path(__file__).parent / "golden" / "great_expectations.json"
DRAWN = 30
MORE_NUMBERS = ["11010519491231002X01", "11010519491231003X01", " 990101", "990101 ", "a"]
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
        "numbers": [
            dict.fromkeys(KINDS)
            | {"number": number, "a": WORDS[n % len(WORDS)], "n": n % 3, "sex": "2"}
            | {"d": "2020-02-01", "code": f"99010{(1, 2, 8)[n % 3]}"}
            | {"born": "1849-12-31" if number.endswith("1996") else "1949-12-31"}
            for n, number in enumerate((*NUMBERS, *MORE_NUMBERS))
        ],
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


def edges(kind: str, table: str, landing: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Bounds that lie exactly on the figure of the table, and beside it."""
    if kind not in FIGURES:
        return
    found = _ours(kind, FIGURES[kind] | {"min_value": -(10**6)}, landing)
    if found is None or found.observed is None:
        return
    seen = int(found.observed) if found.observed == int(found.observed) else found.observed
    for end in ("min", "max"):
        for strict in (False, True):
            yield FIGURES[kind] | {f"{end}_value": seen, f"strict_{end}": strict}, table
    for low in (seen - 2, seen + 1):
        yield FIGURES[kind] | {"min_value": low, "max_value": low + 1}, table


def telling(kind: str, landings: dict[str, Any], session: Session) -> list[dict[str, Any]]:
    """Cases of one type that tell it from its mutants, with Great Expectations' answers."""
    kept: list[dict[str, Any]] = []
    killed: set[str] = set()
    for number, kwargs in enumerate(drawn_arguments(kind)):
        for table, landing in landings.items():
            if table in ("null", "none", "numbers") and number >= BARE:
                continue
            true = _ours(kind, kwargs, landing)
            if true is None:
                break
            new = _killed(kind, kwargs, table, landings, killed)
            if (new or (len(kept) < 2 and table == "gaps")) and keep(
                kind, kwargs, table, landings, session, kept
            ):
                killed |= new
    return kept


def by_hand(kind: str, landings: dict[str, Any], session: Session, kept: list[Any]) -> None:
    """Add the cases that are written by hand, and the edges of figures."""
    bounds = [
        case for name in ("gaps", "full", "null") for case in edges(kind, name, landings[name])
    ]
    for kwargs, table in (*CASES.get(kind, ()), *bounds):
        if not any(case["kwargs"] == kwargs and case["table"] == table for case in kept):
            keep(kind, kwargs, table, landings, session, kept)


def keep(
    kind: str,
    kwargs: dict[str, Any],
    table: str,
    landings: dict[str, Any],
    session: Session,
    kept: list[Any],
) -> bool:
    """Record one case, unless pandas cannot answer it (it compares nothing with a number)."""
    connection, rows = landings[table]
    true = _ours(kind, kwargs, landings[table])
    rule = a_rule(kind, kwargs)
    told = true if kind in SQL_ALONE else theirs(session, connection, rule, rows)
    if true is None or told is None or told.exception or true.exception:
        return False
    answer = [told.success, told.counts, sorted(told.keys), told.observed]
    kept.append({"kwargs": kwargs, "table": table, "answer": answer})
    return True


def _ours(kind: str, kwargs: dict[str, Any], landing: Any) -> Answer | None:
    try:
        return ours(landing[0], a_rule(kind, kwargs), landing[1])
    except RuleError:
        return None


def _killed(
    kind: str, kwargs: dict[str, Any], table: str, landings: dict[str, Any], known: set[str]
) -> set[str]:
    connection, rows = landings[table]
    true = _ours(kind, kwargs, landings[table])
    return {
        name
        for name, broken, test in mutants(kind, kwargs)
        if true is not None
        and name not in known
        and not same(scanned(connection, broken, test, rows), true)
    }


def main() -> None:
    """Record the types that are named, or all; recorded cases stay (delete them to draw anew)."""
    document = recorded() if PATH.exists() else {"tables": {}, "cases": {}}
    document["tables"] = drawn_tables() | document["tables"]
    rows_of = document["tables"].items()
    landings = {name: (landed([read_row(r) for r in t]), len(t)) for name, t in rows_of}
    session = Session()
    for kind in sys.argv[1:] or sorted(STRATEGIES):
        if not document["cases"].get(kind):
            document["cases"][kind] = telling(kind, landings, session)
        by_hand(kind, landings, session, document["cases"][kind])
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
