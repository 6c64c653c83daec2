"""Rows whose every value is unlike any other, and the search for them in whatever leaves a hub."""

from __future__ import annotations

import base64
import io
import random
import re
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

HIDDEN = 6  # hidden characters in a row from which a part of a value is looked for, too
END = b"\n\x00\n"
Row = dict[str, Any]


def row(chance: random.Random, admitted: bool) -> Row:
    """One golden row; those not admitted are of another division, and visit less."""

    def token(length: int = 20) -> str:
        return "".join(chance.choices("ghijklmnopqrstuvwxyz", k=length))  # no hex digit

    moment = datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**15))
    return {
        "entity_id": f"E{token()}",
        "number": "990101" + "".join(chance.choices("0123456789", k=12)),
        "full_name": f"王{token()}",
        "division": ("9901" if admitted else "9902") + token(14),
        "born_on": date(1900, 1, 1) + timedelta(days=chance.randrange(30_000)),
        "seen_at": moment,
        "visits": chance.randrange(10**16, 10**17) * (1 if admitted else -1),
        "amount": Decimal(chance.randrange(10**27, 10**28)).scaleb(-10),
        "weight": chance.uniform(10**8, 10**9),
        "alive": chance.random() < 0.5,
        "opens_at": f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:{token(8)}",
        "remarks": f'{{"{token(6)}":"{token()}"}}',
        "payee_entity_id": f"E{token()}",
        "secret": f"绝密{token()}",
        "备注": f"=cmd|'{token()}'!A0",
    }


def needles(rows: Iterable[Row], shown: pd.DataFrame, subscriber_knows: str) -> set[bytes]:
    """Every spelling of every value that must not leave, given what may.

    A value that is part of what may leave (`shown`, and what the subscriber knows anyway) is no
    needle; of the others every spelling is, and every long piece of text from within.
    """
    cells = [value for name in shown.columns for value in shown[name] if value is not None]
    said = "\n".join([*map(str, cells), subscriber_knows])
    known = {value for value in cells if not isinstance(value, str)}
    found: set[bytes] = set()
    for cell in (value for one in rows for value in one.values()):
        if cell is None or isinstance(cell, bool) or cell in known:
            continue
        for text in texts(cell):
            if text not in said:
                found |= spellings(text)
        found |= binaries(cell)
    return found


def texts(cell: Any) -> Iterator[str]:
    """The value as text, and for text what lies within."""
    match cell:
        case datetime():
            yield cell.strftime("%H:%M:%S.%f")
            yield str(int(cell.timestamp()) * 1_000_000 + cell.microsecond)
        case Decimal():
            yield f"{cell:f}"
            yield f"{cell.scaleb(10):.0f}"
        case float():
            yield repr(cell)
            yield str(int(cell))
        case str():
            yield cell
            for word in re.findall(r"\w{20,}", cell):
                yield word[HIDDEN:-HIDDEN]
        case _:
            yield str(cell)


def spellings(text: str) -> set[bytes]:
    """A text as bytes of several encodings."""
    raw = text.encode()
    return {
        raw,
        text.encode("utf-16-le"),
        text.encode("gb18030"),
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        text.encode("unicode_escape"),
    }


def binaries(cell: Any) -> set[bytes]:
    """A number as Parquet and databases store it."""
    match cell:
        case datetime():
            micros = int(cell.timestamp()) * 1_000_000 + cell.microsecond
            return {struct.pack("<q", micros), struct.pack(">q", micros)}
        case Decimal():
            whole = int(cell.scaleb(10))
            return {whole.to_bytes(size, "big", signed=True) for size in (12, 16)}
        case float():
            return {struct.pack("<d", cell), struct.pack(">d", cell)}
        case int():
            return {struct.pack("<q", cell), struct.pack(">q", cell)}
    return set()


def layers(raw: bytes) -> Iterator[bytes]:
    """Bytes as they are, and what is packed in them: Parquet pages, zip members, database rows."""
    yield raw
    if raw[:4] == b"PAR1":
        file = pq.ParquetFile(io.BytesIO(raw))
        table = file.read()
        yield "\n".join(str(v) for line in table.to_pylist() for v in line.values()).encode()
        yield repr(file.metadata.to_dict()).encode()
        yield repr(table.schema).encode()
        plain = io.BytesIO()
        pq.write_table(table, plain, compression="none", use_dictionary=False)
        yield plain.getvalue()
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for member in archive.infolist():
                yield member.filename.encode()
                yield archive.read(member)
    if raw[:15] == b"SQLite format 3":
        with tempfile.NamedTemporaryFile() as copy:
            Path(copy.name).write_bytes(raw)
            connection = sqlite3.connect(copy.name)
            yield "\n".join(connection.iterdump()).encode()
            connection.close()


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and all names as one more."""
    files = {str(path): path for path in sorted(folder.rglob("*")) if path.is_file()}
    names = "\n".join(str(Path(name).relative_to(folder)) for name in files)
    return {"names": names.encode(), **{name: path.read_bytes() for name, path in files.items()}}


def leaks(left: dict[str, bytes], hidden: set[bytes]) -> list[str]:
    """In which of the things that left which kind of needle lies; never the needle."""
    found = {name: END.join(layers(raw)) for name, raw in left.items()}
    whole = END.join(found.values())  # one long search is far quicker than many short ones
    lying = [needle for needle in hidden if needle in whole]
    return [name for name, text in found.items() if any(needle in text for needle in lying)]
