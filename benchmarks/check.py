"""Checking one million rows against 15 rules, all failing keys kept: the hub beside its peers.

Run `python benchmarks/check.py`; SCALE=4 gives four million rows, GX=0 leaves out the slow peer,
GROWTH=1,4,16 measures the hub alone at these millions of rows, under the same memory limit.
Every contender is a process of its own. Report ratios, never a time alone: contenders take turns,
and the ratio printed is the median of those of each turn.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SCALE = float(os.environ.get("SCALE", "1"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DIVISIONS = [f"99{n:04}" for n in range(3000)]
REGEX = "^1[0-9]{10}$"
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
SEXES = ["0", "1", "2", "9"]
KINDS = [f"{n:02}" for n in range(1, 57)]
COLUMNS = [
    "id",
    "name",
    "sex",
    "nation",
    "phone",
    "issued_on",
    "valid_from",
    "valid_to",
    "amount",
    "age",
    "division",
    "status",
]


def generate(path: Path) -> None:
    """People of division 99xxxx; each rule is broken by about one row in two hundred."""
    import duckdb

    total = " + ".join(f"substr(body, {i}, 1)::INT * {w}" for i, w in enumerate(WEIGHTS, 1))

    def cell(name: str, right: str, wrong: str) -> str:
        return f"CASE WHEN hash(i, '{name}') % 200 = 0 THEN {wrong} ELSE {right} END AS {name}"

    code = f"substr('10X98765432', (({total}) % 11 + 1)::INT, 1)"
    cells = ", ".join(
        (
            cell("id", f"body || {code}", "body || '0'"),
            cell("name", "'张王李赵'[1 + i % 4] || '伟芳娜敏静'[1 + i % 5]", "NULL"),
            cell("sex", "(1 + i % 2)::VARCHAR", "'x'"),
            cell("nation", "lpad((1 + i % 56)::VARCHAR, 2, '0')", "'99'"),
            cell("phone", "'1' || lpad((hash(i) % 9999999999)::VARCHAR, 10, '0')", "'0755-8'"),
            cell("issued_on", "strftime(birth + 9000, '%Y-%m-%d')", "'2020/1/1'"),
            cell("valid_from", "birth + 7000", "birth + 20000"),
            "birth + 14000 AS valid_to",
            cell("amount", "(hash(i) % 1000000 / 100.0)::DECIMAL(18,2)", "-1"),
            cell("age", "(i % 100)::BIGINT", "200"),
            cell("division", "'99' || lpad((i % 3000)::VARCHAR, 4, '0')", "'999999'"),
            cell("status", "'在用'", "'一个过长的状态'"),
        )
    )
    rows = int(1_000_000 * SCALE)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT i AS _row, {cells}, NULL::STRUCT(field VARCHAR, code VARCHAR, "
            "text VARCHAR)[] AS _faults FROM (SELECT i, birth, '99' || lpad((i % 3000)::VARCHAR, "
            "4, '0') || strftime(birth, '%Y%m%d') || lpad((hash(i) % 1000)::VARCHAR, 3, '0') "
            "AS body FROM (SELECT i, DATE '1950-01-01' + (hash(i, 'b') % 18000)::INT AS birth "
            f"FROM range({rows}) AS t(i)))) TO '{path}' (COMPRESSION zstd)"
        )


def expectations() -> list[tuple[str, dict[str, object]]]:
    """The 15 rules, in Great Expectations' words."""
    column = "expect_column_values_to_"
    return [
        (f"{column}not_be_null", {"column": "id"}),
        (f"{column}not_be_null", {"column": "name"}),
        (f"{column}be_unique", {"column": "id"}),
        (f"{column}be_valid_resident_id", {"column": "id", "verdict": "check_digit"}),
        (f"{column}match_regex", {"column": "phone", "regex": REGEX}),
        (f"{column}match_regex", {"column": "issued_on", "regex": DATE}),
        (f"{column}be_in_set", {"column": "sex", "value_set": SEXES}),
        (f"{column}be_in_set", {"column": "nation", "value_set": KINDS}),
        (f"{column}be_between", {"column": "amount", "min_value": 0, "max_value": 1000000}),
        (f"{column}be_between", {"column": "age", "min_value": 0, "max_value": 150}),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "valid_to", "column_B": "valid_from", "or_equal": True},
        ),
        (f"{column}be_in_set", {"column": "division", "value_set": DIVISIONS}),
        (
            "expect_column_value_lengths_to_be_between",
            {"column": "status", "min_value": 1, "max_value": 4},
        ),
        ("expect_column_value_lengths_to_equal", {"column": "id", "value": 18}),
        (f"{column}not_be_null", {"column": "division"}),
    ]


def hub(path: Path) -> list[int]:
    """The hub's one pass as the check room runs it, and the keys of all failing rows in a file."""
    from datetime import date

    import duckdb

    from hub.check.failing import name_keys, write_failing
    from quality.compile import compile_rule
    from quality.compile.forms import Context
    from quality.rule import Rule
    from quality.scan import null_counts, scan
    from schemas.contract import Catalog, Field, FieldType, LogicalType, Supply
    from schemas.properties import Department, SupplyProperties, Title

    kinds = {
        "valid_from": FieldType(LogicalType.DATE),
        "valid_to": FieldType(LogicalType.DATE),
        "amount": FieldType(LogicalType.NUMBER, 18, 2),
        "age": FieldType(LogicalType.INTEGER),
    }
    fields = tuple(
        Field(name, name, kinds.get(name, FieldType(LogicalType.STRING)), name) for name in COLUMNS
    )
    title = Title(zh="测试", en="test")
    supply = Supply(
        "b/t",
        "1.0.0",
        "active",
        "t",
        "t",
        "t",
        fields,
        (),
        (),
        None,
        None,
        path,
        {},
        Department(name="b", title=title),
        SupplyProperties(),
    )
    context = Context(supply, Catalog(path, {}, {}, {}, {}), date(2026, 1, 1))
    rules = [
        Rule(kind, str(n), (), kind, kwargs, "error", None, None, "")
        for n, (kind, kwargs) in enumerate(expectations())
    ]
    limits = {"memory_limit": "400MB", "threads": 2, "temp_directory": str(path.parent / "spill")}
    with duckdb.connect(config=limits) as connection:
        connection.execute(f"CREATE VIEW landing AS FROM read_parquet('{path}')")
        tests = [(rule, compile_rule(rule, context)) for rule in rules]
        rows = int(1_000_000 * SCALE)
        outcomes = scan(connection, rows, tests, null_counts([path]))
        connection.execute("CREATE VIEW keyed AS SELECT _row, id AS _source_key FROM landing")
        name_keys(connection)
        write_failing(connection, [rule.rule_id for rule in rules], path.with_name("failing"))
        return [outcomes[n].failed for n in range(len(rules))]


def by_hand(path: Path) -> list[int]:
    """What a good DuckDB user writes for these 15 rules and no others."""
    import duckdb

    total = " + ".join(f"substr(id, {i}, 1)::INT * {w}" for i, w in enumerate(WEIGHTS, 1))
    check = f"substr('10X98765432', (({total}) % 11 + 1)::INT, 1) = right(id, 1)"
    sexes, kinds = ", ".join(f"'{s}'" for s in SEXES), ", ".join(f"'{k}'" for k in KINDS)
    divisions = ", ".join(f"'{d}'" for d in DIVISIONS)
    tests = [
        "id IS NULL",
        "name IS NULL",
        "id IN (FROM doubles)",
        f"NOT (regexp_matches(id, '^[0-9]{{17}}[0-9X]$') AND {check})",
        f"NOT regexp_matches(phone, '{REGEX}')",
        f"NOT regexp_matches(issued_on, '{DATE}')",
        f"sex NOT IN ({sexes})",
        f"nation NOT IN ({kinds})",
        "amount NOT BETWEEN 0 AND 1000000",
        "age NOT BETWEEN 0 AND 150",
        "valid_to < valid_from",
        f"division NOT IN ({divisions})",
        "length(status) NOT BETWEEN 1 AND 4",
        "length(id) <> 18",
        "division IS NULL",
    ]
    flags = ", ".join(f"coalesce({test}, FALSE) AS f{n}" for n, test in enumerate(tests))
    any_flag = " OR ".join(f"f{n}" for n in range(len(tests)))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"CREATE VIEW t AS FROM read_parquet('{path}')")
        connection.execute(
            "CREATE TABLE doubles AS SELECT id FROM t GROUP BY id HAVING count(*) > 1"
        )
        connection.execute(
            f"CREATE TABLE bad AS SELECT * FROM (SELECT _row, {flags} FROM t) WHERE {any_flag}"
        )
        sums = ", ".join(f"count(*) FILTER (f{n})" for n in range(len(tests)))
        return list(connection.execute(f"SELECT {sums} FROM bad").fetchone() or ())


def great_expectations(path: Path) -> list[int]:
    """Great Expectations on pandas, all keys kept, values left out."""
    import pandas as pd

    from quality.expectations.run import Session

    frame = pd.read_parquet(path)
    session = Session()
    failed = []
    for kind, kwargs in expectations():
        result = session.validate(frame, kind, kwargs)
        if any(i.get("raised_exception") for i in [result.exception_info] if isinstance(i, dict)):
            raise RuntimeError(f"{kind}: {result.exception_info}")
        failed.append(result.result["unexpected_count"])
    return failed


def limit(path: Path) -> list[int]:
    """The floor: one scan of the needed columns."""
    import duckdb

    with duckdb.connect(config={"threads": 2}) as connection:
        wanted = ", ".join(f"count({name}), max({name})" for name in COLUMNS)
        connection.execute(f"SELECT {wanted} FROM read_parquet('{path}')").fetchall()
    return []


CONTENDERS = {
    "limit": limit,
    "hub": hub,
    "by_hand": by_hand,
    "great_expectations": great_expectations,
}


def main() -> None:
    """Measure every contender in its own process and print ratios to the hand-written pass."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "landing.parquet"
        generate(path)
        names = [n for n in CONTENDERS if n != "great_expectations" or os.environ.get("GX") != "0"]
        best: dict[str, dict[str, float]] = {}
        answers: dict[str, list[int]] = {}
        turns: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for turn in range(ROUNDS):
            for name in names:
                if name == "great_expectations" and turn:
                    continue
                found, answers[name] = run(name, path)
                turns[name].append(found)
                if name not in best or found["wall"] < best[name]["wall"]:
                    best[name] = found
    assert answers["hub"] == answers["by_hand"], (answers["hub"], answers["by_hand"])
    if "great_expectations" in answers:
        assert answers["hub"] == answers["great_expectations"], answers
    print(f"check: {SCALE:g} M rows, 15 rules, {sum(answers['hub'])} failures, best of {ROUNDS}")
    print(f"{'':20}{'process s':>10}{'pass s':>8}{'peak MB':>9}{'× by hand (process, pass)':>28}")
    for name, found in best.items():
        pairs = list(zip(turns[name], turns["by_hand"], strict=False))  # the slow peer runs once
        ratios = "  ".join(
            f"{median(a[what] / b[what] for a, b in pairs):.2f}" for what in ("wall", "pass")
        )
        print(
            f"{name:20}{found['wall']:10.2f}{found['pass']:8.2f}{found['peak_mb']:9.0f}{ratios:>28}"
        )


def run(name: str, path: Path) -> tuple[dict[str, float], list[int]]:
    """One contender in a process of its own: its figures, and failing rows per rule."""
    started = time.perf_counter()
    command = [sys.executable, __file__, name, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    failed = found.pop("failed")
    return found | {"wall": time.perf_counter() - started}, failed


def growth(millions: list[float]) -> None:
    """The hub alone on ever more rows: time per million and memory should stay as they are."""
    global SCALE
    print(f"{'M rows':>8}{'pass s':>9}{'s per M':>9}{'cpu s':>8}{'peak MB':>9}")
    for SCALE in millions:
        os.environ["SCALE"] = str(SCALE)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "landing.parquet"
            generate(path)
            found, _ = run("hub", path)
        each = found["pass"] / SCALE
        print(
            f"{SCALE:8g}{found['pass']:9.2f}{each:9.2f}{found['cpu']:8.2f}{found['peak_mb']:9.0f}",
            flush=True,
        )


def contend(name: str, path: Path) -> None:
    started = time.perf_counter()
    failed = CONTENDERS[name](path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = time.process_time()
    print(json.dumps({"pass": seconds, "cpu": cpu, "peak_mb": peak, "failed": failed}))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        contend(sys.argv[1], Path(sys.argv[2]))
    elif os.environ.get("GROWTH"):
        growth([float(scale) for scale in os.environ["GROWTH"].split(",")])
    else:
        main()
