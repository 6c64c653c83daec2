"""A small Delta Sharing server on a socket, whose mishaps can be told: what a hub may meet."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

SPARK = {"int64": "long", "date32[day]": "date", "timestamp[us, tz=UTC]": "timestamp",
         "bool": "boolean", "double": "double"}  # fmt: skip


@dataclass
class SharingServer:
    """Tables by (share, schema, name), each a list of versions, each a list of Arrow tables."""

    folder: Path
    scheme: str = "http"
    token: str = "open-sesame"
    port: int = 0
    versions: dict[tuple[str, str, str], list[list[pa.Table]]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)  # versions that are not offered any more
    page: int = 100  # entries of a list at a time
    busy: int = 0  # requests to be answered 503
    expired: int = 0  # downloads to be answered 403, as if the URL had run out
    cut: int = 0  # downloads to be broken off in the middle
    partition: dict[str, str | None] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)  # bytes of each file's answer
    seen: list[str] = field(default_factory=list)  # requests, without their query

    @property
    def url(self) -> str:
        return f"delta-sharing+{self.scheme}://127.0.0.1:{self.port}/api"

    def add(self, place: tuple[str, str, str], *files: pa.Table) -> int:
        """A new version of a table; returns its number, from 1 on."""
        self.versions.setdefault(place, []).append(list(files))
        return len(self.versions[place])

    def id_of(self, place: tuple[str, str, str]) -> str:
        return hashlib.sha256("\n".join(place).encode()).hexdigest()[:32]

    def lines(self, place: tuple[str, str, str], version: int, files: bool) -> list[Any]:
        """Protocol, metadata and, on request, the files of one version."""
        tables = self.versions[place][version - 1]
        columns = [
            {"name": f.name, "type": _spark(f.type), "nullable": True, "metadata": {}}
            for f in (tables[0].schema if tables else pa.schema([]))
        ] + [{"name": n, "type": "string", "nullable": True} for n in self.partition]
        schema = json.dumps({"type": "struct", "fields": columns})
        found: list[Any] = [
            {"protocol": {"minReaderVersion": 1}},
            {"metaData": {"id": self.id_of(place), "format": {"provider": "parquet"},
                          "schemaString": schema, "partitionColumns": [*self.partition]}},
        ]  # fmt: skip
        for number, table in enumerate(tables if files else ()):
            name = f"{self.id_of(place)}-{version}-{number}.parquet"
            path = self.folder / name
            if not path.exists():
                pq.write_table(table, path)
            found.append(
                {"file": {"url": f"{self.scheme}://127.0.0.1:{self.port}/files/{name}?sig=s3cret-url",
                          "id": name, "size": path.stat().st_size,
                          "partitionValues": self.partition,
                          "stats": json.dumps({"numRecords": table.num_rows})}}
            )  # fmt: skip
        return found


def _spark(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return SPARK.get(str(kind), "string")


@contextmanager
def sharing_server(folder: Path, tls: ssl.SSLContext | None = None) -> Iterator[SharingServer]:
    """A running server without tables."""
    state = SharingServer(folder, "https" if tls else "http")

    class Handler(_Handler):
        server_state = state

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_state: SharingServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Nothing on the test's output."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(json.loads(self.rfile.read(length) or b"{}"))

    def _answer(self, body: dict[str, Any]) -> None:
        state, address = self.server_state, urlsplit(self.path)
        state.seen.append(address.path)
        if address.path.startswith("/files/"):
            self._file(state.folder / address.path.removeprefix("/files/"))
            return
        if state.busy:
            state.busy -= 1
            self._send(503, b"{}")
            return
        if self.headers.get("Authorization") != f"Bearer {state.token}":
            self._send(401, b'{"errorCode": "UNAUTHENTICATED"}')
            return
        self._api(address.path.removeprefix("/api").split("/")[1:], parse_qs(address.query), body)

    def _api(self, path: list[str], query: dict[str, list[str]], body: dict[str, Any]) -> None:
        state = self.server_state
        match path:
            case ["shares"]:
                self._list([{"name": n} for n in sorted({p[0] for p in state.versions})], query)
            case ["shares", share, "all-tables"]:
                names = [p for p in state.versions if p[0] == share]
                self._list([{"share": p[0], "schema": p[1], "name": p[2]} for p in names], query)
            case ["shares", share, "schemas", schema, "tables", name, what]:
                place = (share, schema, name)
                newest = len(state.versions.get(place, ()))
                version = body.get("version", newest)
                if not 1 <= version <= newest or version in state.gone:
                    self._send(404, b"{}")
                    return
                lines = state.lines(place, version, what == "query")
                text = "\n".join(map(json.dumps, lines)).encode()
                self._send(200, text, {"delta-table-version": str(version)})
            case _:
                self._send(404, b"{}")

    def _list(self, items: list[Any], query: dict[str, list[str]]) -> None:
        size, begin = self.server_state.page, int(query.get("pageToken", ["0"])[0])
        page: dict[str, Any] = {"items": items[begin : begin + size]}
        if begin + size < len(items):
            page["nextPageToken"] = str(begin + size)
        self._send(200, json.dumps(page).encode())

    def _file(self, path: Path) -> None:
        state = self.server_state
        if state.expired:
            state.expired -= 1
            self._send(403, b"expired")
            return
        data, status = path.read_bytes(), 200
        if wanted := self.headers.get("Range"):
            data, status = data[int(wanted.removeprefix("bytes=").split("-")[0]) :], 206
        if state.cut:
            state.cut -= 1
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            state.sent.append(len(data) // 2)
            self.close_connection = True
            return
        self._send(status, data)
        state.sent.append(len(data))

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
