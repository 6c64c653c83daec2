"""SIGKILL at any moment of a run loses nothing and doubles nothing.

The sources are a real PostgreSQL (increments with key comparison) and a real MariaDB (snapshots).
Every day of the sources is run several times from the same morning, each time killed at random
moments before one run is left to end; it must then stand exactly where an undisturbed hub stands.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy
from deltalake import DeltaTable

# Some seventy runs of the hub, each a process of its own: on a busy machine a quarter of an hour.
pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.timeout(2400)]

CATALOG = Path(__file__).parent / "catalog"
HUB = Path(sys.executable).with_name("hub")
DAYS = 3
KILLS_PER_DAY = 17  # 51 in all
KILLS_IN_A_ROW = 6  # then one run is left to end
PEOPLE = 3_000


class Sources:
    """The two front ends, moved on day by day."""

    def __init__(self, postgresql: str, mariadb: str) -> None:
        self.environ = {**os.environ, "CRASH_POSTGRESQL": postgresql, "CRASH_MARIADB": mariadb}
        self._registry = sqlalchemy.create_engine(postgresql)
        self._welfare = sqlalchemy.create_engine(mariadb)
        with self._registry.begin() as registry:
            registry.exec_driver_sql(
                "CREATE TABLE people (number varchar(18) PRIMARY KEY, name varchar(40) NOT NULL,"
                " town varchar(40), updated_at timestamp NOT NULL)"
            )
        with self._welfare.begin() as welfare:
            welfare.exec_driver_sql(
                "CREATE TABLE payments (number varchar(18) PRIMARY KEY, name varchar(40),"
                " amount decimal(18,2))"
            )
        self._insert(0, PEOPLE)

    def _insert(self, first: int, last: int) -> None:
        people = [{"number": f"99{n:016d}", "name": f"人{n}"} for n in range(first, last)]
        with self._registry.begin() as registry:
            registry.execute(
                sqlalchemy.text(
                    "INSERT INTO people VALUES (:number, :name, 't', '2026-01-01 00:00:00')"
                ),
                people,
            )
        with self._welfare.begin() as welfare:
            rows = [{**p, "amount": f"{i}.05"} for i, p in enumerate(people) if i % 3]
            welfare.execute(
                sqlalchemy.text("INSERT INTO payments VALUES (:number, :name, :amount)"), rows
            )

    def next_day(self, day: int) -> None:
        """Change, delete and add rows; other ones each day."""
        self._insert(PEOPLE + day * 50, PEOPLE + day * 50 + 50)
        with self._registry.begin() as registry:
            registry.exec_driver_sql(
                f"UPDATE people SET town = 'day {day}', updated_at = timestamp '2026-01-01'"
                f" + interval '{day} days' WHERE right(number, 2) = '{day:02d}'"
            )
            registry.exec_driver_sql(f"DELETE FROM people WHERE right(number, 3) = '{day:03d}'")
        with self._welfare.begin() as welfare:
            welfare.exec_driver_sql(
                f"UPDATE payments SET amount = amount + 1 WHERE right(number, 2) = '{day:02d}'"
            )
            welfare.exec_driver_sql(f"DELETE FROM payments WHERE right(number, 3) = '1{day:02d}'")


def _start(home: Path, day: int, sources: Sources) -> subprocess.Popen[bytes]:
    command = [
        str(HUB), "--home", str(home), "--catalog", str(CATALOG), "--json",
        "run", "--all", "--as-of", f"2026-02-{day + 1:02d}T00:00:00",
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        env=sources.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _run(home: Path, day: int, sources: Sources) -> float:
    started = time.monotonic()
    process = _start(home, day, sources)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors.decode()[-2000:]
    return time.monotonic() - started


def _run_and_kill(home: Path, day: int, sources: Sources, after_s: float) -> bool:
    """True when the run was killed before it had ended by itself."""
    process = _start(home, day, sources)
    try:
        process.communicate(timeout=after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


def _state(home: Path) -> dict[str, Any]:
    """Everything that must be equal: batches with their counts, releases, manifests, rows."""
    ledger = sqlalchemy.create_engine(f"sqlite:///{home}/ledger.db")
    with ledger.connect() as connection:
        batches = connection.exec_driver_sql(
            "SELECT id, verdict, counts FROM batch ORDER BY id"
        ).all()
        watermarks = connection.exec_driver_sql(
            "SELECT supply, watermark, batch_id FROM supply_state ORDER BY supply"
        ).all()
        releases = connection.exec_driver_sql(
            "SELECT version, delta_version, reconciliation, manifest, rows, inserted, updated,"
            " deleted FROM release ORDER BY version"
        ).all()
    ledger.dispose()
    for _, _, text in batches:
        counts = json.loads(text)
        assert counts["source"] == counts["landed"]
        assert counts["landed"] == sum(
            counts[name] for name in ("accepted", "quarantined", "unchanged")
        )
    tables = [
        _rows(DeltaTable(str(home / "store/release/people"), version=release.delta_version))
        for release in releases
    ]
    manifests = [json.loads((home / "store" / r.manifest).read_text()) for r in releases]
    return {
        "batches": [tuple(row) for row in batches],
        "watermarks": [tuple(row) for row in watermarks],
        "releases": [tuple(row) for row in releases],
        "manifests": manifests,
        "tables": tables,
    }


def _rows(table: DeltaTable) -> list[tuple[Any, ...]]:
    content = table.to_pyarrow_table()
    assert content.num_rows
    return duckdb.sql("SELECT * FROM content ORDER BY ALL").fetchall()


def test_a_hub_killed_at_any_moment_ends_where_an_undisturbed_one_does(
    postgres_database: str, mariadb_database: str, tmp_path: Path
) -> None:
    dice = random.Random(20260101)
    sources = Sources(postgres_database, mariadb_database)
    calm, killed, morning = tmp_path / "calm", tmp_path / "killed", tmp_path / "morning"
    morning.mkdir()
    for day in range(DAYS):
        if day:
            sources.next_day(day)
        usual_s = _run(calm, day, sources)
        expected = _state(calm)
        kills = 0
        while kills < KILLS_PER_DAY:
            shutil.rmtree(killed, ignore_errors=True)
            shutil.copytree(morning, killed)
            for _ in range(KILLS_IN_A_ROW):
                kills += _run_and_kill(killed, day, sources, dice.uniform(0.2, 1.0) * usual_s)
            # The machine may be quicker now than at the first run: kills must land before the end.
            usual_s = min(usual_s, _run(killed, day, sources))
            assert _state(killed) == expected
        shutil.rmtree(morning)
        shutil.copytree(killed, morning)
