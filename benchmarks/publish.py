"""Publishing one million rows of which five in a hundred changed, beside other ways to do it.

Run `python benchmarks/publish.py`; SCALE=4 gives four million rows, CHANGED=0.01 another share.
3 in 5 of the changes are updates, 1 in 5 inserts, 1 in 5 deletes, spread evenly. Every contender
is a process of its own and starts from the same first version. Report ratios, never a time alone.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

SCALE = float(os.environ.get("SCALE", "1"))
CHANGED = float(os.environ.get("CHANGED", "0.05"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
ROOT = Path(__file__).resolve().parent.parent
KEYLESS = "name, birth_date, sex, nation, address, phone, division, amount"


def generate(folder: Path) -> None:
    """`old.parquet` and `new.parquet`: golden rows with the hash of their content."""
    import duckdb

    rows = int(1_000_000 * SCALE)
    part = int(1_000_000 * CHANGED / 5)  # per million ids: a fifth of the changes
    columns = (
        "md5('e' || i) AS entity_id, "
        "'张王李赵'[1 + i % 4] || '伟芳娜敏静丽强磊'[1 + i % 8] || i % 97 AS name, "
        "DATE '1950-01-01' + CAST(hash(i) % 20000 AS INTEGER) AS birth_date, "
        "CAST(1 + hash(i) % 2 AS VARCHAR) AS sex, "
        "lpad(CAST(1 + hash(i) % 56 AS VARCHAR), 2, '0') AS nation, "
        "'某省某市某区人民路' || (hash(i) % 1000) || '号院' || {moved} || '室' AS address, "
        "'1' || CAST(3000000000 + CAST(hash(i) % 6999999999 AS BIGINT) AS VARCHAR) AS phone, "
        "'990' || lpad(CAST(hash(i) % 900 AS VARCHAR), 3, '0') AS division, "
        "CAST(hash(i) % 1000000 / 100.0 AS DECIMAL(18,2)) AS amount"
    )
    place = "hash(i, 'place') % 1000000"
    updated = f"CASE WHEN {place} < {3 * part} THEN 99 ELSE i % 40 END"
    before = f"range({rows}) AS t(i)"
    after = (
        f"range({rows + int(part * SCALE)}) AS t(i) WHERE i >= {rows} OR "
        f"{place} NOT BETWEEN {3 * part} AND {4 * part - 1}"
    )
    versions = {
        "old": (columns.format(moved="i % 40"), before),
        "new": (columns.format(moved=updated), after),
    }
    with duckdb.connect() as connection:
        for name, (listed, source) in versions.items():
            connection.execute(
                f"COPY (SELECT *, md5(concat_ws('|', {KEYLESS})) AS _hash FROM "
                f"(SELECT {listed} FROM {source}) ORDER BY entity_id) "
                f"TO '{folder}/{name}.parquet' (COMPRESSION zstd)"
            )


def hub(folder: Path) -> Callable[[], int]:
    """The hub's publish room: change set, manifest with checksums, commit, ledger."""
    sys.path.insert(0, str(ROOT))
    from hub.ledger import open_ledger
    from hub.publish import publish
    from hub.records import Reconciled
    from hub.store import Store
    from schemas.contract import Dataset
    from schemas.properties import DatasetProperties, Reconcile

    plan = Reconcile.model_validate(
        {
            "entity": "person",
            "keys": [{"name": "id"}],
            "sources": [{"supply": "d/s", "keys": {"id": "id"}, "fields": {}}],
        }
    )
    dataset = Dataset(
        name="population",
        version="1.0.0",
        status="active",
        title="population",
        title_en="population",
        physical_name="population",
        fields=(),
        quality=(),
        sla=(),
        description=None,
        domain=None,
        path=Path("population"),
        document={},
        properties=DatasetProperties(reconcile=plan),
    )
    store = Store(folder / "store", 4000)
    ledger = open_ledger(f"sqlite:///{folder}/ledger.db", folder)

    def made(name: str) -> Reconciled:
        uri = f"golden/{name}.parquet"
        store.path(uri).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / f"{name}.parquet", store.path(uri))
        return Reconciled(
            id=name,
            dataset="population",
            contract_version="1.0.0",
            inputs=(),
            golden=uri,
            lineage="",
            origins="",
            links="",
            keys="",
            events="",
            discrepancies="",
            balance=None,
        )

    publish(dataset, made("old"), "1", store, ledger, datetime.now(UTC))
    second = made("new")

    def run() -> int:
        release = publish(dataset, second, "2", store, ledger, datetime.now(UTC))
        return release.inserted + release.updated + release.deleted

    return run


def read_both(folder: Path) -> Callable[[], int]:
    """The limit: every column of both versions is read, and nothing is done with it."""
    import pyarrow.parquet as pq

    def run() -> int:
        for name in ("old", "new"):
            file = pq.ParquetFile(folder / f"{name}.parquet")
            for batch in file.iter_batches(100_000):
                assert batch.num_rows
        return 0

    return run


def overwrite_parquet(folder: Path) -> Callable[[], int]:
    """The whole new version written as Parquet: no change set, no history."""
    import pyarrow.parquet as pq

    def run() -> int:
        pq.write_table(
            pq.read_table(folder / "new.parquet"), folder / "plain.parquet", compression="zstd"
        )
        return 0

    return run


def overwrite_delta(folder: Path) -> Callable[[], int]:
    """The whole new version written as a Delta table's next version: no change feed."""
    import pyarrow.parquet as pq
    from deltalake import write_deltalake

    table = str(folder / "overwritten")
    write_deltalake(table, pq.read_table(folder / "old.parquet"))

    def run() -> int:
        write_deltalake(table, pq.read_table(folder / "new.parquet"), mode="overwrite")
        return 0

    return run


def merge_whole(folder: Path) -> Callable[[], int]:
    """pandas: outer merge of both versions, changed rows found, everything written."""
    import pandas as pd

    def run() -> int:
        old = pd.read_parquet(folder / "old.parquet")
        new = pd.read_parquet(folder / "new.parquet")
        both = old.merge(new, on="entity_id", how="outer", suffixes=("_old", ""), indicator=True)
        changed = both["_merge"].ne("both") | both["_hash_old"].ne(both["_hash"])
        both.loc[changed].drop(columns="_merge").to_parquet(folder / "changes.parquet")
        new.to_parquet(folder / "pandas.parquet", compression="zstd")
        return int(changed.sum())

    return run


CONTENDERS: dict[str, Callable[[Path], Callable[[], int]]] = {
    "hub": hub,
    "read_both": read_both,
    "overwrite_parquet": overwrite_parquet,
    "overwrite_delta": overwrite_delta,
    "pandas_merge": merge_whole,
}


def measure(name: str, folder: Path) -> tuple[float, float, int, int]:
    """Wall and processor seconds of the run alone, peak MB of its process, changed rows."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        for version in ("old", "new"):
            os.link(folder / f"{version}.parquet", Path(own) / f"{version}.parquet")
        done = subprocess.run(
            [sys.executable, __file__, name, own], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    wall, cpu, peak, changed = done.stdout.split()[-4:]
    return float(wall), float(cpu), int(peak) // 1024, int(changed)


def contend(name: str, folder: Path) -> None:
    """Prepare a contender, then time its run."""
    run = CONTENDERS[name](folder)
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    changed = run()
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(wall, cpu, after.ru_maxrss, changed)


def main() -> None:
    """Generate, run all contenders, print times and ratios."""
    import deltalake
    import duckdb

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as made:
        folder = Path(made)
        # In a child: a process inherits the peak of the one that starts it.
        subprocess.run([sys.executable, __file__, "generate", made], check=True)
        print(
            f"{SCALE:g} M rows, {CHANGED:.0%} changed; duckdb {duckdb.__version__}, "
            f"deltalake {deltalake.__version__}, {os.cpu_count()} cores"
        )
        results = {}
        for name in os.environ.get("ONLY", ",".join(CONTENDERS)).split(","):
            runs = sorted(measure(name, folder) for _ in range(ROUNDS))
            results[name] = runs[len(runs) // 2]
            wall, cpu, peak, changed = results[name]
            print(
                f"{name:18} {wall:7.2f} s wall {cpu:7.2f} s processor {peak:6} MB "
                f"{changed:9} changes",
                flush=True,
            )
        if ours := results.get("hub"):
            for name, (wall, cpu, _, _) in results.items():
                print(f"hub / {name:18} {ours[0] / wall:5.2f} wall {ours[1] / cpu:5.2f} processor")


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(Path(sys.argv[2]))
    elif len(sys.argv) == 3:
        contend(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
