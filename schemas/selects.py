"""What a SELECT of a cross-check or a condition of a policy speaks of, without running it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
"""What may stand in FROM with brackets behind it."""
FORBIDDEN = (
    "read_", "write_", "parquet_", "sniff_", "glob", "getenv", "duckdb_", "pragma_", "query",
    "sql_auto", "json_execute", "json_deserialize", "getvariable", "current_setting", "set_",
    "pg_", "sqlite_", "postgres_", "mysql_", "http", "iceberg_", "delta_", "arrow_", "seq_scan",
    "which_secret", "in_search_path", "checkpoint", "force_checkpoint", "nextval", "currval",
    "load_", "storage_info", "test_", "repeat_row", "icu_", "add_parquet", "txid_", "write_log",
    "error", "enable_", "disable_", "python_", "pandas_", "read_blob", "read_text", "st_read",
)  # fmt: skip
"""Beginnings of functions that reach beyond the rows, or bring them out in a message."""
CLOCK = frozenset(
    {
        "now", "today", "current_date", "current_time", "current_timestamp", "localtime",
        "localtimestamp", "get_current_time", "get_current_timestamp", "transaction_timestamp",
        "current_localtime", "current_localtimestamp", "random", "uuid", "uuidv4", "uuidv7",
        "gen_random_uuid", "setseed",
    }
)  # fmt: skip
"""What gives another answer at every run."""


class SelectInvalid(Exception):
    """SQL of a catalog is refused. The steward must act; `code` is that of the finding."""

    def __init__(self, code: str, **values: str) -> None:
        self.code = code
        self.values = values
        super().__init__(values.get("detail") or values.get("name") or code)


@dataclass(frozen=True)
class Select:
    """What one SELECT reads and names."""

    relations: frozenset[str]  # tables, its own WITH left out
    parameters: frozenset[str]
    columns: frozenset[str]  # every column name that stands anywhere


def read_select(sql: str) -> Select:
    """What one SELECT speaks of; raises `SelectInvalid` for anything that is not only that."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = [s for s in sqlglot.parse(sql, dialect="duckdb") if s is not None]
    except SqlglotError as error:
        detail = "; ".join(str(e["description"]) for e in getattr(error, "errors", []))
        raise SelectInvalid("select_invalid", detail=detail or "unreadable") from None
    if len(statements) != 1:
        raise SelectInvalid("select_invalid", detail=f"{len(statements)} statements")
    [tree] = statements
    if not isinstance(tree, exp.Query):
        raise SelectInvalid("select_invalid", detail=f"{tree.key.upper()}")
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    if odd := sorted(name for name in own if not name.isidentifier()):
        raise SelectInvalid("select_invalid", detail=f"WITH {odd[0]}")  # could be a file's name
    for kind in (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Pragma):
        if any(not isinstance(found, exp.Query) for found in tree.find_all(kind)):
            raise SelectInvalid("select_invalid", detail=kind.key.upper())
    for called in _called(sql):
        if called in CLOCK:
            raise SelectInvalid("select_clock", name=called)
        if called.startswith(FORBIDDEN):
            raise SelectInvalid("select_function", name=called)
    return Select(
        relations=frozenset(name for name in _tables(tree) if name not in own),
        parameters=frozenset(str(p.this) for p in tree.find_all(exp.Placeholder, exp.Parameter)),
        columns=frozenset(column.name.lower() for column in tree.find_all(exp.Column)),
    )


def read_condition(condition: str) -> Select:
    """As `read_select`, of one condition over columns, or of one aggregate."""
    import sqlglot
    from sqlglot import exp

    found = read_select(f"SELECT ({condition}\n)")
    tree = sqlglot.parse_one(f"SELECT ({condition}\n)", dialect="duckdb")
    whole = {name for name, value in tree.args.items() if value} == {"expressions"}
    [*shown] = tree.expressions if whole else []
    if len(shown) != 1 or not isinstance(shown[0], exp.Paren) or tree.find(exp.Subquery, exp.From):
        raise SelectInvalid("select_invalid", detail="an expression over one row is wanted")
    return found


def _tables(tree: Any) -> Iterator[str]:
    from sqlglot import exp

    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            called = table.this
            name = called.name if isinstance(called, exp.Anonymous) else called.sql_name()
            if str(name).lower() not in TABLE_FUNCTIONS:
                raise SelectInvalid("select_function", name=str(name).lower())
        elif table.db:
            raise SelectInvalid("select_function", name=f"{table.db}.{table.name}")
        else:
            yield table.name.lower()


def _called(sql: str) -> Iterator[str]:
    """Every word before a bracket, and the clock's words, which need none.

    Tokens rather than the tree: what a parser knows under another name is found all the same.
    """
    from sqlglot.dialects import DuckDB

    tokens = DuckDB().tokenize(sql)
    for here, after in zip(tokens, [*tokens[1:], None], strict=True):
        word = here.text.lower()
        if here.token_type.name in ("STRING", "NUMBER") or not word.isidentifier():
            continue
        bare = word in CLOCK and word.startswith(("current_", "localtime"))
        if bare or (after is not None and after.token_type.name == "L_PAREN"):
            yield word
