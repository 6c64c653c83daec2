"""Writes the rows of a query as few large Parquet files, with equal bytes for equal rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from hub.records import Grant, SharedFile
from hub.shares.views import CHANGE
from hub.store import Store
from schemas.terms import RECORD_ID

FILE_ROWS = 2_000_000
"""Rows of one file: readers ask about ten times per file, so that few large ones serve better."""

GROUP_ROWS = 131_072


def write_files(
    connection: DuckDBPyConnection,
    store: Store,
    query: str,
    schema: pa.Schema,
    grant: Grant,
    version: int,
    kind: str,
) -> tuple[SharedFile, ...]:
    """Run an ordered query and keep its rows; at least one file, which may hold none.

    Memory holds one group of rows at a time, whatever the size of the whole.
    """
    if kind == "changes":
        schema = schema.append(pa.field(CHANGE, pa.string(), nullable=False))
    groups = _groups(connection.sql(query).to_arrow_reader(GROUP_ROWS), schema)
    per_file = FILE_ROWS // GROUP_ROWS
    files: list[SharedFile] = []
    group: pa.Table | None = next(groups)
    while group is not None:
        uri = f"shared/{grant.id}/{version:06d}/{kind}-{len(files):04d}.parquet"
        count = 0
        with store.writing(uri) as path:
            with new_writer(path, schema) as writer:
                for _ in range(per_file):
                    writer.write_table(group, row_group_size=GROUP_ROWS)
                    count += group.num_rows
                    group = next(groups, None)
                    if group is None:
                        break
            shared = _described(path, uri, count)
        files.append(shared)
    return tuple(files)


def new_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Writes masked rows; the statistics are those of what is written."""
    # Ids never repeat, and looking for repetitions takes a fifth of the writing.
    repeating = [name for name in schema.names if name != RECORD_ID]
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=repeating
    )


def _groups(reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in groups of exactly `GROUP_ROWS`, but for the last; one empty one if there is none.

    Groups that followed the engine's batches would follow its threads.
    """
    held: list[pa.Table] = []
    count, any_yet = 0, False
    for batch in reader:
        held.append(pa.Table.from_batches([batch]))
        count += batch.num_rows
        while count >= GROUP_ROWS:
            whole = pa.concat_tables(held)
            yield whole.slice(0, GROUP_ROWS).cast(schema).combine_chunks()
            any_yet, held = True, [whole.slice(GROUP_ROWS)]
            count -= GROUP_ROWS
    if count or not any_yet:
        yield pa.concat_tables(held).cast(schema).combine_chunks() if held else schema.empty_table()


def _described(path: Path, uri: str, rows: int) -> SharedFile:
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return SharedFile(uri, digest, path.stat().st_size, rows)
