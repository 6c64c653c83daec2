"""Brings what a shut engine answers into a Parquet file, as a stream."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

BATCH_ROWS = 100_000


def answer_into(
    path: Path, connection: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, Any]
) -> list[str]:
    """Write the rows of one SELECT; the names of its columns."""
    reader = connection.sql(sql, params=dict(given)).to_arrow_reader(BATCH_ROWS)
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
    return list(reader.schema.names)
