"""What a grant lets out of one million rows, made as masked files, beside other ways to do it.

Run `python benchmarks/share.py`; SCALE=5 gives five million rows. Nine fields: two pseudonyms, a
partly hidden number and name, a birth date by its month, four as they are; half of the rows by
division. Then the changes of five in a hundred rows, and a CSV file. Every contender is a process
of its own on the same releases. Report ratios, never a time alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCALE = float(os.environ.get("SCALE", "1"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
MEMORY_MB = int(os.environ.get("MEMORY_MB", "1000"))
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TERMS: dict[str, Any] = {
    "fields": [
        {"name": "resident_id", "mask": {"kind": "pseudonym"}},
        {"name": "phone", "mask": {"kind": "partial", "first": 3, "last": 4}},
        {"name": "name", "mask": {"kind": "partial", "first": 1}},
        {"name": "birth_date", "mask": {"kind": "generalise", "to": "month"}},
        *({"name": name} for name in ("sex", "ethnicity", "division", "status")),
    ],
    "rows": [{"field": "division", "startsWith": ["9901", "9903", "9905", "9907", "9909"]}],
    "ways": ["pull"],
}
KEY = b"benchmark"


def generate(folder: Path) -> None:
    """`old.parquet` and `new.parquet`: rows of the population dataset; one in twenty differs."""
    import duckdb

    rows = int(1_000_000 * SCALE)
    columns = (
        "md5('e' || i) AS entity_id, "
        "'9901011' || lpad(CAST(i AS VARCHAR), 11, '0') AS resident_id, "
        "'张王李赵'[1 + i % 4] || '伟芳娜敏静丽强磊'[1 + i % 8] || i % 97 AS name, "
        "CAST(1 + hash(i) % 2 AS VARCHAR) AS sex, "
        "lpad(CAST(1 + hash(i) % 56 AS VARCHAR), 2, '0') AS ethnicity, "
        "DATE '1950-01-01' + CAST(hash(i) % 20000 AS INTEGER) AS birth_date, "
        "'990' || lpad(CAST(hash(i) % 1000 AS VARCHAR), 3, '0') AS division, "
        "'某省某市某区人民路' || (hash(i) % 1000) || '号院' AS address, "
        "'1' || CAST({moved} + CAST(hash(i) % 6999999999 AS BIGINT) AS VARCHAR) AS phone, "
        "'1' AS status, NULL::DATE AS death_date, NULL::VARCHAR AS marital_status, "
        "NULL::VARCHAR AS employer_uscc, NULL::VARCHAR AS blood_type, "
        "NULL::VARCHAR AS insurance_type, NULL::VARCHAR AS disability_category, "
        "NULL::VARCHAR AS school"
    )
    moved = "CASE WHEN hash(i, 'place') % 20 = 0 THEN 3000000001 ELSE 3000000000 END"
    with duckdb.connect() as connection:
        for name, base in (("old", "3000000000"), ("new", moved)):
            connection.execute(
                f"COPY (SELECT *, md5(concat_ws('|', resident_id, name, phone)) AS _hash FROM "
                f"(SELECT {columns.format(moved=base)} FROM range({rows}) AS t(i)) "
                f"ORDER BY entity_id) TO '{folder}/{name}.parquet' (COMPRESSION zstd)"
            )


def _hub(folder: Path) -> tuple[Any, Any]:
    """An open hub whose dataset population has both files as releases, and a grant."""
    from hub.ledger import open_ledger
    from hub.ledger.releases import add_release
    from hub.opened import Hub
    from hub.records import Grant, Release
    from hub.settings import Settings
    from hub.store import Store
    from schemas.catalog import load_catalog
    from schemas.sharing import Terms

    home = Path(tempfile.mkdtemp(dir=folder))
    store = Store(home / "store", MEMORY_MB)
    ledger = open_ledger(f"sqlite:///{home}/ledger.db", home)
    now = datetime.now(UTC)
    for version, name in ((1, "old"), (2, "new")):
        uri = f"{name}.parquet"
        store.path("manifest").mkdir(parents=True, exist_ok=True)
        store.path(uri).symlink_to(folder / uri)
        files = {part: {"uri": uri, "sha256": ""} for part in ("golden", "keys")}
        manifest = store.write_json(f"manifest/{version}.json", {"files": files})
        new = Release("population", version, 0, name, manifest, 1, 1, 0, 0, now)
        add_release(ledger, new)
    settings = Settings(home, ROOT / "schemas", "", MEMORY_MB)
    hub = Hub(settings, load_catalog(ROOT / "schemas", home), ledger, store)
    grant = Grant(
        id="G2026-000001",
        request_id="R2026-000001",
        subscriber="tax",
        dataset="population",
        terms=Terms.model_validate(TERMS),
        purpose="",
        legal_basis="",
        scenario="",
        since_version=None,
        granted_by="",
        granted_at=now,
        expires_at=now + timedelta(days=1),
    )
    return hub, grant


def _kept_nowhere() -> None:
    """The ledger of a benchmark knows no grant: what is made is not written down."""
    from hub.shares import making

    making.keep_share = lambda *_: None  # type: ignore[assignment]


def hub_rows(folder: Path) -> Callable[[], int]:
    """The hub: all rows of a release as one grant sees them, with checksum and ledger."""
    from hub import shares

    hub, grant = _hub(folder)
    _kept_nowhere()
    return lambda: shares.rows(hub, grant, 2).rows


def hub_changes(folder: Path) -> Callable[[], int]:
    """The hub: what a release changed of what the grant shows."""
    from hub import shares

    hub, grant = _hub(folder)
    _kept_nowhere()
    return lambda: shares.changes(hub, grant, 2).rows


def hub_csv(folder: Path) -> Callable[[], int]:
    """The hub: a share that is there, written as CSV."""
    from hub import shares

    hub, grant = _hub(folder)
    _kept_nowhere()
    share = shares.rows(hub, grant, 2)

    def run() -> int:
        shares.write_csv(hub, share, folder / "share.csv")
        return share.rows

    return run


def scan(folder: Path) -> Callable[[], int]:
    """The limit: the columns that are shown are read, and nothing is done with them."""
    import duckdb

    names = ["entity_id", *(field["name"] for field in TERMS["fields"])]
    told = ", ".join(f"max({name})" for name in names)
    sql = f"SELECT count(*), {told} FROM '{folder}/new.parquet' WHERE division[4]::INT % 2 = 1"

    def run() -> int:
        with duckdb.connect(config={"threads": 2}) as connection:
            return int(connection.execute(sql).fetchall()[0][0])

    return run


def duckdb_copy(folder: Path) -> Callable[[], int]:
    """DuckDB by hand: SHA-256 with a salt for the pseudonyms, sorted, one COPY."""
    import duckdb

    sql = (
        "SELECT left(sha256('salt' || entity_id), 32) AS record_id, "
        "left(sha256('salt' || resident_id), 32) AS resident_id, "
        "left(phone, 3) || '****' || right(phone, 4) AS phone, "
        "left(name, 1) || repeat('*', length(name) - 1) AS name, "
        "strftime(birth_date, '%Y-%m') AS birth_date, sex, ethnicity, division, status "
        f"FROM '{folder}/new.parquet' WHERE division[4]::INT % 2 = 1 ORDER BY 1"
    )

    def run() -> int:
        with duckdb.connect(
            config={"threads": 2, "memory_limit": f"{MEMORY_MB}MB", "temp_directory": str(folder)}
        ) as connection:
            row = connection.execute(
                f"COPY ({sql}) TO '{folder}/by-hand.parquet' (COMPRESSION zstd)"
            ).fetchone()
            return int(row[0]) if row else 0

    return run


def pandas_mask(folder: Path) -> Callable[[], int]:
    """pandas: the masks as a user would write them, HMAC by the standard library."""
    import pandas as pd

    def keyed(value: str) -> str:
        return hmac.new(KEY, value.encode(), hashlib.sha256).hexdigest()[:32]

    def run() -> int:
        rows = pd.read_parquet(folder / "new.parquet")
        rows = rows[rows.division.str[3].astype(int) % 2 == 1]
        shown = rows[["sex", "ethnicity", "division", "status"]].copy()
        shown["record_id"] = rows.entity_id.map(keyed)
        shown["resident_id"] = rows.resident_id.map(keyed)
        shown["phone"] = rows.phone.str[:3] + "****" + rows.phone.str[-4:]
        shown["name"] = rows.name.map(lambda n: n[0] + "*" * (len(n) - 1))
        shown["birth_date"] = pd.to_datetime(rows.birth_date).dt.strftime("%Y-%m")
        shown.sort_values("record_id").to_parquet(folder / "pandas.parquet", compression="zstd")
        return len(shown)

    return run


CONTENDERS: dict[str, Callable[[Path], Callable[[], int]]] = {
    "hub": hub_rows,
    "hub_changes": hub_changes,
    "hub_csv": hub_csv,
    "scan": scan,
    "duckdb_copy": duckdb_copy,
    "pandas": pandas_mask,
}


def measure(name: str, folder: Path) -> tuple[float, float, int, int]:
    """Wall and processor seconds of the run alone, peak MB of its process, rows."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        for version in ("old", "new"):
            (Path(own) / f"{version}.parquet").symlink_to(folder / f"{version}.parquet")
        command = [sys.executable, __file__, name, own]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    wall, cpu, peak, rows = told[-4:]
    return float(wall), float(cpu), int(peak), int(rows)


def alone(name: str, folder: Path) -> None:
    """One contender, measured in this process."""
    run = CONTENDERS[name](folder)
    before, started = os.times(), time.perf_counter()
    rows = run()
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.user + after.system - before.user - before.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{wall:.3f} {cpu:.3f} {peak} {rows}")


def main() -> None:
    """Print one table; each contender's median of ROUNDS runs."""
    with tempfile.TemporaryDirectory() as folder:
        # In a child: a process inherits the peak of the one that starts it.
        subprocess.run([sys.executable, __file__, "generate", folder], check=True)
        print(f"{SCALE:g} M rows, {MEMORY_MB} MB for the engine")
        print(f"{'contender':<14}{'wall s':>8}{'cpu s':>8}{'MB':>7}{'rows':>10}{'ratio':>8}")
        first = 0.0
        for name in os.environ.get("ONLY", ",".join(CONTENDERS)).split(","):
            runs = sorted(measure(name, Path(folder)) for _ in range(ROUNDS))
            wall, cpu, peak, rows = runs[len(runs) // 2]
            first = first or cpu
            print(f"{name:<14}{wall:>8.2f}{cpu:>8.2f}{peak:>7}{rows:>10}{cpu / first:>8.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(Path(sys.argv[2]))
    elif len(sys.argv) > 2:
        alone(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
