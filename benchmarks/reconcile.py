"""Reconciling five sources of one million rows: the hub beside what a user would write by hand.

Run `python benchmarks/reconcile.py`; SCALE=4 gives four million rows a source, MEMORY_MB caps the
hub, ROUNDS=3 takes the median of three, ONLY=hub,polars_gather picks contenders, DATA=folder keeps
the sources. Every contender is a process of its own and writes golden rows and discrepancies as
Parquet; the hub also gives each entity an id that lasts, and writes lineage, links and the key
registry. Peers that the hub does not depend on run in `.venv-bench` (see benchmarks/extract.py).
Report ratios, never a time alone.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

SCALE = float(os.environ.get("SCALE", "1"))
MEMORY_MB = int(os.environ.get("MEMORY_MB", "4000"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
PEOPLE = 1_500_000
COVERAGE = (2 / 3,) * 5
"""Which share of the people each source knows, in order of authority."""
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.reconcile_peers import FIELDS, PEERS, sources  # noqa: E402


def generate(folder: Path, people: int, coverage: Sequence[float]) -> None:
    """`s1.parquet` …: each source knows its share of the same people; one value in ten differs."""
    import duckdb

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
        for source, share in enumerate(coverage, start=1):
            _source(connection, folder, source, share)


def _source(connection: object, folder: Path, source: int, share: float) -> None:
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
        f"'batch-{source}' AS _batch FROM people "
        f"WHERE hash(i, {source}, 'in') % 1000 < {round(share * 1000)} "
        f"ORDER BY hash(i, {source})) TO '{folder}/s{source}.parquet' (COMPRESSION zstd)"
    )


def hub(folder: Path) -> int:
    """The hub's reconcile room, by contract alone."""
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

    names = [f"d{n}/s{n}" for n in sources(folder)]
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


CONTENDERS = {"hub": hub, **PEERS}
FOREIGN = "polars"  # peers of that name are not among what the hub depends on


def measure(name: str, folder: Path) -> tuple[float, float, int, int]:
    """Wall and processor seconds, peak MB, discrepancies of a contender in its own process.

    Processor seconds are what remains comparable on a machine that others use too.
    """
    python = ROOT / ".venv-bench/bin/python" if name.startswith(FOREIGN) else sys.executable
    begun = time.perf_counter()
    done = subprocess.run(
        [python, __file__, name, str(folder)], capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found, peak_kb, cpu = done.stdout.split()[-3:]
    return wall, float(cpu), int(peak_kb) // 1024, int(found)


def written(folder: Path, name: str) -> tuple[str, str]:
    """The golden rows and the discrepancies that a contender wrote, as SQL, both by the key."""
    fields = ", ".join(f"CAST({f} AS VARCHAR) AS {f}" for f in FIELDS)
    if name != "hub":
        return (
            f"SELECT id, {fields} FROM '{folder}/{name}-golden.parquet'",
            f"SELECT id, field, supply, value, surviving FROM '{folder}/{name}.parquet'",
        )
    made = next((folder / "store/reconciled/population").iterdir())
    listed = (
        "SELECT g.resident_id AS id, d.field, 's' || regexp_extract(d.supply, '[0-9]+') AS supply, "
        f"d.value, d.surviving_value AS surviving FROM '{made}/discrepancies.parquet' AS d "
        f"JOIN '{made}/golden.parquet' AS g USING (entity_id) WHERE d.kind = 'value_conflict'"
    )
    return f"SELECT resident_id AS id, {fields} FROM '{made}/golden.parquet'", listed


def digests(folder: Path, name: str) -> tuple[object, ...]:
    """What a contender wrote, whatever the order, as numbers that are equal for equal rows."""
    import duckdb

    found: tuple[object, ...] = ()
    for query in written(folder, name):
        found += duckdb.sql(f"SELECT count(*), bit_xor(hash(t)) FROM ({query}) AS t").fetchall()[0]
    return found


def main() -> None:
    """Generate, run all contenders by turns, print times and ratios."""
    from benchmarks.extract import install_peers

    chosen = os.environ.get("ONLY", ",".join(CONTENDERS)).split(",")
    if any(name.startswith(FOREIGN) for name in chosen):
        install_peers()
    kept = os.environ.get("DATA")
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        folder.mkdir(exist_ok=True)
        if not sources(folder):
            generate(folder, int(PEOPLE * SCALE), COVERAGE)
        print(f"{len(sources(folder))} sources, {len(FIELDS)} fields, {os.cpu_count()} cores")
        runs: dict[str, list[tuple[float, float, int, int]]] = {name: [] for name in chosen}
        for _ in range(ROUNDS):
            for contender in chosen:
                runs[contender].append(measure(contender, folder))
        results = {name: sorted(found)[len(found) // 2] for name, found in runs.items()}
        same = {name: digests(folder, name) for name in chosen}
    best = min((entry for name, entry in results.items() if name != "hub"), default=None)
    ours = results.get("hub")
    for contender, (wall, cpu, peak, found) in results.items():
        line = (
            f"{contender:16} {wall:7.1f} s wall {cpu:7.1f} s processor {peak:6} MB {found:9} found"
        )
        if ours:
            line += (
                f"   hub is {ours[0] / wall:5.2f} x its wall, {ours[1] / cpu:5.2f} x its processor"
            )
        print(line)
    if best and ours:
        print(f"hub / best peer: {ours[0] / best[0]:.2f} wall, {ours[1] / best[1]:.2f} processor")
    if len(set(same.values())) > 1:
        raise SystemExit(f"the contenders do not agree on what they wrote: {same}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        count = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(count, used.ru_maxrss, used.ru_utime + used.ru_stime)
    else:
        main()
