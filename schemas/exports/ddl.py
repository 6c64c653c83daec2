"""DDL: the tables of a department's front end (前置库), and those of the datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.contract import Catalog, Field, LogicalType, Supply, Table
from schemas.rules.types import physical_kind

DIALECTS = ("postgresql", "mysql", "sqlite", "duckdb")

_TYPES: dict[LogicalType, dict[str, str]] = {
    LogicalType.INTEGER: dict.fromkeys(DIALECTS, "bigint") | {"sqlite": "integer"},
    LogicalType.BOOLEAN: dict.fromkeys(DIALECTS, "boolean"),
    LogicalType.DATE: dict.fromkeys(DIALECTS, "date") | {"sqlite": "text"},
    LogicalType.TIME: dict.fromkeys(DIALECTS, "time") | {"sqlite": "text", "mysql": "time(6)"},
    LogicalType.OBJECT: dict.fromkeys(DIALECTS, "json") | {"sqlite": "text"},
    LogicalType.ARRAY: dict.fromkeys(DIALECTS, "json") | {"sqlite": "text"},
}
_ZONED = {
    "postgresql": "timestamp with time zone",
    "mysql": "datetime(6)",  # has no type with a zone
    "sqlite": "text",
    "duckdb": "timestamp with time zone",
}
_MYSQL_KEY_LENGTH = 255  # a text without length cannot be indexed


def ddl(catalog: Catalog, dialect: str) -> dict[str, str]:
    """SQL by file name: one file for each department, one for the datasets.

    Supplies have the source's names of tables and columns, datasets those of their fields. Raises
    KeyError for an unknown dialect.
    """
    if dialect not in DIALECTS:
        raise KeyError(dialect)
    by_file: dict[str, list[Table]] = {}
    for supply in catalog.supplies.values():
        by_file.setdefault(f"{supply.department.name}.sql", []).append(supply)
    if catalog.datasets:
        by_file["datasets.sql"] = list(catalog.datasets.values())
    return {name: script(tables, dialect) for name, tables in sorted(by_file.items())}


def script(tables: Iterable[Table], dialect: str) -> str:
    """The statements for several tables, schemas first."""
    tables = list(tables)
    schemas = {".".join(t.physical_path[:-1]) for t in tables} - {""}
    lines = []
    if dialect != "sqlite":
        lines = [f"CREATE SCHEMA IF NOT EXISTS {quoted(s, dialect)};" for s in sorted(schemas)]
    return "\n\n".join([*lines, *(create_table(table, dialect) for table in tables)]) + "\n"


def create_table(table: Table, dialect: str) -> str:
    """CREATE TABLE with comments, as the dialect writes them."""
    name = _table_name(table, dialect)
    parts = list(_columns(table, dialect))
    text = f"CREATE TABLE {name} (\n"
    for number, (line, comment) in enumerate(parts):
        comma = "," if number < len(parts) - 1 else ""
        trailing = f"  -- {comment}" if comment and dialect == "sqlite" else ""
        text += f"    {line}{comma}{trailing}\n"
    closing = ")"
    if dialect == "mysql":
        closing += f" DEFAULT CHARSET=utf8mb4 COMMENT={literal(_title(table), dialect)}"
    heading = f"-- {table.name} {table.version}: {_title(table)}\n"
    return heading + text + closing + ";" + "".join(_comments(table, name, dialect))


def _title(table: Table) -> str:
    return " ".join(f"{table.title} · {table.title_en}".split())


def _table_name(table: Table, dialect: str) -> str:
    path = table.physical_path[-1:] if dialect == "sqlite" else table.physical_path
    return ".".join(quoted(part, dialect) for part in path)


def _columns(table: Table, dialect: str) -> Iterator[tuple[str, str]]:
    for field in table.fields:
        line = f"{quoted(field.column, dialect)} {column_type(table, field, dialect)}"
        if field.required:
            line += " NOT NULL"
        if field.unique and table.key != (field,):
            line += " UNIQUE"
        if dialect == "mysql":
            line += f" COMMENT {literal(_comment(field), dialect)}"
        yield line, _comment(field)
    if table.key:
        names = ", ".join(quoted(field.column, dialect) for field in table.key)
        yield f"PRIMARY KEY ({names})", ""


def column_type(table: Table, field: Field, dialect: str) -> str:
    """The column's type; a supply's date kept as text at the source stays text."""
    kind, size = physical_kind(field.physical_type)
    if isinstance(table, Supply) and kind == "text" and field.type.logical != "string":
        return f"varchar({size})" if size else "text"
    match field.type.logical:
        case LogicalType.STRING:
            length = field.max_length if size is None else max(size, field.max_length or 0)
            indexed = field.unique or field.key_position is not None
            if length is None and indexed and dialect == "mysql":
                length = _MYSQL_KEY_LENGTH
            return f"varchar({length})" if length else "text"
        case LogicalType.NUMBER:
            if field.type.scale is None:
                return "double" if dialect in {"mysql", "duckdb"} else "double precision"
            if dialect == "sqlite":
                return "text"  # numeric affinity would make money a binary float
            return f"decimal({field.type.precision or 38},{field.type.scale})"
        case LogicalType.INTEGER if (field.type.precision or 0) > 18:
            return "text" if dialect == "sqlite" else f"decimal({field.type.precision},0)"
        case LogicalType.TIMESTAMP:
            zoned = not isinstance(table, Supply) or _says_zone(field)
            plain = {"mysql": "datetime(6)", "sqlite": "text"}.get(dialect, "timestamp")
            return _ZONED[dialect] if zoned else plain
        case logical:
            return _TYPES[logical][dialect]


def _says_zone(field: Field) -> bool:
    text = (field.physical_type or "").lower()
    return "timestamptz" in text or "with time zone" in text


def _comment(field: Field) -> str:
    parts = [field.title, field.properties.title_en, field.description]
    return " ".join(" · ".join(filter(None, parts)).split())


def _comments(table: Table, name: str, dialect: str) -> Iterator[str]:
    if dialect not in {"postgresql", "duckdb"}:
        return
    yield f"\nCOMMENT ON TABLE {name} IS {literal(_title(table), dialect)};"
    for field in table.fields:
        column = f"{name}.{quoted(field.column, dialect)}"
        yield f"\nCOMMENT ON COLUMN {column} IS {literal(_comment(field), dialect)};"


def quoted(name: str, dialect: str) -> str:
    """An identifier in the dialect's quotes."""
    mark = "`" if dialect == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def literal(text: str, dialect: str) -> str:
    """A text literal; MySQL reads backslashes as escapes."""
    if dialect == "mysql":
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"
