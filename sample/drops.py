"""File drops: CSV in UTF-8 and GB 18030, Excel, Parquet; markers, GBK names, half-written files."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sample.text import Columns
from schemas.contract import Supply

CITY = ZoneInfo("Asia/Shanghai")
DELIVERED = time(6, 0)  # every department uploads in the morning
GBK_NAMES = frozenset({"disabled_federation/certificates"})
BYTE_ORDER_MARK = frozenset({"justice/aid_cases"})


class Writer(Protocol):
    """An open file of one delivery."""

    def write(self, columns: Columns) -> None: ...

    def close(self) -> None: ...


class Delivery(AbstractContextManager["Delivery"]):
    """One file of one supply while it is written, block by block."""

    def __init__(self, folder: Path, supply: Supply, day: date, header: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.supply, self.day = supply, day
        self.path = folder / file_name(supply, day)
        self._writer = WRITERS[Path(self.name).suffix](self.path, supply, header)

    @property
    def name(self) -> str:
        """The file's name as its department reads it."""
        return os.fsencode(self.path.name).decode(_name_encoding(self.supply))

    def write(self, columns: Columns) -> None:
        self._writer.write(columns)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        files = self.supply.properties.files
        touch(self.path, self.day)
        if files and files.ready:
            marker = self.path.with_name(self.path.name + files.ready)
            marker.touch()
            touch(marker, self.day)


def file_name(supply: Supply, day: date) -> str:
    """The name on the disk: the pattern with the day for its star, in the department's bytes."""
    files = supply.properties.files
    if files is None:
        raise ValueError(f"{supply.name} hands over no files")
    name = files.pattern.replace("*", day.strftime("%Y%m%d"))
    return os.fsdecode(name.encode(_name_encoding(supply)))


def _name_encoding(supply: Supply) -> str:
    return "gbk" if supply.name in GBK_NAMES else "utf-8"


def clear_drop(folder: Path, supply: Supply) -> None:
    """Remove what an earlier city delivered of this supply."""
    files = supply.properties.files
    if files and folder.is_dir():
        begins = files.pattern.partition("*")[0].encode(_name_encoding(supply))
        for path in folder.iterdir():
            if os.fsencode(path.name).startswith(begins):
                path.unlink()


def touch(path: Path, day: date) -> None:
    """Date a file to the morning of its day; in the future it would look unsettled."""
    morning = datetime.combine(day, DELIVERED, CITY)
    stamp = min(morning, datetime.now(CITY) - timedelta(minutes=1)).timestamp()
    os.utime(path, (stamp, stamp))


class _Csv:
    def __init__(self, path: Path, supply: Supply, header: Sequence[str]) -> None:
        files = supply.properties.files
        plain = "utf-8-sig" if supply.name in BYTE_ORDER_MARK else "utf-8"
        gbk = files is not None and files.encodings[0] == "gb18030"
        self._file = path.open("w", encoding="gb18030" if gbk else plain, newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(header)
        self._fields = [field.name for field in supply.fields]

    def write(self, columns: Columns) -> None:
        cells = [columns[name].tolist() for name in self._fields]
        self._rows.writerows(zip(*cells, strict=True))

    def close(self) -> None:
        self._file.close()


class _Excel:
    def __init__(self, path: Path, supply: Supply, header: Sequence[str]) -> None:
        from openpyxl import Workbook

        files = supply.properties.files
        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet(files.sheet if files else None)
        self._sheet.append(list(header))
        self._fields = [field.name for field in supply.fields]

    def write(self, columns: Columns) -> None:
        cells = [columns[name].tolist() for name in self._fields]
        for row in zip(*cells, strict=True):
            self._sheet.append(row)

    def close(self) -> None:
        self._book.save(self._path)


class _Parquet:
    def __init__(self, path: Path, supply: Supply, header: Sequence[str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from schemas.arrow import arrow_schema

        self._pa = pa
        self._fields = arrow_schema(supply)
        self._schema = pa.schema(
            [pa.field(name, field.type) for name, field in zip(header, self._fields, strict=True)]
        )
        self._writer = pq.ParquetWriter(path, self._schema)

    def write(self, columns: Columns) -> None:
        pa = self._pa
        arrays = [
            pa.array(columns[field.name].tolist(), pa.string()).cast(field.type)
            for field in self._fields
        ]
        self._writer.write_table(pa.table(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


WRITERS: dict[str, Callable[[Path, Supply, Sequence[str]], Writer]] = {
    ".csv": _Csv,
    ".xlsx": _Excel,
    ".parquet": _Parquet,
}
