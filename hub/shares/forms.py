"""A share as one file for people and programs: CSV, Excel or Parquet, made of the masked files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from hub.errors import DoesNotFit, SettingsError
from hub.opened import Hub
from hub.records import Share
from hub.rowfile import EXCEL_ROWS, MARK
from hub.shares.files import new_writer
from hub.shares.workbook import CHARACTERS, strange, too_long, write_texts

BATCH_ROWS = 65_536


def write_form(hub: Hub, share: Share, path: Path) -> None:
    """Write a share by the file's extension: .csv, .xlsx or .parquet; raises `SettingsError`."""
    try:
        writer = FORMS[path.suffix]
    except KeyError:
        raise SettingsError(
            f"不支持的文件类型 / cannot write {path.suffix!r}: use .csv, .xlsx or .parquet"
        ) from None
    writer(hub, share, path)


def write_csv(hub: Hub, share: Share, path: Path) -> None:
    """UTF-8 with a mark that Excel knows, RFC 4180 with LF; every text is quoted, null is empty.

    Values stand as they are: who opens the file in a spreadsheet takes Excel instead, where no
    text is taken for a formula.
    """
    options = pacsv.WriteOptions(include_header=True, batch_size=BATCH_ROWS)
    with path.open("wb") as file:
        file.write(MARK)
        with pacsv.CSVWriter(file, _schema(hub, share), write_options=options) as writer:
            for batch in _batches(hub, share):
                writer.write_batch(batch)


def write_excel(hub: Hub, share: Share, path: Path) -> None:
    """One sheet of text cells, so that long numbers and leading zeros survive.

    Raises `DoesNotFit` when there are more rows than a sheet can hold, or a text that no cell can:
    nothing is cut and nothing is spelt otherwise.
    """
    if share.rows > EXCEL_ROWS:
        raise _unfit(
            share, f"行数超过 Excel 上限 {EXCEL_ROWS:,}", f"a sheet holds {EXCEL_ROWS:,} rows"
        )
    for batch in _batches(hub, share):
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if pa.types.is_string(column.type):
                _require_fit(share, name, column)
    write_texts(path, share.grant_id, _rows(hub, share))


def _require_fit(share: Share, field: str, texts: pa.Array) -> None:
    if too_long(texts):
        raise _unfit(
            share,
            f"信息项 {field} 有超过 {CHARACTERS:,} 个字符的内容",
            f"field {field} has a text of more than {CHARACTERS:,} characters",
        )
    if strange(texts):
        raise _unfit(
            share,
            f"信息项 {field} 含有 Excel 无法保存的字符",
            f"field {field} has characters that Excel cannot keep",
        )


def _unfit(share: Share, zh: str, en: str) -> DoesNotFit:
    about = f"grant {share.grant_id}"
    return DoesNotFit(about, f"{zh}，请改用 CSV 或 Parquet", f"{en}: take CSV or Parquet")


def write_parquet(hub: Hub, share: Share, path: Path) -> None:
    """All files of a share as one, group by group."""
    if len(share.files) == 1:
        shutil.copyfile(hub.store.path(share.files[0].uri), path)
        return
    with new_writer(path, _schema(hub, share)) as writer:
        for file in share.files:
            opened = pq.ParquetFile(hub.store.path(file.uri))
            for group in range(opened.num_row_groups):
                writer.write_table(opened.read_row_group(group))


def _schema(hub: Hub, share: Share) -> pa.Schema:
    return pq.read_schema(hub.store.path(share.files[0].uri))


def _batches(hub: Hub, share: Share) -> Iterator[pa.RecordBatch]:
    """Every row, a bounded number at a time."""
    for file in share.files:
        yield from pq.ParquetFile(hub.store.path(file.uri)).iter_batches(BATCH_ROWS)


def _rows(hub: Hub, share: Share) -> Iterator[list[str | None]]:
    """The names, then every row as text."""
    yield list(_schema(hub, share).names)
    for batch in _batches(hub, share):
        columns = [pc.cast(column, pa.string()).to_pylist() for column in batch.columns]
        yield from (list(row) for row in zip(*columns, strict=True))


FORMS: dict[str, Callable[[Hub, Share, Path], None]] = {
    ".csv": write_csv,
    ".xlsx": write_excel,
    ".parquet": write_parquet,
}
