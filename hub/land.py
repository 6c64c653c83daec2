"""Land: an extract becomes immutable Parquet, chunk by chunk, and equals its source's totals."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.protocol import Chunk, Extract, Source, Totals
from hub.errors import IntegrityError
from hub.ledger import Ledger, landings
from hub.ledger import batches as books
from hub.records import Batch, Landing
from hub.store import Store, identifier, literal
from schemas.arrow import FAULTS_COLUMN, ROW_COLUMN, arrow_schema, landing_schema
from schemas.contract import LogicalType, Supply

Progress = Callable[[int], None]
"""Called with the number of rows landed so far."""

DISTINCT_FOR_DICTIONARY = 0.2  # columns with fewer distinct values per row are dictionary-encoded


@dataclass(frozen=True)
class _Part:
    uri: str
    rows: int
    sha256: str
    after: tuple[str, ...] | None


def landing_uri(batch: Batch) -> str:
    """The folder of one batch's landing."""
    return f"landing/{batch.supply}/{batch.id}"


def land(
    source: Source, supply: Supply, batch: Batch, store: Store, ledger: Ledger, progress: Progress
) -> Landing:
    """Pull one window into the store and prove that all of it arrived.

    A pull that was broken goes on behind its last whole chunk, if the source's totals are still
    those that were fixed when it began; otherwise it starts again. Raises `IntegrityError` when
    rows, sums or keys differ from what the source said in the same snapshot.
    """
    resumed = _resume(source, supply, batch, store, ledger, progress)
    if resumed is not None:
        return resumed
    landings.drop_chunks(ledger, batch.id)
    with source.read(supply, batch.window) as extract:
        landings.set_window(ledger, batch.id, extract.window, extract.totals)
        return _finish(extract, supply, batch, store, ledger, progress)


def _resume(
    source: Source, supply: Supply, batch: Batch, store: Store, ledger: Ledger, progress: Progress
) -> Landing | None:
    done = landings.chunks(ledger, batch.id)
    pinned = landings.pinned_totals(ledger, batch.id)
    if not done or pinned is None or done[-1].after is None:
        return None
    if any(not store.path(part.uri).exists() for part in done):
        return None
    window = books.batch_of(ledger, batch.id).window
    with source.read(supply, window, tuple(done[-1].after)) as extract:
        if extract.totals != pinned:
            return None  # the source moved on: parts of two snapshots must not be joined
        return _finish(extract, supply, batch, store, ledger, progress)


def _finish(
    extract: Extract,
    supply: Supply,
    batch: Batch,
    store: Store,
    ledger: Ledger,
    progress: Progress,
) -> Landing:
    done = landings.chunks(ledger, batch.id)
    rows = sum(part.rows for part in done)
    for part in _written(extract, supply, batch, store, rows, len(done)):
        landings.add_chunk(ledger, batch.id, part.uri, part.rows, part.sha256, part.after)
        rows += part.rows
        progress(rows)
    parts = landings.chunks(ledger, batch.id)
    if not parts:
        empty = pa.RecordBatch.from_pylist([], landing_schema(supply))
        part = _write(Chunk(empty), supply, f"{landing_uri(batch)}/part-00000.parquet", 0, store)
        landings.add_chunk(ledger, batch.id, part.uri, part.rows, part.sha256, part.after)
        parts = landings.chunks(ledger, batch.id)
    landing = Landing(
        batch_id=batch.id,
        supply=supply.name,
        parts=tuple(part.uri for part in parts),
        rows=rows,
        sha256=hashlib.sha256("".join(p.sha256 for p in parts).encode()).hexdigest(),
        totals=extract.totals or Totals(rows),
        drift=tuple({k: str(v) for k, v in asdict(d).items()} for d in extract.drift),
        window=extract.window,
        original=_keep_original(extract, batch, store),
    )
    try:
        ties_out(landing, supply, store)
    except IntegrityError:
        landings.drop_chunks(ledger, batch.id)
        raise
    return landing


def _written(
    extract: Extract, supply: Supply, batch: Batch, store: Store, rows: int, position: int
) -> Iterator[_Part]:
    # One thread writes while the next chunk is read: encoding costs about as much as reading.
    with ThreadPoolExecutor(1, thread_name_prefix="land") as writer:
        pending: Future[_Part] | None = None
        for chunk in extract.chunks:
            if pending:
                yield pending.result()
            uri = f"{landing_uri(batch)}/part-{position:05d}.parquet"
            pending = writer.submit(_write, chunk, supply, uri, rows, store)
            rows += chunk.rows.num_rows
            position += 1
        if pending:
            yield pending.result()


def _write(chunk: Chunk, supply: Supply, uri: str, first_row: int, store: Store) -> _Part:
    count = chunk.rows.num_rows
    numbers = pa.array(np.arange(first_row, first_row + count, dtype=np.int64))
    table = pa.Table.from_batches([chunk.rows]).add_column(0, ROW_COLUMN, numbers)
    with store.writing(uri) as temporary:
        pq.write_table(
            table,
            temporary,
            compression="zstd",
            compression_level=1,
            use_dictionary=_repeating(table),
            write_statistics=True,
        )
    return _Part(uri, count, store.sha256(uri), chunk.after)


def _repeating(table: pa.Table) -> list[str]:
    """Columns worth a dictionary, judged by a sample: the others only lose time to it."""
    sample = table.slice(0, 2000)
    limit = max(1, int(sample.num_rows * DISTINCT_FOR_DICTIONARY))
    return [
        name
        for name in table.column_names
        if pa.types.is_string(table.schema.field(name).type)
        and len(sample.column(name).unique()) <= limit
    ]


def _keep_original(extract: Extract, batch: Batch, store: Store) -> str | None:
    if extract.original is None:
        return None
    uri = f"{landing_uri(batch)}/original{Path(extract.window.file or '').suffix}"
    with store.writing(uri) as temporary:
        shutil.copyfile(extract.original, temporary)
    return uri


def ties_out(landing: Landing, supply: Supply, store: Store) -> None:
    """Hold the landed Parquet against the source's totals; raises `IntegrityError`.

    A field in which cells were faulted has no comparable sum: its rows go to quarantine, and the
    count still ties out.
    """
    parts = ", ".join(literal(store.path(uri)) for uri in landing.parts)
    names = [name for name in landing.totals.sums if name in supply.by_name]
    sums = [f"sum({identifier(name)})::DECIMAL(38, {_scale(supply, name)})" for name in names]
    digest_sql = _key_digest(landing, supply)
    wanted = ", ".join(["count(*)", *([digest_sql] if digest_sql else []), *sums])
    with store.connect() as connection:
        scan = f"FROM read_parquet([{parts}])"
        rows, *rest = connection.execute(f"SELECT {wanted} {scan}").fetchone() or (0,)
        faulted = {
            name
            for (name,) in connection.execute(
                f"SELECT DISTINCT f.field FROM (SELECT unnest({FAULTS_COLUMN}) AS f {scan})"
            ).fetchall()
        }
    digest = rest.pop(0) if digest_sql else None
    problems = []
    if rows != landing.totals.rows:
        problems.append(f"rows: source {landing.totals.rows}, landed {rows}")
    keys = {field.name for field in supply.key}
    if digest is not None and not keys & faulted and digest != landing.totals.key_digest:
        problems.append("keys: the digest of the landed keys differs from the source's")
    for name, value in zip(names, rest, strict=True):
        expected = landing.totals.sums[name]
        if name not in faulted and (value or Decimal(0)) != expected:
            problems.append(f"field {name}: source sum and landed sum differ")
    if problems:
        raise IntegrityError(
            f"supply {landing.supply}, batch {landing.batch_id}: " + "; ".join(problems)
        )


def _scale(supply: Supply, name: str) -> int:
    return supply.by_name[name].type.scale or 0


def _key_digest(landing: Landing, supply: Supply) -> str | None:
    comparable = (LogicalType.STRING, LogicalType.INTEGER)
    if landing.totals.key_digest is None or not supply.key:
        return None
    if any(field.type.logical not in comparable for field in supply.key):
        return None
    parts = ", ".join(f"{identifier(field.name)}::VARCHAR" for field in supply.key)
    digits = f"md5(concat_ws(chr(31), {parts}))[1:15]"
    return f"coalesce(sum(('0x' || {digits})::BIGINT::HUGEINT), 0)::VARCHAR"


def key_schema(supply: Supply) -> pa.Schema:
    """The columns of a key listing: the primary key's fields in its order."""
    whole = arrow_schema(supply)
    return pa.schema([whole.field(field.name) for field in supply.key])


def land_keys(source: Source, supply: Supply, batch: Batch, store: Store) -> str:
    """Write all keys that the source holds now: what the check room finds deletes with."""
    uri = f"{landing_uri(batch)}/keys.parquet"
    with (
        store.writing(uri) as temporary,
        source.keys(supply) as batches,
        pq.ParquetWriter(temporary, key_schema(supply), compression="zstd") as writer,
    ):
        for rows in batches:
            writer.write_batch(rows)
    return uri
