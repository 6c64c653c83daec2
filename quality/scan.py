"""One DuckDB pass over a landing: every row that breaks a rule, with the rule that it breaks.

The connection must hold a relation `landing` (`_row`, the fields as they are read, `_faults`). It
may hold `others` (the fields of the table's rows outside of the batch) and then `whole` (the fields
of both). The result is the temporary table `broken` (`_row`, `rule`: place in the list of rules),
besides the outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from quality import sql
from quality.compile.forms import FaultTest, Form, RowsTest, RowTest, TableTest, UniqueTest
from quality.derived import ROW
from quality.rule import Outcome, Rule

RULES_A_PASS = 60  # one bit each of a BIGINT
HASHES_A_PASS = 4_000_000  # above, aggregating spills, which costs more than one more scan

Numbered = list[tuple[int, Rule, Form]]


def null_counts(parts: Sequence[Path]) -> dict[str, int]:
    """Null cells per column, from the Parquet footers; a column without statistics is absent."""
    import pyarrow.parquet as pq

    counts: dict[str, int] = {}
    unknown: set[str] = set()
    for part in parts:
        footer = pq.read_metadata(part)
        for group in range(footer.num_row_groups):
            for place in range(footer.num_columns):
                column = footer.row_group(group).column(place)
                name, statistics = column.path_in_schema, column.statistics
                if statistics is None or not statistics.has_null_count:
                    unknown.add(name)
                else:
                    counts[name] = counts.get(name, 0) + statistics.null_count
    return {name: count for name, count in counts.items() if name not in unknown}


def scan(
    connection: duckdb.DuckDBPyConnection,
    rows: int,
    tests: Sequence[tuple[Rule, Form | None]],
    nulls: dict[str, int],
    others: bool = False,
) -> dict[int, Outcome]:
    """Run all compiled tests; outcomes by place in `tests`. A test of None is left out.

    `nulls`: null cells per column where the footers tell, and the relation does not add any.
    """
    numbered = [(i, rule, form) for i, (rule, form) in enumerate(tests) if form is not None]
    connection.execute("CREATE OR REPLACE TEMP TABLE broken (_row BIGINT, rule INTEGER)")
    errors = _rows(connection, numbered)
    for number, rule, form in numbered:
        if isinstance(form, UniqueTest):
            whole = others and rule.code != "key.unique"  # the batch overwrites equal keys
            _guarded(connection, errors, number, _unique_statements(form, number, whole, rows))
        elif isinstance(form, RowsTest):
            found = f"INSERT INTO broken SELECT _row, {number} FROM ({form.select}) AS f(_row)"
            _guarded(connection, errors, number, [found])
    _faults(connection, numbered)
    _forgive_missing(connection, numbered)
    failed = dict(connection.execute("SELECT rule, count(*) FROM broken GROUP BY rule").fetchall())
    evaluated = _evaluated(connection, numbered, rows, nulls)
    outcomes: dict[int, Outcome] = {}
    for number, rule, form in numbered:
        if isinstance(form, TableTest):
            outcomes[number] = _table(connection, rule, form, others and form.whole)
            continue
        bad, of = failed.get(number, 0), evaluated[number]
        error = errors.get(number)
        success = error is None and rule.tolerates(bad, of)
        outcomes[number] = Outcome(rule, of, bad, success, "duckdb", exception=error)
    return outcomes


def _rows(connection: duckdb.DuckDBPyConnection, numbered: Numbered) -> dict[int, str]:
    """The one scan; if the whole statement fails, each test alone, to know whose fault it is."""
    tests = [(n, form.failing) for n, _, form in numbered if isinstance(form, RowTest)]
    errors: dict[int, str] = {}
    for start in range(0, len(tests), RULES_A_PASS):
        some = tests[start : start + RULES_A_PASS]
        try:
            for statement in _row_statements(some):
                connection.execute(statement)
        except duckdb.Error:
            for number, failing in some:
                _guarded(connection, errors, number, _row_statements([(number, failing)]))
    return errors


def _row_statements(tests: list[tuple[int, str]]) -> list[str]:
    # A sum of bits instead of OR: behind an OR every next test sees a selection of the rows and
    # loses DuckDB's fast path, which makes the scan two to three times slower.
    bits = " + ".join(
        f"CASE WHEN {failing} THEN {1 << place} ELSE 0 END::BIGINT"
        for place, (_, failing) in enumerate(tests)
    )
    which = ", ".join(
        f"CASE WHEN bits & {1 << place} <> 0 THEN {number} END"
        for place, (number, _) in enumerate(tests)
    )
    marked = f"SELECT * FROM (SELECT _row, {bits} AS bits FROM landing) WHERE bits <> 0"
    listed = f"SELECT _row, unnest([{which}]) AS rule FROM marked"
    return [
        f"CREATE OR REPLACE TEMP TABLE marked AS {marked}",
        f"INSERT INTO broken SELECT * FROM ({listed}) WHERE rule IS NOT NULL",
    ]


def _guarded(
    connection: duckdb.DuckDBPyConnection,
    errors: dict[int, str],
    number: int,
    statements: Sequence[str],
) -> None:
    try:
        for statement in statements:
            connection.execute(statement)
    except duckdb.Error as error:
        errors[number] = type(error).__name__  # DuckDB's text may quote a cell


def _unique_statements(form: UniqueTest, number: int, others: bool, rows: int) -> list[str]:
    """Equal hashes first, which are few; then the true values of those rows alone.

    What grows with the table is the aggregation over hashes: it is done in parts, which bounds it.
    """
    columns = [sql.name(column) for column in form.columns]
    listed, where = ", ".join(columns), f"({form.domain or 'TRUE'})"
    hashed = f"hash({listed})"
    hashes = f"SELECT {hashed} AS h FROM landing WHERE {where}"
    alike = f"{where} AND {hashed} IN (FROM alike)"
    suspects = f"SELECT _row, {listed} FROM landing WHERE {alike}"
    if others:
        known = f"{where} AND {hashed} IN ({hashes})"
        suspects += f" UNION ALL SELECT NULL, {listed} FROM others WHERE {alike}"
        hashes += f" UNION ALL SELECT {hashed} FROM others WHERE {known}"
    passes = max(1, -(-rows // HASHES_A_PASS))
    parts = [f" WHERE h % {passes} = {part}" if passes > 1 else "" for part in range(passes)]
    counted = [f"SELECT h FROM ({hashes}){p} GROUP BY h HAVING count(*) > 1" for p in parts]
    doubled = f"SELECT _row, count(*) OVER (PARTITION BY {listed}) AS times FROM suspects"
    found = f"SELECT _row, {number} FROM ({doubled}) WHERE times > 1 AND _row IS NOT NULL"
    return [
        "CREATE OR REPLACE TEMP TABLE alike (h UBIGINT)",
        *(f"INSERT INTO alike {part}" for part in counted),
        f"CREATE OR REPLACE TEMP TABLE suspects AS {suspects}",
        f"INSERT INTO broken {found}",
    ]


def _faults(connection: duckdb.DuckDBPyConnection, numbered: Numbered) -> None:
    by_field = {form.field: n for n, _, form in numbered if isinstance(form, FaultTest)}
    if not by_field:
        return
    places = ", ".join(f"({sql.text(field)}, {number})" for field, number in by_field.items())
    other = by_field.get(ROW, min(by_field.values()))
    connection.execute(
        f"INSERT INTO broken SELECT DISTINCT _row, coalesce(place, {other}) FROM "
        "(SELECT _row, unnest(_faults).field AS field FROM landing WHERE _faults IS NOT NULL) "
        f"LEFT JOIN (VALUES {places}) AS known(name, place) ON name = field"
    )


def _forgive_missing(connection: duckdb.DuckDBPyConnection, numbered: Numbered) -> None:
    """An illegal cell is read as null, but is not missing too: one wrong is told once."""
    illegal = {form.field: n for n, _, form in numbered if isinstance(form, FaultTest)}
    pairs = ", ".join(
        f"({illegal[rule.fields[0]]}, {number})"
        for number, rule, _ in numbered
        if rule.code in ("required", "key.present") and rule.fields[0] in illegal
    )
    if pairs:
        connection.execute(
            "DELETE FROM broken WHERE (_row, rule) IN (SELECT _row, missing FROM broken "
            f"JOIN (VALUES {pairs}) AS both_of(illegal, missing) ON illegal = rule)"
        )


def _evaluated(
    connection: duckdb.DuckDBPyConnection, numbered: Numbered, rows: int, nulls: dict[str, int]
) -> dict[int, int]:
    found: dict[int, int] = {}
    asked: dict[str, list[int]] = {}
    for number, _, form in numbered:
        if not isinstance(form, RowTest | RowsTest | UniqueTest) or form.domain is None:
            found[number] = rows
        elif form.counted is not None and form.counted in nulls:
            found[number] = rows - nulls[form.counted]
        else:
            asked.setdefault(form.domain, []).append(number)
    if asked:
        counts = ", ".join(f"count(*) FILTER ({domain})" for domain in asked)
        row = connection.execute(f"SELECT {counts} FROM landing").fetchone() or ()
        for numbers, count in zip(asked.values(), row, strict=True):
            found |= dict.fromkeys(numbers, count)
    return found


def _table(
    connection: duckdb.DuckDBPyConnection, rule: Rule, form: TableTest, whole: bool
) -> Outcome:
    relation = "whole" if whole else "landing"
    try:
        row = connection.execute(form.select.replace("{table}", relation)).fetchone()
        success, observed = form.judge(row or ())
    except (duckdb.Error, ValueError, TypeError) as error:
        reason = type(error).__name__
        return Outcome(rule, 0, 0, False, "duckdb", rows=False, exception=reason)
    return Outcome(rule, 1, 0 if success else 1, success, "duckdb", rows=False, observed=observed)
