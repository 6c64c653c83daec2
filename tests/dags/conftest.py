"""A real Airflow over a town: scheduler, DAG processor, API server, LocalExecutor."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from hub.demo.api import Api
from hub.demo.company import Company, company
from hub.demo.play import COMMANDS, open_airflow
from hub.demo.stage import Stage, environment, set_stage
from hub.ledger.batches import list_batches
from hub.ledger.releases import releases_of
from hub.opened import open_hub
from hub.records import Batch, Release
from schemas.outline import read_outline
from tests.dags import town
from tests.servers.process import free_port

ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Server:
    """A running Airflow, and the hub that its tasks work on."""

    stage: Stage
    api: Api
    troupe: Company
    sources: Path

    def fill(self, department: str, table: str, rows: list[tuple[str, str | None]]) -> None:
        """Replace the rows of one table at its source."""
        town.fill(self.sources, department, table, rows)

    def settled(self, since: datetime, least: int) -> dict[str, str]:
        """Wait until all runs since are over and no event waits; their states by DAG and run."""
        quiet = 0
        for _ in range(800):
            self.troupe.check()
            # Deliveries and the watch also start by the clock, in the middle of any test.
            runs = {
                f"{r['dag_id']} {r['dag_run_id']}": r["state"]
                for r in self.api.runs(since)
                if r["dag_id"].startswith(("collect_", "publish_"))
            }
            busy = any(state in ACTIVE for state in runs.values())
            quiet = 0 if busy or self.api.events_waiting("publish_town") else quiet + 1
            if quiet > 3 and len(runs) >= least:
                return runs
            time.sleep(1)
        raise AssertionError(f"runs did not end: {runs}")

    def collect(self, *departments: str) -> dict[str, str]:
        """Trigger collections and wait for all that follows."""
        since = datetime.now(UTC).replace(microsecond=0)
        for name in departments:
            self.api.trigger(f"collect_{name}", f"test__{since.isoformat()}")
        return self.settled(since, len(departments))

    def events(self, asset: str, source: str = "") -> int:
        """How many events Airflow has recorded for an asset, of runs whose id begins so."""
        return int(
            self._one(
                "SELECT count(*) FROM asset_event e JOIN asset a ON a.id = e.asset_id "
                "WHERE a.name = ? AND e.source_run_id LIKE ? || '%'",
                asset,
                source,
            )
        )

    def task_state(self, dag_id: str, task_id: str) -> str:
        """The state of a task in the newest run of its DAG."""
        return str(
            self._one(
                "SELECT t.state FROM task_instance t JOIN dag_run r ON r.dag_id = t.dag_id AND "
                "r.run_id = t.run_id WHERE t.dag_id = ? AND t.task_id = ? ORDER BY r.id DESC",
                dag_id,
                task_id,
            )
        )

    def mapped_states(self, dag_id: str, task_id: str) -> dict[str, str]:
        """States of the copies of a mapped task in the newest run of its DAG that has any."""
        query = (
            "SELECT t.rendered_map_index, t.state, t.map_index FROM task_instance t JOIN dag_run r "
            "ON r.dag_id = t.dag_id AND r.run_id = t.run_id WHERE t.dag_id = ? AND t.task_id = ? "
            "AND r.id = (SELECT max(r.id) FROM dag_run r JOIN task_instance t ON r.dag_id = "
            "t.dag_id AND r.run_id = t.run_id WHERE t.dag_id = ? AND t.map_index >= 0)"
        )
        with sqlite3.connect(self.stage.airflow_home / "airflow.db", timeout=30) as connection:
            found = connection.execute(query, (dag_id, task_id, dag_id)).fetchall()
        return {str(name or place): str(state) for name, state, place in found}

    def batches(self, supply: str) -> list[Batch]:
        """Batches of a supply, newest first."""
        with open_hub(self.stage.home, self.stage.catalog) as hub:
            return list_batches(hub.ledger, supply)

    def releases(self) -> list[Release]:
        """Releases of the town, oldest first."""
        with open_hub(self.stage.home, self.stage.catalog) as hub:
            return releases_of(hub.ledger, "town")

    def backfill(self, *arguments: str) -> int:
        """Backfill, and wait for its runs; returns how many backfills that took.

        On SQLite the command fails when the scheduler writes between its reading and its writing;
        what it had made by then is run, and the command is given once more.
        """
        command = [str(COMMANDS / "airflow"), "backfill", "create", *arguments]
        for _ in range(10):
            done = subprocess.run(
                command, env=dict(self.troupe.env), capture_output=True, text=True
            )
            assert done.returncode == 0 or "database is locked" in done.stderr + done.stdout
            for _ in range(600):
                self.troupe.check()
                if self._one("SELECT count(*) FROM dag_run WHERE state IN (?, ?)", *ACTIVE) == 0:
                    break
                time.sleep(1)
            if done.returncode == 0:
                made = "SELECT count(DISTINCT backfill_id) FROM dag_run WHERE run_type = ?"
                return int(str(self._one(made, "backfill")))
            time.sleep(5)  # the scheduler closes the broken backfill
        raise AssertionError("no backfill could be created")

    def _one(self, query: str, *values: str) -> object:
        with sqlite3.connect(self.stage.airflow_home / "airflow.db", timeout=30) as connection:
            return connection.execute(query, values).fetchone()[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Airflow with all DAGs of the town unpaused, nothing collected yet."""
    folder = tmp_path_factory.mktemp("town")
    catalog = town.build(folder)
    town.share(catalog, folder)
    outline = read_outline(catalog)
    stage = set_stage(folder / "home", catalog, (free_port(), free_port()), len(outline.datasets))
    surroundings = {**os.environ, **_lineage(stage)}
    with company(environment(stage, surroundings), stage.logs) as troupe:
        troupe.start("database", [str(COMMANDS / "airflow"), "db", "migrate"])
        troupe.finish("database")
        api = open_airflow(stage, outline, troupe, Console(quiet=True))
        api.unpause_all()
        yield Server(stage, api, troupe, folder)


def _lineage(stage: Stage) -> dict[str, str]:
    transport = f'{{"type": "file", "log_file_path": "{stage.logs}/lineage.jsonl", "append": true}}'
    return {"AIRFLOW__OPENLINEAGE__TRANSPORT": transport}


@pytest.fixture
def described(tmp_path: Path) -> Callable[[Path], dict[str, object]]:
    """Parses the DAG files over a catalog in a process of its own and describes what it got."""
    from tests.dags.describe import describe

    return lambda catalog: describe(catalog, tmp_path)
