"""From PostgreSQL and MariaDB to Parquet: the hub beside its peers, in one run.

Run `python benchmarks/extract.py [SERVER…]`. SCALE=4 reads four million rows, ROUNDS=3 takes the
best of three, WITH=connectorx,dlt picks peers. The peers live in `.venv-bench`, made from
benchmarks/requirements.txt when it is missing; the servers are throwaway ones. Every contender is
a process of its own. The hub alone reads in the key's order, over one connection, and takes rows,
sums and the key digest in the same snapshot first. Report ratios, never a time alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.extract_peers import CONTENDERS  # noqa: E402

SCALE = float(os.environ.get("SCALE", "1"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
ROWS = int(1_000_000 * SCALE)
PEERS = ROOT / ".venv-bench"
PEERS_WANTED = os.environ.get("WITH", ",".join(CONTENDERS)).split(",")
HUB = "hub"
COLUMNS = {
    "id": "bigint PRIMARY KEY",
    "resident_id": "varchar(18)",
    "name": "varchar(64)",
    "sex": "varchar(1)",
    "birth_date": "date",
    "nation": "varchar(2)",
    "division": "varchar(12)",
    "address": "varchar(200)",
    "phone": "varchar(11)",
    "amount": "decimal(18,2)",
    "rate": "decimal(12,4)",
    "household": "integer",
    "status": "smallint",
    "created_at": "timestamp",
    "updated_at": "timestamp",
    "remark": "varchar(100)",
    "valid_from": "date",
    "code": "varchar(6)",
    "marital": "varchar(8)",
    "digest": "varchar(32)",
}
VALUES = """
i, '99' || lpad((i % 9999)::text, 4, '0') || (1940 + i % 80) || lpad((1 + i % 12)::text, 2, '0')
  || lpad((1 + i % 28)::text, 2, '0') || lpad((i % 10000)::text, 4, '0'),
substr('王李张刘陈杨赵黄周吴', 1 + (i % 10)::int, 1)
  || substr('伟芳娜敏静丽强磊军洋', 1 + (i / 10 % 10)::int, 1),
1 + i % 2, date '1940-01-01' + (i * 7919 % 29000)::int, '01', 990100 + i % 100,
'北京市朝阳区建国路' || i % 500 || '号' || i % 30 || '单元' || i % 2000 || '室',
'1' || lpad((i * 7919 % 10000000000)::text, 10, '0'), (i * 31 % 100000000) / 100.0,
(i * 17 % 1000000) / 100.0, i % 100000, i % 5,
timestamp '2015-01-01' + (i * 311 % 300000000) * interval '1 second',
timestamp '2020-01-01' + i * interval '61 seconds', CASE WHEN i % 10 = 0 THEN '备注' || i END,
CASE WHEN i % 3 = 0 THEN date '2010-01-01' + (i % 4000)::int END, lpad((i % 1000)::text, 6, '0'),
CASE i % 4 WHEN 0 THEN '未婚' WHEN 1 THEN '已婚' WHEN 2 THEN '离异' ELSE '丧偶' END, md5(i::text)
"""


def fill_postgresql(url: str) -> None:
    import sqlalchemy

    table = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE people ({table})")
        series = f"generate_series(1::bigint, {ROWS}) AS i"
        connection.exec_driver_sql(
            f"INSERT INTO people SELECT {VALUES.replace('%', '%%')} FROM {series}"
        )
        connection.exec_driver_sql("VACUUM ANALYZE people")
    engine.dispose()


def fill_mariadb(url: str, postgresql: str, folder: Path) -> None:
    """The same rows, from PostgreSQL by way of a file."""
    import sqlalchemy

    rows = folder / "people.tsv"
    engine = sqlalchemy.create_engine(postgresql)
    with engine.connect() as connection, rows.open("wb") as target:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("COPY people TO STDOUT") as copy:
            for data in copy:
                target.write(data)
    engine.dispose()
    table = ", ".join(
        f"{name} {kind.replace('timestamp', 'datetime')}" for name, kind in COLUMNS.items()
    )
    engine = sqlalchemy.create_engine(url, connect_args={"local_infile": True})
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE people ({table}) CHARACTER SET utf8mb4")
        load = f"LOAD DATA LOCAL INFILE '{rows}' INTO TABLE people CHARACTER SET utf8mb4"
        connection.exec_driver_sql(load)
    engine.dispose()


def hub(url: str, target: str) -> None:
    """The hub's connector, and Parquet written as the land room writes it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from connectors.protocol import Window
    from connectors.registry import open_source
    from schemas.properties import Node

    supply = _supply()
    pending: Future[None] | None = None
    with (
        open_source(Node(url=url), "bench", Path(target).parent) as source,
        source.read(supply, Window(as_of=datetime.now(UTC))) as extract,
        ThreadPoolExecutor(1) as pool,
    ):
        writer, rows = None, 0
        for chunk in extract.chunks:
            rows += chunk.rows.num_rows
            table = pa.Table.from_batches([chunk.rows])
            writer = writer or pq.ParquetWriter(
                target, table.schema, compression="zstd", compression_level=1,
                use_dictionary=[n for n in table.column_names if n in REPEATING],
            )  # fmt: skip
            if pending:
                pending.result()
            pending = pool.submit(writer.write_table, table)
        if pending and writer:
            pending.result()
            writer.close()
        assert extract.totals is not None and extract.totals.rows == rows == ROWS


REPEATING = ("name", "sex", "nation", "division", "code", "marital", "remark")


def _supply() -> Any:
    from schemas.contract import Field, FieldType, LogicalType, Supply
    from schemas.properties import Department, SupplyProperties, Title

    kinds = {
        "bigint": FieldType(LogicalType.INTEGER),
        "integer": FieldType(LogicalType.INTEGER),
        "smallint": FieldType(LogicalType.INTEGER),
        "date": FieldType(LogicalType.DATE),
        "timestamp": FieldType(LogicalType.TIMESTAMP),
        "decimal(18,2)": FieldType(LogicalType.NUMBER, 18, 2),
        "decimal(12,4)": FieldType(LogicalType.NUMBER, 12, 4),
    }
    fields = tuple(
        Field(
            name=name,
            column=name,
            type=kinds.get(kind.split()[0], FieldType(LogicalType.STRING)),
            title=name,
            key_position=1 if name == "id" else None,
        )
        for name, kind in COLUMNS.items()
    )
    return Supply(
        name="bench/people", version="1.0.0", status="active", title="人口", title_en="people",
        physical_name="people", fields=fields, quality=(), sla=(), description=None, domain=None,
        path=Path("people.yaml"), document={},
        department=Department(name="bench", title=Title(zh="测", en="bench")),
        properties=SupplyProperties(),
    )  # fmt: skip


def measure(name: str, url: str, folder: Path) -> dict[str, float]:
    """Best of the rounds; each a process of its own."""
    best: dict[str, float] = {}
    script = Path(__file__) if name == HUB else Path(__file__).with_name("extract_peers.py")
    python = sys.executable if name == HUB else str(PEERS / "bin" / "python")
    for _ in range(ROUNDS):
        command = [python, str(script), name, url, str(folder / "out.parquet")]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        if not best or found["wall"] < best["wall"]:
            best = found
    return best


def install_peers() -> None:
    if (PEERS / "bin" / "python").exists():
        return
    subprocess.run(["uv", "venv", "-q", PEERS, "--python", sys.executable], check=True)
    wanted = Path(__file__).with_name("requirements.txt")
    install = ["uv", "pip", "install", "-q", "--require-hashes", "-r", wanted]
    subprocess.run([*install, "--python", PEERS], check=True)


def main(servers: list[str]) -> None:
    from tests.servers.mariadb import mariadb
    from tests.servers.postgresql import postgresql

    install_peers()
    with (
        tempfile.TemporaryDirectory() as name,
        postgresql() as postgres_url,
        mariadb() as mysql_url,
    ):
        folder = Path(name)
        fill_postgresql(postgres_url)
        urls = {"PostgreSQL": postgres_url}
        if "MariaDB" in servers:
            urls["MariaDB"] = mysql_url
            fill_mariadb(mysql_url, postgres_url, folder)
        for server in servers:
            print(f"\n{server} → Parquet zstd, {ROWS:,} rows × {len(COLUMNS)} columns")
            print(f"{'':20}{'wall s':>8}{'cpu s':>8}{'peak MB':>9}{'hub ÷ peer':>12}", flush=True)
            ours = measure(HUB, urls[server], folder)
            _print(HUB, ours, ours)
            for peer in PEERS_WANTED:
                try:
                    _print(peer, measure(peer, urls[server], folder), ours)
                except RuntimeError as error:
                    print(f"{peer:20}{str(error).strip().splitlines()[-1][:100]}", flush=True)


def _print(name: str, found: dict[str, float], ours: dict[str, float]) -> None:
    figures = f"{found['wall']:8.2f}{found['cpu']:8.2f}{found['peak_mb']:9.0f}"
    print(f"{name:20}{figures}{ours['wall'] / found['wall']:12.2f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == HUB:
        began = time.perf_counter()
        hub(sys.argv[2], sys.argv[3])
        seconds = time.perf_counter() - began
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = usage.ru_utime + usage.ru_stime
        print(json.dumps({"wall": seconds, "cpu": cpu, "peak_mb": usage.ru_maxrss / 1024}))
    else:
        main(sys.argv[1:] or ["PostgreSQL", "MariaDB"])
