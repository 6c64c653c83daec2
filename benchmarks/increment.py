"""A batch that changes one row in a hundred: the release made as a change beside one made whole.

Run `python benchmarks/increment.py` (SCALE, SHARE, SUPPLIES: how many of the five send a batch).
The five sources of `reconcile.py` change by updates, inserts and deletes; both ways start from the
same release and are processes of their own. Report the ratio, never a time alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import reconcile as bench

SOURCES = len(bench.COVERAGE)
SHARE = float(os.environ.get("SHARE", "0.01"))
SUPPLIES = int(os.environ.get("SUPPLIES", str(SOURCES)))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
OPS = "CASE WHEN pick < 7000 THEN 'update' WHEN pick < 8500 THEN 'insert' ELSE 'delete' END"


def change(folder: Path) -> None:
    """Batches `u<source>.parquet`: of ten changed rows seven updates, 1.5 inserts, 1.5 deletes."""
    import duckdb

    values = ", ".join(
        f"CASE WHEN hash(id, '{name}') % 4 = 0 THEN {new} ELSE {name} END AS {name}"
        for name, new in (
            ("name", "'新名' || hash(id) % 97"),
            ("address", "'某省某市新区和平路' || (hash(id) % 1000) || '号'"),
            ("phone", "'13' || lpad(CAST(hash(id) % 1000000000 AS VARCHAR), 9, '0')"),
            ("amount", "CAST(hash(id) % 1000 AS DECIMAL(18,2))"),
        )
    )
    rest = ", ".join(f for f in bench.FIELDS if f not in ("name", "address", "phone", "amount"))
    with duckdb.connect() as connection:
        for n in range(1, SUPPLIES + 1):
            other = n % SOURCES + 1
            picked = (
                f"SELECT *, hash(id, {n}, 'op') % 10000 AS pick FROM '{folder}/s{{}}.parquet' "
                f"WHERE hash(id, {n}, 'batch') % 1000000 < {int(SHARE * 1_000_000)}"
            )
            own = (
                f"SELECT *, {OPS} AS _op FROM ({picked.format(n)}) "
                "WHERE pick NOT BETWEEN 7000 AND 8499"
            )
            new = (
                f"SELECT *, 'insert' AS _op FROM ({picked.format(other)}) "
                f"WHERE pick BETWEEN 7000 AND 8499 "
                f"AND id NOT IN (SELECT id FROM '{folder}/s{n}.parquet')"
            )
            connection.execute(
                f"COPY (SELECT id, {values}, {rest}, id AS _source_key, md5(id) AS _hash, _op "
                f"FROM ({own} UNION ALL {new})) TO '{folder}/u{n}.parquet' (COMPRESSION zstd)"
            )


def fold(folder: Path, n: int, changed: bool) -> tuple[str, str | None, str | None]:
    """The fold of a source and its batch, as `hub.fold` writes it."""
    base = f"SELECT * FROM read_parquet('{folder}/s{n}.parquet')"
    batch = f"{folder}/u{n}.parquet"
    nothing = f"SELECT _source_key FROM ({base}) WHERE false"
    if not changed or not Path(batch).exists():
        return base, nothing, f"{base} WHERE false"
    new = f"SELECT * EXCLUDE (_op), 'late-{n}' AS _batch FROM read_parquet('{batch}')"
    fresh = f"{new} WHERE _op <> 'delete'"
    rest = (
        f"SELECT * FROM ({base}) AS base WHERE NOT EXISTS "
        f"(FROM read_parquet('{batch}') AS l WHERE l._source_key = base._source_key)"
    )
    both = f"{rest} UNION ALL BY NAME {fresh}"
    return both, f"SELECT _source_key FROM read_parquet('{batch}')", fresh


def contract() -> tuple[Any, Any, list[str]]:
    """The contract of `reconcile.py`'s sources: one key, eight fields, by authority."""
    from schemas.contract import Catalog, Dataset, Field, FieldType, LogicalType, Supply
    from schemas.properties import (
        DatasetProperties,
        Department,
        Reconcile,
        SupplyProperties,
        Title,
    )

    text = FieldType(LogicalType.STRING)
    kinds = {
        "birth_date": FieldType(LogicalType.DATE),
        "amount": FieldType(LogicalType.NUMBER, 18, 2),
    }

    def common(name: str, key: str) -> dict[str, Any]:
        own = {"name": name, "title": name, "title_en": name, "physical_name": name}
        none = {"quality": (), "sla": (), "description": None, "domain": None, "document": {}}
        fields = tuple(
            Field(f, f, kinds.get(f, text), f, key_position=1 if f == key else None)
            for f in (key, *bench.FIELDS)
        )
        return {**own, **none, "version": "1", "status": "active", "fields": fields, "path": Path()}

    names = [f"d{n}/s{n}" for n in range(1, SOURCES + 1)]
    department = Department(name="d", title=Title(zh="d", en="d"))
    supplies = {
        name: Supply(**common(name, "id"), department=department, properties=SupplyProperties())
        for name in names
    }
    fields = {f: f for f in bench.FIELDS}
    plan = Reconcile.model_validate(
        {
            "entity": "person",
            "keys": [{"name": "resident_id", "normaliser": "resident_id"}],
            "sources": [
                {"supply": name, "keys": {"resident_id": "id"}, "fields": fields} for name in names
            ],
        }
    )
    properties = DatasetProperties(reconcile=plan)
    dataset = Dataset(**common("population", "resident_id"), properties=properties)
    return Catalog(Path(), {}, supplies, {"population": dataset}, {}), dataset, names


def run(folder: Path, what: str) -> dict[str, Any]:
    """One reconciliation: `first`, or after the batches as a `whole` or a `change`."""
    sys.path.insert(0, str(bench.ROOT))
    import duckdb
    import pyarrow as pa

    from hub.reconcile import InputTable, reconcile
    from hub.reconcile.inputs import previous_of
    from hub.records import Input, Release
    from hub.released import files_of
    from hub.store import Store

    catalog, dataset, names = contract()
    tables = {}
    for n, name in enumerate(names, start=1):
        sql, changed, fresh = fold(folder, n, what != "first")
        (rows,) = duckdb.connect().execute(f"SELECT count(*) FROM ({sql})").fetchone() or (0,)
        tables[name] = InputTable(Input(name, what, "1", rows), sql, changed, fresh)
    store = Store(folder / "store", bench.MEMORY_MB)
    previous = None
    if what != "first":
        manifest = json.loads((folder / "manifest.json").read_text())
        now = datetime(2026, 1, 1, tzinfo=UTC)
        release = Release("population", 1, 1, manifest["id"], "", 0, 0, 0, 0, now)
        previous = previous_of(store, release, manifest)
    pa.array([0]).to_numpy()  # loads pandas: the start of a process is no part of what is compared
    before, begun = time.process_time(), time.perf_counter()
    made = reconcile(dataset, catalog, tables, {}, store, previous, whole=what != "change")
    cpu, wall = time.process_time() - before, time.perf_counter() - begun
    if what == "first":
        files = files_of(store, made, None)
        kept = {"id": made.id, "files": files, "memory": made.memory}
        (folder / "manifest.json").write_text(json.dumps(kept))
    if (what == "change") != (made.change is not None):
        raise SystemExit(f"{what}: the release was made another way")
    counts = {"counts": made.counts, "measures": repr(made.measures)}
    return {"cpu": cpu, "wall": wall, "peak": _peak(), **counts}


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(folder: Path, what: str) -> dict[str, Any]:
    """A run in its own process."""
    done = subprocess.run(
        [sys.executable, __file__, what, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{what} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Generate, reconcile, change, and reconcile both ways by turns."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(os.environ.get("FOLDER", name))
        if not (folder / "manifest.json").exists():
            folder.mkdir(exist_ok=True)
            bench.generate(folder, int(bench.PEOPLE * bench.SCALE), bench.COVERAGE)
            measure(folder, "first")
        change(folder)
        print(
            f"{SOURCES} sources x {bench.SCALE:g} M rows, {SHARE:.1%} of the rows of "
            f"{SUPPLIES} of them changed"
        )
        runs: dict[str, list[dict[str, Any]]] = {"whole": [], "change": []}
        for _ in range(ROUNDS):
            for what, found in runs.items():
                found.append(measure(folder, what))
        best = {what: min(found, key=lambda one: one["cpu"]) for what, found in runs.items()}
        for what, one in best.items():
            print(
                f"{what:8} {one['wall']:7.2f} s wall {one['cpu']:7.2f} s processor "
                f"{one['peak']:6} MB"
            )
        for kind in ("wall", "cpu"):
            print(f"change / whole {best['change'][kind] / best['whole'][kind]:.3f} {kind}")
        if any(best["whole"][x] != best["change"][x] for x in ("counts", "measures")):
            raise SystemExit("change and whole do not agree")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(Path(sys.argv[2]), sys.argv[1])))
    else:
        main()
