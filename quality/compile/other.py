"""Expectations that hold a batch against the current table of another supply."""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality import sql
from quality.compile.column import holds
from quality.compile.condition import condition_sql
from quality.compile.forms import BadArgument, Context, RowTest, TableTest
from quality.compile.query import own_rows
from quality.compile.several import comparable

Kwargs = dict[str, Any]
COMPARED_ROWS = 200  # as Great Expectations does: more are not compared


def exists_in_supply(kwargs: Kwargs, context: Context) -> RowTest:
    """The value stands in a field of another supply's current table.

    While that supply has no rows at all there is nothing to hold a value against: no cell is
    evaluated, none fails.
    """
    field = context.field(kwargs["column"])
    other, rows = context.rows_of(kwargs["supply"])
    name = kwargs["field"]
    if name not in other.by_name:
        raise BadArgument(f"the supply {other.name} has no field {name!r}")
    if not comparable(field, other.by_name[name]):
        raise BadArgument(
            f"field {field.name} is {field.type.logical}, {other.name}.{name} is "
            f"{other.by_name[name].type.logical}: they cannot be compared"
        )
    if rows is None:
        return RowTest("FALSE", "FALSE")
    column = sql.name(name)
    known = f"SELECT {column} FROM ({rows}) AS other WHERE {column} IS NOT NULL"
    return holds(f"{sql.name(field.name)} IN ({known})", kwargs, context)


def row_count_equal_other(kwargs: Kwargs, context: Context) -> TableTest:
    """As many rows as the current table of another supply, `other_table_name`."""
    _, rows = context.rows_of(kwargs["other_table_name"])
    condition = condition_sql(kwargs, context)
    where = f" WHERE {condition}" if condition else ""
    theirs = f"(SELECT count(*) FROM ({rows}) AS other)" if rows else "0"
    select = f"SELECT (SELECT count(*) FROM {{table}}{where}), {theirs}"
    return TableTest(select, lambda row: (row[0] == row[1], row[0] - row[1]), whole=True)


def query_results_match(kwargs: Kwargs, context: Context) -> TableTest:
    """Two queries give the same rows: one over this table, one over another supply's.

    `comparison_data_source_name` names the supply; in both queries `{batch}` is the table. Both
    give at most 200 rows, of which a share of `mostly` must be equal, place by place.
    """
    other, rows = context.rows_of(kwargs["comparison_data_source_name"])
    base = own_rows(kwargs["base_query"], context).replace("hub_landing", "{table}")
    there = Context(other, context.catalog, context.as_of, context.references)
    comparison = own_rows(kwargs["comparison_query"], there)
    mostly = float(kwargs.get("mostly", 1.0))
    ours, theirs = (
        f"(SELECT list(found) FROM (SELECT * FROM ({query}) LIMIT {COMPARED_ROWS}) AS found)"
        for query in (base, comparison)
    )
    # An other supply without rows is an empty table of the same columns.
    source = rows or f"SELECT * FROM ({_nothing(other)}) AS other WHERE FALSE"
    select = f"WITH hub_landing AS ({source}) SELECT {ours}, {theirs}"

    def judge(row: tuple[Any, ...]) -> tuple[bool, Any]:
        first, second = (Counter(tuple(r.values()) for r in found or ()) for found in row)
        most = max(first.total(), second.total())
        unequal = most - (first & second).total()
        percent = (1 - (most - unequal) / most) * 100 if most else 0.0
        return 100 - percent >= mostly * 100, unequal

    return TableTest(select, judge)


def _nothing(other: Any) -> str:
    columns = ", ".join(f"NULL AS {sql.name(field.name)}" for field in other.fields)
    return f"SELECT {columns}"
