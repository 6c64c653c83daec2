"""A real `hub serve`, its memory, and subscribers that fetch through it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from hub.opened import Hub
from tests.servers.process import free_port, running

MIB = 1024 * 1024


@dataclass(frozen=True)
class Served:
    """A portal that is a process of its own."""

    url: str
    pid: int
    log: Path

    def rss(self) -> int:
        """Bytes of memory that the process holds now."""
        return int(psutil.Process(self.pid).memory_info().rss)


@contextmanager
def serving(hub: Hub, folder: Path) -> Iterator[Served]:
    """`hub serve` on the home folder of a hub."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", folder / "serve.log"
    told = hub.settings
    words = ["--home", str(told.home), "--catalog", str(told.catalog), "serve", "--port", str(port)]
    start = "import sys; from hub.cli import main; sys.argv[0] = 'hub'; main()"

    def ready() -> bool:
        try:
            return httpx.get(f"{url}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    with running([sys.executable, "-c", start, *words], "root", log, ready) as process:
        yield Served(url, process.pid, log)


def fetch(client: httpx.Client, url: str, table: str, token: str) -> tuple[int, int]:
    """Ask for a table and fetch its files whole; rows and bytes, each file held against its id."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post(f"{url}/delta-sharing{table}/query", headers=headers, json={})
    assert answer.status_code == 200, answer.text
    rows = size = 0
    for line in answer.text.splitlines()[2:]:
        file = json.loads(line)["file"]
        digest = hashlib.sha256()
        with client.stream("GET", file["url"]) as body:
            assert body.status_code == 200
            for piece in body.iter_raw():
                digest.update(piece)
                size += len(piece)
        assert digest.hexdigest() == file["id"]
        rows += json.loads(file["stats"])["numRecords"]
    return rows, size
