"""What others do with one table: from the database to one Parquet file. Run by `extract.py`.

Each contender is called as `python extract_peers.py NAME URL FILE` in an environment that holds
the peers, and prints one JSON line.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BATCH = 200_000
QUERY = "SELECT * FROM people ORDER BY id"


def pandas_read_sql(url: str, target: str) -> None:
    """The whole table as one frame."""
    import pandas as pd
    import sqlalchemy

    frame = pd.read_sql(QUERY, sqlalchemy.create_engine(url))
    frame.to_parquet(target, compression="zstd")


def sqlalchemy_batches(url: str, target: str) -> None:
    """A server-side cursor, its rows turned into Arrow batches."""
    import pyarrow as pa
    import sqlalchemy

    options = {"stream_results": True, "yield_per": 10_000}
    with sqlalchemy.create_engine(url).connect().execution_options(**options) as connection:
        result = connection.execute(sqlalchemy.text(QUERY))
        # Guessed types change from batch to batch: decimals as wide as their widest value.
        first = pa.Table.from_pylist([dict(result.mappings().fetchone() or {})])
        kinds = {"amount": pa.decimal128(18, 2), "rate": pa.decimal128(12, 4)}
        kinds |= {"remark": pa.string(), "valid_from": pa.date32()}
        schema = pa.schema([(f.name, kinds.get(f.name, f.type)) for f in first.schema])
        batches = (
            pa.RecordBatch.from_arrays(
                [pa.array(c, f.type) for c, f in zip(zip(*rows, strict=True), schema, strict=True)],
                schema=schema,
            )
            for rows in result.partitions(10_000)
        )
        _write(batches, target)


def connectorx(url: str, target: str) -> None:
    """Streaming in one partition."""
    import connectorx as cx

    plain = url.replace("+psycopg", "").replace("+pymysql", "")
    _write(cx.read_sql(plain, QUERY, return_type="arrow_stream", batch_size=BATCH), target)


def duckdb_scanner(url: str, target: str) -> None:
    """DuckDB's own reader of the server, which writes Parquet as it reads."""
    import duckdb
    from sqlalchemy import make_url

    at = make_url(url)
    kind = "postgres" if "postgres" in url else "mysql"
    module = __import__(f"duckdb_extension_{kind}_scanner")
    [binary] = Path(module.__path__[0]).rglob("*.duckdb_extension")
    database = ("dbname" if kind == "postgres" else "database") + f"={at.database}"
    with duckdb.connect() as connection:
        connection.execute("SET autoinstall_known_extensions = false; SET threads = 2")
        connection.execute(f"LOAD '{binary}'")
        source = f"host={at.host} port={at.port} user={at.username} {database}"
        connection.execute(f"ATTACH '{source}' AS source (TYPE {kind}, READ_ONLY)")
        schema = ".public" if kind == "postgres" else f".{at.database}"
        connection.execute(
            f"COPY (SELECT * FROM source{schema}.people) TO '{target}' (COMPRESSION zstd)"
        )


def dlt(url: str, target: str) -> None:
    """dlt's sql_database source, pyarrow backend, into a folder of Parquet files."""
    import dlt as tool
    from dlt.sources.sql_database import sql_table

    with tempfile.TemporaryDirectory() as folder:
        table = sql_table(url, table="people", backend="pyarrow", chunk_size=BATCH)
        pipeline = tool.pipeline(
            "bench",
            destination=tool.destinations.filesystem(f"file://{folder}/files"),
            dataset_name="bench",
            pipelines_dir=f"{folder}/state",
        )
        pipeline.run(table, loader_file_format="parquet")


def _write(batches: Iterator[Any], target: str) -> None:
    import pyarrow.parquet as pq

    writer = None
    for batch in batches:
        writer = writer or pq.ParquetWriter(target, batch.schema, compression="zstd")
        writer.write_batch(batch)
    assert writer is not None
    writer.close()


CONTENDERS = {
    "pandas.read_sql": pandas_read_sql,
    "SQLAlchemy batches": sqlalchemy_batches,
    "connectorx": connectorx,
    "DuckDB scanner": duckdb_scanner,
    "dlt": dlt,
}

if __name__ == "__main__":
    began = time.perf_counter()
    CONTENDERS[sys.argv[1]](sys.argv[2], sys.argv[3])
    seconds = time.perf_counter() - began
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    print(json.dumps({"wall": seconds, "cpu": cpu, "peak_mb": usage.ru_maxrss / 1024}))
