"""The whole job: five departments of 200,000 rows each, PostgreSQL to released dataset.

Run `python benchmarks/whole.py`; SCALE=5 gives a million rows a department. The hub is the command
`hub run --all` on an empty home: pull, check, reconcile, publish, with every law that it keeps.
The script is what a user would write: pandas, Great Expectations, a groupby, Parquet.
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

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROWS = int(200_000 * float(os.environ.get("SCALE", "1")))
SOURCES = range(1, 6)
FIELDS = ("name", "birth_date", "sex", "address", "phone", "amount")
COLUMNS = {
    "id": ("varchar(18)", "string"),
    "name": ("varchar(40)", "string"),
    "birth_date": ("date", "date"),
    "sex": ("varchar(1)", "string"),
    "address": ("varchar(100)", "string"),
    "phone": ("varchar(11)", "string"),
    "amount": ("decimal(18,2)", "number"),
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PEOPLE = f"""
CREATE TABLE people AS SELECT i, birth, body || substr('10X98765432', 1 + ({
    " + ".join(f"substr(body, {n}, 1)::int * {w}" for n, w in enumerate(WEIGHTS, start=1))
}) % 11, 1) AS id FROM (SELECT i, birth, '99' || lpad((i % 10000)::text, 4, '0')
|| to_char(birth, 'YYYYMMDD') || lpad((i / 10000 % 1000)::text, 3, '0') AS body FROM (
SELECT i, date '1950-01-01' + (i * 7919 % 20000)::int AS birth
FROM generate_series(1::bigint, {ROWS * 3 // 2}) AS i) AS born) AS bodies
"""


def fill(url: str) -> None:
    """Five tables of people who overlap; one value in ten differs, one key in 500 is mistyped."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(PEOPLE.replace("%", "%%"))
        for n in SOURCES:
            columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
            connection.exec_driver_sql(f"CREATE TABLE t{n} ({columns})")
            query = f"""INSERT INTO t{n} SELECT
            CASE WHEN (i * 31 + {n}) % 500 = 0 THEN left(id, 17) || CASE right(id, 1)
              WHEN '1' THEN '2' ELSE '1' END ELSE id END,
            CASE WHEN (i + {n}) % 10 = 0 AND {n} > 1 THEN '误名' ELSE '张伟' END || i % 97,
            birth, (1 + i % 2)::text, '人民路' || i % (1000 + {n} * ((i + {n}) % 4 / 3)) || '号',
            '1' || lpad((i * 7919 % 10000000000)::text, 10, '0'), (i % 1000000) / 100.0
            FROM people WHERE (i + {n}) % 3 < 2 LIMIT {ROWS}"""
            connection.exec_driver_sql(query.replace("%", "%%"))
    engine.dispose()


def write_catalog(folder: Path) -> Path:
    """Contracts of the five supplies and of the dataset."""
    root = folder / "catalog"
    for n in SOURCES:
        name = f"d{n}"
        _write(
            root / f"departments/{name}.yaml",
            {"name": name, "title": {"zh": name, "en": name}, "node": {"url": "${WHOLE_URL}"}},
        )
        _write(
            root / f"contracts/supply/{name}/people.odcs.yaml",
            _contract(f"{name}.people", f"t{n}") | {"customProperties": []},
        )
    plan = {
        "entity": "person",
        "keys": [{"name": "id", "normaliser": "resident_id"}],
        "sources": [
            {"supply": f"d{n}/people", "keys": {"id": "id"}, "fields": {f: f for f in FIELDS}}
            for n in SOURCES
        ],
    }
    properties = [{"property": "reconcile", "value": plan}]
    _write(
        root / "contracts/dataset/people.odcs.yaml",
        _contract("people", "people", dataset=True) | {"customProperties": properties},
    )
    return root


def _contract(identity: str, table: str, dataset: bool = False) -> dict[str, object]:
    def field(name: str) -> dict[str, object]:
        kind, logical = COLUMNS[name]
        entry: dict[str, object] = {
            "name": name, "logicalType": logical, "physicalType": kind, "required": name == "id",
        }  # fmt: skip
        if dataset:
            return entry | {"required": False}
        if name == "id":
            entry |= {
                "primaryKey": True,
                "primaryKeyPosition": 1,
                "customProperties": [{"property": "identifier", "value": "resident_id"}],
            }
        if name in ("name", "address"):
            entry["logicalTypeOptions"] = {"minLength": 2, "maxLength": 40}
        if name == "sex":
            entry["logicalTypeOptions"] = {"pattern": "^[0129]$"}
        if name == "phone":
            entry["logicalTypeOptions"] = {"pattern": "^1[0-9]{10}$"}
        if name == "amount":
            entry["logicalTypeOptions"] = {"minimum": 0, "maximum": 1000000}
        return entry

    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": identity,
        "version": "1.0.0",
        "status": "active",
        "name": identity,
        "description": {"purpose": "benchmark"},
        "schema": [
            {
                "name": "people",
                "physicalName": table,
                "logicalType": "object",
                "properties": [field(name) for name in COLUMNS],
            }
        ],
    }


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")


def hub(folder: Path) -> int:
    """`hub run --all` on an empty home."""
    import json

    command = [
        str(Path(sys.executable).with_name("hub")), "--home", str(folder / "home"),
        "--catalog", str(folder / "catalog"), "--json", "run", "--all",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 10):
        raise SystemExit(done.stdout[-2000:] + done.stderr)
    return int(json.loads(done.stdout)["releases"][0]["rows"])


def script(folder: Path) -> int:
    """pandas reads, Great Expectations checks, pandas reconciles, Parquet is written."""
    import great_expectations as gx
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(os.environ["WHOLE_URL"])
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("people")
    batches = asset.add_batch_definition_whole_dataframe("whole")
    e = gx.expectations
    rules = [
        e.ExpectColumnValuesToNotBeNull(column="id"),
        e.ExpectColumnValuesToBeUnique(column="id"),
        e.ExpectColumnValuesToBeInSet(column="valid", value_set=[True]),
        e.ExpectColumnValueLengthsToBeBetween(column="name", min_value=2, max_value=40),
        e.ExpectColumnValueLengthsToBeBetween(column="address", min_value=2, max_value=40),
        e.ExpectColumnValuesToMatchRegex(column="sex", regex="^[0129]$"),
        e.ExpectColumnValuesToMatchRegex(column="phone", regex="^1[0-9]{10}$"),
        e.ExpectColumnValuesToBeBetween(column="amount", min_value=0, max_value=1000000),
    ]
    keys = {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": ["row"],
        "exclude_unexpected_values": True,
    }

    def valid(number: str) -> bool:
        if len(number) != 18 or not number[:17].isdigit():
            return False
        total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
        return number[17] == "10X98765432"[total % 11]

    sound = []
    for n in SOURCES:
        frame = pd.read_sql(f"SELECT * FROM t{n}", engine)
        frame["row"] = range(len(frame))
        frame["valid"] = frame["id"].map(valid)
        batch = batches.get_batch({"dataframe": frame})
        bad: set[int] = set()
        for rule in rules:
            found = batch.validate(rule, result_format=keys).result
            for key in found.get("unexpected_index_list") or []:
                rows = key["row"]
                bad.update(rows if isinstance(rows, list) else [rows])
        frame[frame["row"].isin(bad)].to_parquet(folder / f"bad{n}.parquet")
        sound.append(frame[~frame["row"].isin(bad)].drop(columns=["row", "valid"]).assign(s=n))
    rows = pd.concat(sound, ignore_index=True)
    golden = rows.groupby("id", sort=False)[list(FIELDS)].first()
    golden.reset_index().to_parquet(folder / "golden.parquet", compression="zstd")
    joined = rows.merge(golden, left_on="id", right_index=True, suffixes=("", "_golden"))
    for field in FIELDS:
        differs = joined[field].notna() & (joined[field] != joined[f"{field}_golden"])
        joined.loc[differs, ["id", "s", field, f"{field}_golden"]].to_parquet(
            folder / f"differs-{field}.parquet"
        )
    return len(golden)


CONTENDERS: dict[str, Callable[[Path], int]] = {"hub": hub, "script": script}


def measure(name: str, folder: Path) -> tuple[float, float, int, int]:
    """Wall and processor seconds, peak MB of the largest process, released rows."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, name, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    released, peak, cpu = done.stdout.split()[-3:]
    return time.perf_counter() - begun, float(cpu), int(peak) // 1024, int(released)


def main() -> None:
    """Start PostgreSQL, fill it, run both, print times and ratios."""
    from tests.servers.postgresql import postgresql

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as made, postgresql() as url:
        os.environ["WHOLE_URL"] = url
        fill(url)
        write_catalog(Path(made))
        print(f"5 x {ROWS:,} rows, {os.cpu_count()} cores")
        results = {}
        for name in CONTENDERS:
            results[name] = wall, cpu, peak, released = measure(name, Path(made))
            print(
                f"{name:8} {wall:7.1f} s wall {cpu:7.1f} s processor {peak:6} MB "
                f"{released:9} released",
                flush=True,
            )
        ours, theirs = results["hub"], results["script"]
        ratios = (theirs[n] / ours[n] for n in range(3))
        print("script / hub: {:.1f} wall, {:.1f} processor, {:.1f} memory".format(*ratios))
        if ours[3] != theirs[3]:
            raise SystemExit("the contenders do not agree on the released rows")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        rows = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
        who = resource.RUSAGE_CHILDREN if sys.argv[1] == "hub" else resource.RUSAGE_SELF
        used = resource.getrusage(who)
        print(rows, used.ru_maxrss, used.ru_utime + used.ru_stime)
    else:
        main()
