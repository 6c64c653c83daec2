"""Reconciling five sources of one million rows: the hub beside what a user would write by hand.

Run `python benchmarks/reconcile.py`; SCALE=4 gives four million rows a source, MEMORY_MB caps the
hub. Every contender is a process of its own and writes golden rows and discrepancies as Parquet;
the hub also writes lineage, links and the key registry. Report ratios, never a time alone.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SCALE = float(os.environ.get("SCALE", "1"))
MEMORY_MB = int(os.environ.get("MEMORY_MB", "4000"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
SOURCES = 5
FIELDS = ("name", "birth_date", "sex", "nation", "address", "phone", "division", "amount")
ROOT = Path(__file__).resolve().parent.parent


def generate(folder: Path) -> None:
    """Five sources, each two thirds of the same people; about one value in ten differs."""
    import duckdb

    people = int(1_500_000 * SCALE)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = " + ".join(
        f"CAST(substr(body, {i}, 1) AS INTEGER) * {w}" for i, w in enumerate(weights, start=1)
    )
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE people AS SELECT i, body || substr('10X98765432', "
            f"CAST(({total}) % 11 AS INTEGER) + 1, 1) AS id, birth FROM ("
            "SELECT i, birth, '99' || lpad(CAST(i % 10000 AS VARCHAR), 4, '0') || "
            "strftime(birth, '%Y%m%d') || lpad(CAST(i // 10000 AS VARCHAR), 3, '0') AS body "
            "FROM (SELECT i, DATE '1950-01-01' + CAST(hash(i) % 20000 AS INTEGER) AS birth "
            f"FROM range({people}) AS t(i)))"
        )
        for source in range(1, SOURCES + 1):
            _source(connection, folder, source)


def _source(connection: object, folder: Path, source: int) -> None:
    def value(name: str, right: str, wrong: str, percent: int) -> str:
        changed = f"hash(i, {source}, '{name}') % 100 < {percent} AND {source} > 1"
        empty = f"hash(i, {source}, 'no {name}') % 100 < 5"
        return f"CASE WHEN {changed} THEN {wrong} WHEN {empty} THEN NULL ELSE {right} END AS {name}"

    def phone(seed: str) -> str:
        return f"'1' || CAST(3000000000 + CAST(hash({seed}) % 6999999999 AS BIGINT) AS VARCHAR)"

    street = "'某省某市某区人民路' || (hash(i) % 1000) || '号院' || (i % 40) || '室'"
    moved = f"'某省某市旧区解放路' || (hash(i, {source}) % 1000) || '号'"
    columns = ", ".join(
        (
            value(
                "name",
                "'张王李赵'[1 + i % 4] || '伟芳娜敏静丽强磊'[1 + i % 8] || i % 97",
                "'误名' || i % 97",
                10,
            ),
            value("birth_date", "birth", "birth + 400", 5),
            value("sex", "CAST(1 + hash(i) % 2 AS VARCHAR)", "'9'", 3),
            value("nation", "lpad(CAST(1 + hash(i) % 56 AS VARCHAR), 2, '0')", "'97'", 5),
            value("address", street, moved, 25),
            value("phone", phone("i"), phone(f"i, {source}"), 15),
            value(
                "division", "'990' || lpad(CAST(hash(i) % 900 AS VARCHAR), 3, '0')", "'990999'", 5
            ),
            value(
                "amount",
                "CAST(hash(i) % 1000000 / 100.0 AS DECIMAL(18,2))",
                "CAST(0.01 AS DECIMAL(18,2))",
                10,
            ),
        )
    )
    connection.execute(  # type: ignore[attr-defined]
        f"COPY (SELECT id, {columns}, id AS _source_key, md5(id) AS _hash, "
        f"'batch-{source}' AS _batch FROM people WHERE hash(i, {source}, 'in') % 3 < 2 "
        f"ORDER BY hash(i, {source})) TO '{folder}/s{source}.parquet' (COMPRESSION zstd)"
    )


def hub(folder: Path) -> int:
    """The hub's reconcile room, by contract alone."""
    sys.path.insert(0, str(ROOT))
    from hub.reconcile import InputTable, reconcile
    from hub.records import Input
    from hub.store import Store
    from schemas.contract import Catalog, Dataset, Field, FieldType, LogicalType, Supply
    from schemas.properties import (
        DatasetProperties,
        Department,
        Reconcile,
        SupplyProperties,
        Title,
    )

    kinds = {
        "birth_date": FieldType(LogicalType.DATE),
        "amount": FieldType(LogicalType.NUMBER, 18, 2),
    }
    text = FieldType(LogicalType.STRING)

    def common(name: str, key: str) -> dict[str, object]:
        fields = [
            Field(f, f, kinds.get(f, text), f, key_position=1 if f == key else None)
            for f in (key, *FIELDS)
        ]
        return {
            "name": name,
            "version": "1.0.0",
            "status": "active",
            "title": name,
            "title_en": name,
            "physical_name": name,
            "fields": tuple(fields),
            "quality": (),
            "sla": (),
            "description": None,
            "domain": None,
            "path": Path(name),
            "document": {},
        }

    names = [f"d{n}/s{n}" for n in range(1, SOURCES + 1)]
    department = Department(name="d", title=Title(zh="d", en="d"))
    supplies = {
        name: Supply(**common(name, "id"), department=department, properties=SupplyProperties())  # type: ignore[arg-type]
        for name in names
    }
    plan = Reconcile.model_validate(
        {
            "entity": "person",
            "keys": [{"name": "resident_id", "normaliser": "resident_id"}],
            "sources": [
                {"supply": name, "keys": {"resident_id": "id"}, "fields": {f: f for f in FIELDS}}
                for name in names
            ],
            **(
                {"evidence": {"compare": {"name": {"how": "name"}, "birth_date": {"how": "date"}}}}
                if os.environ.get("EVIDENCE")
                else {}
            ),
        }
    )
    dataset = Dataset(
        **common("population", "resident_id"),  # type: ignore[arg-type]
        properties=DatasetProperties(reconcile=plan),
    )
    catalog = Catalog(Path(), {}, supplies, {"population": dataset}, {})
    tables = {
        name: InputTable(
            Input(name, f"batch-{n}", "1", 0),
            f"SELECT * FROM read_parquet('{folder}/s{n}.parquet')",
        )
        for n, name in enumerate(names, start=1)
    }
    made = reconcile(dataset, catalog, tables, {}, Store(folder / "store", MEMORY_MB), None)
    return made.counts["value_conflict"]


def duckdb_joins(folder: Path) -> int:
    """Hand-written DuckDB: left joins in order of authority, then one SELECT per field."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "temp_directory": str(folder / "spill")})
    every = range(1, SOURCES + 1)
    ids = " UNION ".join(f"SELECT id FROM '{folder}/s{n}.parquet'" for n in every)
    joins = " ".join(f"LEFT JOIN '{folder}/s{n}.parquet' s{n} USING (id)" for n in every)
    golden = ", ".join(f"coalesce({', '.join(f's{n}.{f}' for n in every)}) AS {f}" for f in FIELDS)
    connection.execute(
        f"CREATE TEMP TABLE golden AS SELECT id, {golden} FROM ({ids}) AS ids {joins}"
    )
    connection.execute(f"COPY golden TO '{folder}/joins-golden.parquet' (COMPRESSION zstd)")
    found = " UNION ALL ".join(
        f"SELECT id, '{f}' AS field, 's{n}' AS supply, CAST(s.{f} AS VARCHAR) AS value, "
        f"CAST(g.{f} AS VARCHAR) AS surviving FROM '{folder}/s{n}.parquet' s JOIN golden g "
        f"USING (id) WHERE s.{f} <> g.{f}"
        for n in every
        for f in FIELDS
    )
    row = connection.execute(f"COPY ({found}) TO '{folder}/joins.parquet' (COMPRESSION zstd)")
    return int((row.fetchone() or (0,))[0])


def duckdb_wide(folder: Path) -> int:
    """Hand-written DuckDB: the joined table kept once, golden and discrepancies read from it."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "temp_directory": str(folder / "spill")})
    every = range(1, SOURCES + 1)
    ids = " UNION ".join(f"SELECT id FROM '{folder}/s{n}.parquet'" for n in every)
    joins = " ".join(f"LEFT JOIN '{folder}/s{n}.parquet' s{n} USING (id)" for n in every)
    values = ", ".join(f"s{n}.{f} AS {f}_{n}" for n in every for f in FIELDS)
    golden = ", ".join(f"coalesce({', '.join(f'{f}_{n}' for n in every)}) AS {f}" for f in FIELDS)
    connection.execute(
        f"CREATE TEMP TABLE wide AS SELECT *, {golden} FROM "
        f"(SELECT id, {values} FROM ({ids}) AS ids {joins})"
    )
    connection.execute(
        f"COPY (SELECT id, {', '.join(FIELDS)} FROM wide) TO '{folder}/wide-golden.parquet' "
        f"(COMPRESSION zstd)"
    )
    found = " UNION ALL ".join(
        f"SELECT id, '{f}' AS field, 's{n}' AS supply, CAST({f}_{n} AS VARCHAR) AS value, "
        f"CAST({f} AS VARCHAR) AS surviving FROM wide WHERE {f}_{n} <> {f}"
        for n in every
        for f in FIELDS
    )
    row = connection.execute(f"COPY ({found}) TO '{folder}/wide.parquet' (COMPRESSION zstd)")
    return int((row.fetchone() or (0,))[0])


def pandas_groupby(folder: Path) -> int:
    """Pandas as a user would write it: concat, groupby first, merge back and compare."""
    import pandas as pd

    frames = []
    for n in range(1, SOURCES + 1):
        frame = pd.read_parquet(folder / f"s{n}.parquet", columns=["id", *FIELDS])
        frames.append(frame.assign(supply=f"s{n}"))
    rows = pd.concat(frames, ignore_index=True)
    golden = rows.groupby("id", sort=False)[list(FIELDS)].first()
    golden.reset_index().to_parquet(folder / "pandas-golden.parquet", compression="zstd")
    joined = rows.merge(golden, left_on="id", right_index=True, suffixes=("", "_golden"))
    found = []
    for f in FIELDS:
        differs = joined[f].notna() & (joined[f] != joined[f"{f}_golden"])
        part = joined.loc[differs, ["id", "supply", f, f"{f}_golden"]]
        part.columns = pd.Index(["id", "supply", "value", "surviving"])
        found.append(part.astype({"value": str, "surviving": str}).assign(field=f))
    listed = pd.concat(found, ignore_index=True)
    listed.to_parquet(folder / "pandas.parquet", compression="zstd")
    return len(listed)


CONTENDERS: dict[str, Callable[[Path], int]] = {
    "hub": hub,
    "duckdb_joins": duckdb_joins,
    "duckdb_wide": duckdb_wide,
    "pandas": pandas_groupby,
}


def measure(name: str, folder: Path) -> tuple[float, float, int, int]:
    """Wall and processor seconds, peak MB, discrepancies of a contender in its own process.

    Processor seconds are what remains comparable on a machine that others use too.
    """
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, name, str(folder)], capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found, peak_kb, cpu = done.stdout.split()[-3:]
    return wall, float(cpu), int(peak_kb) // 1024, int(found)


def main() -> None:
    """Generate, run all contenders, print times and ratios."""
    import duckdb
    import pandas as pd

    chosen = os.environ.get("ONLY", ",".join(CONTENDERS)).split(",")
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        generate(folder)
        print(
            f"{SOURCES} sources x {SCALE:g} M rows, {len(FIELDS)} fields; duckdb "
            f"{duckdb.__version__}, pandas {pd.__version__}, {os.cpu_count()} cores"
        )
        results = {}
        for contender in chosen:
            runs = sorted(measure(contender, folder) for _ in range(ROUNDS))
            results[contender] = runs[len(runs) // 2]
            wall, cpu, peak, found = results[contender]
            print(
                f"{contender:14} {wall:7.1f} s wall {cpu:7.1f} s processor {peak:6} MB "
                f"{found:9} discrepancies",
                flush=True,
            )
        if "hub" in results:
            ours = results["hub"]
            for contender, (wall, cpu, _, _) in results.items():
                print(
                    f"hub / {contender:14} {ours[0] / wall:5.2f} wall {ours[1] / cpu:5.2f} "
                    f"processor"
                )
        if len({found for *_, found in results.values()}) > 1:
            raise SystemExit("the contenders do not agree on the discrepancies")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        count = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(count, used.ru_maxrss, used.ru_utime + used.ru_stime)
    else:
        main()
