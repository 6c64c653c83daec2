"""The current table of a supply: the fold of its accepted batches, newest row per key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.store import identifier, literal
from schemas.contract import Field, LogicalType, Supply

SOURCE_KEY = "_source_key"
HASH = "_hash"
BATCH = "_batch"
OP = "_op"
KEY_SEPARATOR = "|"


@dataclass(frozen=True)
class Segment:
    """One Parquet file of the fold, in the order of folding.

    `batch_id` None marks a compacted base, which carries `_batch` itself and holds no deletes.
    """

    path: Path
    batch_id: str | None
    rows: int


@dataclass(frozen=True)
class CurrentTable:
    """The current table of one supply, as of the last batch that moved it."""

    supply: Supply
    segments: tuple[Segment, ...]
    last_batch_id: str | None  # None: no batch has been accepted yet
    changed_by: str | None  # the last batch that changed a row
    contract_version: str | None  # of that batch

    @property
    def sql(self) -> str:
        """A SELECT of the rows; see `fold_sql`."""
        return fold_sql(self.supply, self.segments)


def fold_sql(supply: Supply, segments: Sequence[Segment]) -> str:
    """A SELECT of the current rows: the contract's fields, `_hash`, `_source_key`, `_batch`.

    A later segment wins over an earlier one at the same `_source_key`; a delete removes the row.
    Columns that an older contract version lacked are null. The order of rows is undefined.
    """
    columns = [*(field.name for field in supply.fields), HASH, SOURCE_KEY, BATCH]
    wanted = ", ".join(identifier(name) for name in columns)
    if not segments:
        nulls = ", ".join(f"{_typed_null(f)} AS {identifier(f.name)}" for f in supply.fields)
        rest = ", ".join(f"NULL::VARCHAR AS {identifier(n)}" for n in (HASH, SOURCE_KEY, BATCH))
        return f"SELECT {nulls}, {rest} WHERE false"
    base = f"SELECT {wanted} FROM ({_scan(supply, segments[0])}) WHERE {OP} <> 'delete'"
    if len(segments) == 1:
        return base
    changes = " UNION ALL BY NAME ".join(
        f"SELECT *, {position} AS _position FROM ({_scan(supply, segment)})"
        for position, segment in enumerate(segments[1:])
    )
    latest = (
        f"SELECT * FROM ({changes}) "
        f"QUALIFY row_number() OVER (PARTITION BY {SOURCE_KEY} ORDER BY _position DESC) = 1"
    )
    return (
        f"WITH latest AS MATERIALIZED ({latest}) "
        f"SELECT {wanted} FROM ({base}) AS base "
        f"WHERE NOT EXISTS (FROM latest WHERE latest.{SOURCE_KEY} = base.{SOURCE_KEY}) "
        f"UNION ALL SELECT {wanted} FROM latest WHERE {OP} <> 'delete'"
    )


def _scan(supply: Supply, segment: Segment) -> str:
    import pyarrow.parquet as pq

    present = set(pq.read_schema(segment.path).names)
    fields = ", ".join(
        identifier(f.name) if f.name in present else f"{_typed_null(f)} AS {identifier(f.name)}"
        for f in supply.fields
    )
    batch = BATCH if segment.batch_id is None else f"{literal(segment.batch_id)} AS {BATCH}"
    op = OP if OP in present else f"'insert' AS {OP}"
    return (
        f"SELECT {fields}, {HASH}, {SOURCE_KEY}, {batch}, {op} "
        f"FROM read_parquet({literal(segment.path)})"
    )


def _typed_null(field: Field) -> str:
    return f"NULL::{sql_type(field)}"


def key_sql(supply: Supply) -> str:
    """The source key of a keyed supply: the key's parts as text, joined by `|`.

    In a key of several parts a `|` inside of a part is escaped, so that keys stay apart.
    """
    if len(supply.key) == 1:
        return f"coalesce({_key_text(supply.key[0])}, '')"
    parts = (
        f"replace(replace(coalesce({_key_text(field)}, ''), '\\', '\\\\'), '|', '\\|')"
        for field in supply.key
    )
    return f"concat_ws({literal(KEY_SEPARATOR)}, {', '.join(parts)})"


def _key_text(field: Field) -> str:
    name = identifier(field.name)
    return name if field.type.logical is LogicalType.STRING else f"{name}::VARCHAR"


def sql_type(field: Field) -> str:
    """The DuckDB type that equals `schemas.arrow.arrow_type` of the field."""
    kind = field.type
    match kind.logical:
        case LogicalType.INTEGER:
            return f"DECIMAL({kind.precision},0)" if (kind.precision or 0) > 18 else "BIGINT"
        case LogicalType.NUMBER:
            if kind.scale is None:
                return "DOUBLE"
            return f"DECIMAL({kind.precision or 38},{kind.scale})"
        case LogicalType.BOOLEAN:
            return "BOOLEAN"
        case LogicalType.DATE:
            return "DATE"
        case LogicalType.TIMESTAMP:
            return "TIMESTAMP WITH TIME ZONE"
        case _:
            return "VARCHAR"
