"""Queries that a contract writes: one SELECT over the landed table, and nothing else."""

from __future__ import annotations

from typing import Any

from quality.compile.forms import BadArgument, Context, Form, RowsTest, TableTest
from quality.rule import compare
from schemas.arrow import ROW_COLUMN, landing_schema


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


def unexpected_rows(kwargs: dict[str, Any], context: Context) -> Form:
    """Great Expectations' query for rows that should not be there.

    Where the query hands on the column `_row` (`SELECT *` does), the failing rows are known and
    each breaks the rule; otherwise the rule is about the table.
    """
    text = own_rows(kwargs["unexpected_rows_query"], context)
    if ROW_COLUMN in _columns(text, context):
        named = f"coalesce({ROW_COLUMN}, error('a row without its number'))"
        select = f"SELECT DISTINCT {named} FROM ({text}) AS found"
        return RowsTest(select.replace("hub_landing", "landing"))
    select = f"SELECT count(*) FROM ({text}) AS found".replace("hub_landing", "{table}")
    return TableTest(select, lambda row: (row[0] == 0, row[0]))


def own_rows(query: Any, context: Context) -> str:
    """A query in Great Expectations' spelling: `{batch}` is the table, `{{` is a brace."""
    if not isinstance(query, str):
        raise BadArgument("a query must be text")
    try:
        text = query.format(batch="hub_landing", table="hub_landing").rstrip("; \t\r\n\v\f")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise BadArgument("only {batch} can stand in a query; write {{ for a brace") from None
    return _refuse_anything_else(text, context)


def _columns(text: str, context: Context) -> list[str]:
    """The names of a query's columns, from a table without rows; the query must fit it."""
    import duckdb
    import pyarrow as pa

    schema = landing_schema(context.supply)
    if ROW_COLUMN not in schema.names:
        schema = schema.insert(0, pa.field(ROW_COLUMN, pa.int64()))
    with duckdb.connect(config={"autoload_known_extensions": "false"}) as connection:
        connection.register("hub_landing", schema.empty_table())
        try:
            return [name for name, *_ in connection.execute(f"DESCRIBE {text}").fetchall()]
        except duckdb.Error as error:
            raise BadArgument(f"the query cannot run: {str(error).splitlines()[0]}") from None


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
