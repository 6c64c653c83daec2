"""Fifty subscribers at once fetch what they were granted of a release, beside a plain file server.

Run `python benchmarks/serve.py`; SCALE=1 gives one million rows (default a tenth), SUBSCRIBERS=50.
The portal asks the ledger on every request, notes what left and signs a receipt; the peer
(Starlette's StaticFiles on the same uvicorn) serves the same files to anybody. CPU seconds are the
server's own. Report ratios, never a time alone.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402
import httpx  # noqa: E402
import psutil  # noqa: E402

from hub import shares  # noqa: E402
from hub.opened import Hub  # noqa: E402
from hub.publish import publish  # noqa: E402
from hub.records import Input, Reconciled  # noqa: E402
from tests.portal.open_portal import make_hub, open_grant  # noqa: E402
from tests.portal.serving import MIB, fetch, serving  # noqa: E402
from tests.servers.process import free_port, running  # noqa: E402

ROWS = int(1_000_000 * float(os.environ.get("SCALE", "0.1")))
SUBSCRIBERS = int(os.environ.get("SUBSCRIBERS", "50"))
ROUNDS = int(os.environ.get("ROUNDS", "2"))
GOLDEN = """
SELECT 'E' || lpad(i::VARCHAR, 8, '0') AS entity_id,
  '990101' || lpad((i % 100000000)::VARCHAR, 8, '0') || lpad((hash(i) % 10000)::VARCHAR, 4, '0')
    AS number,
  '张王李赵'[1 + i % 4] || '伟芳娜敏静丽强磊'[1 + i % 8] || i % 97 AS full_name,
  CASE WHEN i % 5 = 0 THEN '990102' ELSE '990101' END AS division,
  DATE '1950-01-01' + CAST(hash(i) % 20000 AS INTEGER) AS born_on,
  TIMESTAMPTZ '2026-01-01 08:00:00+00' + INTERVAL (i) SECOND AS seen_at,
  (i % 50)::BIGINT AS visits, (i / 100)::DECIMAL(38, 10) AS amount, i / 3.0 AS weight,
  i % 2 = 0 AS alive, '08:30:00' AS opens_at, '{}' AS remarks, NULL::VARCHAR AS payee_entity_id,
  NULL::VARCHAR AS secret, '行' || i AS 备注, md5('h' || i) AS _hash
FROM range({rows}) AS t(i) ORDER BY 1
"""
PEER = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
app = Starlette(routes=[Mount('/', StaticFiles(directory=sys.argv[1]))])
uvicorn.run(app, port=int(sys.argv[2]), log_level='error')
"""


@dataclass
class Cost:
    """What one crowd cost a server."""

    bytes: int
    wall_s: float
    cpu_s: float
    peak: int
    before: int

    def line(self, name: str) -> str:
        """For people."""
        return (
            f"{name:<28}{self.bytes / MIB:>9,.0f} MiB{self.wall_s:>8.1f} s"
            f"{self.cpu_s * 1024 * MIB / self.bytes:>8.1f} CPU s/GiB"
            f"{self.before / MIB:>8.0f} MiB before, peak +{(self.peak - self.before) / MIB:.0f} MiB"
        )


def release(hub: Hub) -> None:
    """One release of many rows of the tests' small dataset."""
    uris = {}
    for part in ("golden", "lineage", "origins", "links", "keys", "events", "discrepancies"):
        uris[part] = f"reconciled/r001/{part}.parquet"
        rows = ROWS if part == "golden" else 1
        with hub.store.writing(uris[part]) as path, duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(
                f"COPY ({GOLDEN.replace('{rows}', str(rows))}) TO '{path}' (FORMAT parquet)"
            )
    made = Reconciled(
        "r001", "people", "1.0.0", (Input("office/people", "r001", "1.0.0", ROWS),), **uris,
        balance=None, counts={"entities": ROWS},
    )  # fmt: skip
    publish(hub.dataset("people"), made, "r001", hub.store, hub.ledger, hub.now())


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """Samples of a process's memory, taken until the end of the block."""
    samples, over, process = [], threading.Event(), psutil.Process(pid)

    def look() -> None:
        while not over.wait(0.02):
            samples.append(process.memory_info().rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield samples
    finally:
        over.set()
        looking.join()


def crowd(pid: int, one: Callable[[int], int]) -> Cost:
    """Everybody fetches at once, `ROUNDS` times."""
    process = psutil.Process(pid)
    before, spent, began = process.memory_info().rss, sum(process.cpu_times()[:2]), time.time()
    with watched(pid) as samples, ThreadPoolExecutor(SUBSCRIBERS) as pool:
        sent = sum(pool.map(lambda n: sum(one(n) for _ in range(ROUNDS)), range(SUBSCRIBERS)))
    used = sum(process.cpu_times()[:2]) - spent
    return Cost(sent, time.time() - began, used, max(samples, default=before), before)


def main() -> int:
    """Measure both and print them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hub = replace(make_hub(folder, threads=2), now=lambda: datetime.now(UTC))
        release(hub)
        began = {"granted_at": hub.now(), "expires_at": hub.now() + timedelta(days=9)}
        grants = [open_grant(hub, **began) for _ in range(SUBSCRIBERS)]
        print(f"{ROWS:,} rows, {SUBSCRIBERS} subscribers, {ROUNDS} rounds")
        with serving(hub, folder) as portal:

            def subscriber(number: int) -> int:
                grant, token = grants[number]
                table = f"/shares/tax/schemas/people/tables/{grant.id}"
                with httpx.Client(timeout=600) as client:
                    return fetch(client, portal.url, table, token)[1]

            start = time.time()
            sizes = [subscriber(number) for number in range(SUBSCRIBERS)]
            print(
                f"made and fetched one by one: {time.time() - start:.1f} s, {sizes[0] / MIB:.1f} "
                f"MiB each, portal {portal.rss() / MIB:.0f} MiB"
            )
            mine = [crowd(portal.pid, subscriber) for _ in range(2)]
        port = free_port()
        paths = [shares.rows(hub, grant, 1).files[0].uri for grant, _ in grants]
        command = [sys.executable, "-c", PEER, str(hub.store.root), str(port)]

        def plain(number: int) -> int:
            digest, size = hashlib.sha256(), 0
            with httpx.stream("GET", f"http://127.0.0.1:{port}/{paths[number]}") as body:
                for piece in body.iter_raw():
                    digest.update(piece)
                    size += len(piece)
            return size

        def ready() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/").status_code < 500
            except httpx.HTTPError:
                return False

        with running(command, "root", folder / "peer.log", ready) as peer:
            plain(0)
            theirs = crowd(peer.pid, plain)
    for number, cost in enumerate(mine, 1):
        print(cost.line(f"portal, crowd {number}"))
    print(theirs.line("plain file server"))
    per = [cost.cpu_s / cost.bytes for cost in (mine[-1], theirs)]
    print(f"portal / plain, CPU per byte: {per[0] / per[1]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
