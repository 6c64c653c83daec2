"""Bytes at rest: every file is written whole under a temporary name, then renamed into place."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from hub.errors import NotFound

COPY_PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""Options of every COPY … TO that writes Parquet."""


@dataclass(frozen=True)
class Store:
    """The folder below the hub's home that holds all rows; URIs are POSIX paths below `root`."""

    root: Path
    memory_mb: int = 2000
    threads: int = 2
    _idle: list[duckdb.DuckDBPyConnection] = field(default_factory=list, repr=False, compare=False)

    def path(self, uri: str) -> Path:
        """Where a URI lies; the file need not exist."""
        return self.root / uri

    @contextmanager
    def writing(self, uri: str) -> Iterator[Path]:
        """A temporary path that becomes `uri` when the block ends well, and vanishes otherwise.

        An existing file is replaced: the same batch written again is the same file.
        """
        target = self.path(uri)
        with self.scratch() as folder:
            temporary = folder / target.name
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder that is removed at the end of the block; after a kill, by `sweep`."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        prefix = f"{socket.gethostname()}~{os.getpid()}~"
        folder = Path(tempfile.mkdtemp(dir=self._scratch, prefix=prefix))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed processes of this machine left in scratch."""
        for folder in self._scratch.glob(f"{socket.gethostname()}~*~*"):
            if not Path(f"/proc/{folder.name.split('~')[1]}").exists():
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def _scratch(self) -> Path:
        return self.root / "scratch"

    def write_json(self, uri: str, value: Any) -> str:
        """Write JSON with sorted keys, so that equal values are equal bytes; returns the URI."""
        with self.writing(uri) as temporary:
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=str)
            temporary.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        return uri

    def read_json(self, uri: str) -> Any:
        """The value of a JSON file; raises `NotFound`."""
        try:
            return json.loads(self.path(uri).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NotFound(f"the store holds no {uri}") from None

    def sha256(self, uri: str) -> str:
        """The SHA-256 of a file, in hex."""
        with self.path(uri).open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A private in-memory DuckDB that spills into the scratch folder and downloads nothing.

        What is made in it vanishes with the block. The instance behind it serves again, because
        starting one costs more (33 ms) than most statements.
        """
        try:
            instance = self._idle.pop()
        except IndexError:
            instance = self._start()
        own = f"room_{secrets.token_hex(4)}"
        connection = instance.cursor()
        try:
            connection.execute(f"ATTACH ':memory:' AS {own}")
            connection.execute(f"USE {own}")
            yield connection
            connection.execute(f"USE memory; DETACH {own}; SET preserve_insertion_order = false")
        except BaseException:
            instance.close()  # in whatever state it was left
            raise
        finally:
            connection.close()
        self._idle.append(instance)

    def _start(self) -> duckdb.DuckDBPyConnection:
        spill = self._scratch / f"{socket.gethostname()}~{os.getpid()}~{secrets.token_hex(4)}"
        instance = duckdb.connect(
            config={
                "memory_limit": f"{self.memory_mb}MB",
                "threads": self.threads,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )
        instance.execute("SET TimeZone = 'UTC'")
        return instance

    def close(self) -> None:
        """Give back the memory of idle DuckDB instances."""
        while self._idle:
            self._idle.pop().close()


def literal(text: str | Path) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def rows_sql(columns: Iterable[str], rows: Iterable[Iterable[str | None]]) -> str:
    """Rows of text as a SELECT; it may have none."""
    listed = [
        "(" + ", ".join("NULL::VARCHAR" if v is None else literal(v) for v in row) + ")"
        for row in rows
    ]
    names = [identifier(column) for column in columns]
    if not listed:
        return f"SELECT {', '.join(f'NULL::VARCHAR AS {name}' for name in names)} WHERE false"
    return f"SELECT * FROM (VALUES {', '.join(listed)}) AS v({', '.join(names)})"
