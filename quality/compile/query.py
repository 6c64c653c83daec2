"""ODCS `type: sql`: one SELECT over the landed table, and nothing else."""

from __future__ import annotations

from typing import Any

from quality.compile.forms import BadArgument, Context, TableTest
from quality.rule import compare


def query(kwargs: dict[str, Any], context: Context) -> TableTest:
    """The query over `${table}` or `${object}` (also `{table}`, `{object}`), or the table's name.

    Raises `BadArgument` unless it is a single SELECT that reads no other table and no file.
    """
    text = kwargs["query"]
    for name in ("table", "object"):
        text = text.replace(f"${{{name}}}", "hub_landing").replace(f"{{{name}}}", "hub_landing")
    if "{" in text:
        raise BadArgument("only ${table} and ${object} can stand in a query")
    text = _refuse_anything_else(text, context)

    def judge(row: tuple[Any, ...]) -> tuple[bool, Any]:
        if len(row) == 1 and row[0] is None:
            return True, None  # the figure of no rows at all, as of max(): nothing to hold
        if len(row) != 1 or not _is_figure(row[0]):
            raise ValueError("the query must give one number")
        return compare(kwargs["operator"], row[0], kwargs["value"]), row[0]

    return TableTest(text.replace("hub_landing", "{table}"), judge, whole=True)


def _is_figure(value: Any) -> bool:
    return value is not None and not isinstance(value, str | bytes | bool)


def _refuse_anything_else(text: str, context: Context) -> str:
    """The query, its table spelt `hub_landing` wherever the contract's own names stand for it."""
    import sqlglot
    from sqlglot import exp

    try:
        statements = sqlglot.parse(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        raise BadArgument("the query is not SQL") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise BadArgument("the query must be one SELECT")
    tree = statements[0]
    own = {cte.alias for cte in tree.find_all(exp.CTE)} | {"hub_landing"}
    names = {name.lower() for name in _names(context)} - own
    for table in [t for t in tree.find_all(exp.Table) if t.name.lower() in names]:
        alias = table.alias or table.name
        table.replace(exp.alias_(exp.to_table("hub_landing"), alias, table=True, quoted=True))
        text = tree.sql("duckdb")
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.name not in own or table.db:
            raise BadArgument("the query may read its own table alone")
    forbidden = ("read_", "glob", "getenv", "parquet_", "duckdb_", "pragma_", "query")
    for function in tree.find_all(exp.Func):
        called = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if called.lower().startswith(forbidden):
            raise BadArgument(f"the query may not call {called}")
    for kind in (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Into):
        if tree.find(kind):
            raise BadArgument("the query must only read")
    return text


def _names(context: Context) -> set[str]:
    supply = context.supply
    objects = supply.document.get("schema") or [{}]
    return {supply.physical_path[-1], objects[0].get("name") or supply.physical_path[-1]}
