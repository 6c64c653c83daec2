"""The relations that the check room works on, as SQL over one landing and one current table."""

from __future__ import annotations

from hub.fold import HASH, SOURCE_KEY, key_sql
from hub.records import Landing
from hub.store import Store, identifier, literal
from schemas.arrow import FAULTS_COLUMN, ROW_COLUMN
from schemas.contract import Catalog, CodeList, Field, LogicalType, Supply


def raw_sql(landing: Landing, store: Store) -> str:
    """The landing as received."""
    parts = ", ".join(literal(store.path(uri)) for uri in landing.parts)
    return f"SELECT * FROM read_parquet([{parts}])"


def read_sql(supply: Supply, catalog: Catalog, source: str) -> str:
    """The landing as it is read: fixable codes made canonical, ignorable codes made null."""
    columns = ", ".join(_read_field(field, catalog) for field in supply.fields)
    return f"SELECT {ROW_COLUMN}, {columns}, {FAULTS_COLUMN} FROM {source}"


def _read_field(field: Field, catalog: Catalog) -> str:
    name = identifier(field.name)
    codes = mended(field, catalog)
    if not codes:
        return name
    cases = " ".join(
        f"WHEN {literal(code)} THEN {'NULL' if canonical is None else literal(canonical)}"
        for code, canonical in codes.items()
    )
    read = f"CASE {name} {cases} END"
    return f"CASE WHEN {is_mended(field, codes)} THEN {read} ELSE {name} END AS {name}"


def mended(field: Field, catalog: Catalog) -> dict[str, str | None]:
    """Codes of a text field that are read as another code, or as nothing (None)."""
    listed: CodeList | None = catalog.codelists.get(field.properties.codelist or "")
    if listed is None or field.type.logical is not LogicalType.STRING:
        return {}
    return {c.code: c.canonical for c in listed.codes if c.kind in ("fixable", "ignorable")}


def is_mended(field: Field, codes: dict[str, str | None]) -> str:
    """SQL: the cell holds a code that is read as something else."""
    return f"{identifier(field.name)} IN ({', '.join(literal(code) for code in codes)})"


def shown(field: Field) -> str:
    """A cell as text that does not depend on the session: timestamps as microseconds."""
    name = identifier(field.name)
    if field.type.logical is LogicalType.TIMESTAMP:
        return f"epoch_us({name})::VARCHAR"
    return name if field.type.logical is LogicalType.STRING else f"{name}::VARCHAR"


def hash_sql(supply: Supply) -> str:
    """md5 of the row's content: each field's text behind its length in bytes, `~` for null.

    The lengths make the text unambiguous; equal content gives equal hashes on every run.
    """
    cells = ", ".join(
        f"coalesce(concat(strlen({shown(field)}), ':', {shown(field)}), '~')"
        for field in supply.fields
    )
    return f"md5(concat({cells}))"


def keyed_sql(supply: Supply, landing: Landing) -> str:
    """`landing` with `_hash` and `_source_key`, for every supply, keyed or not.

    Rows without a key are known by file and line, or by content and occurrence.
    """
    hashed = f"{hash_sql(supply)} AS {HASH}"
    if supply.key:
        return f"SELECT *, {hashed}, {key_sql(supply)} AS {SOURCE_KEY} FROM landing"
    file = landing.window.file if landing.window else None
    if file is not None:
        key = f"{literal(file + '#')} || {ROW_COLUMN}"
        return f"SELECT *, {hashed}, {key} AS {SOURCE_KEY} FROM landing"
    occurrence = f"row_number() OVER (PARTITION BY {HASH} ORDER BY {ROW_COLUMN})"
    return (
        f"SELECT *, {HASH} || '#' || {occurrence} AS {SOURCE_KEY} "
        f"FROM (SELECT *, {hashed} FROM landing)"
    )


def replaced_sql(supply: Supply, landing: Landing) -> str:
    """SQL over `_source_key`: the current rows that an earlier delivery of this file brought.

    Files of additions whose rows are known by file and line: a file that is delivered once more
    says all that there is to say of these lines.
    """
    files, window = supply.properties.files, landing.window
    if supply.key or files is None or files.content != "append" or not (window and window.file):
        return "false"
    start = literal(window.file + "#")
    line = f"substr({SOURCE_KEY}, length({start}) + 1)"  # a file's name may hold a # of its own
    return f"(starts_with({SOURCE_KEY}, {start}) AND NOT contains({line}, '#'))"


def is_snapshot(supply: Supply) -> bool:
    """Whether a batch of the supply holds all rows that there are."""
    if supply.properties.files is not None:
        return supply.properties.files.content == "snapshot"
    return supply.pull.mode == "snapshot"
