"""The demo in its order: city, portal, Airflow, runs, summary, and a tidy end."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from hub.demo.api import Api
from hub.demo.company import Company, DemoError, company
from hub.demo.portal import open_portal, subscribe
from hub.demo.stage import Stage, environment, ports_of, set_stage
from hub.demo.summary import show, totals
from hub.demo.watch import Outcome, await_answer, watch
from hub.errors import SettingsError
from hub.opened import open_hub
from hub.settings import REPOSITORY
from schemas.outline import Outline, read_outline

START_LIMIT_S = 600.0
COMMANDS = Path(sys.executable).parent


def play(home: Path, catalog: Path, people: int, once: bool, console: Console) -> int:
    """Play the demo; returns the exit code. Stays up until a signal unless `once`.

    The sample city is built when the catalog is the repository's own and the home has none yet.
    """
    outline = read_outline(catalog)
    stage = set_stage(home, catalog, ports_of(os.environ), len(outline.datasets))
    with _alone(stage), _signals(), company(environment(stage), stage.logs) as troupe:
        console.print(f"Home {stage.home}, logs {stage.logs}", highlight=False, soft_wrap=True)
        _build(stage, people, troupe, console)
        open_portal(stage, troupe, COMMANDS)
        api = open_airflow(stage, outline, troupe, console)
        try:
            outcome = _perform(stage, outline, api, troupe, console)
        except KeyboardInterrupt:
            console.print("Interrupted, stopping 正在停止 …")
            return 130
        if not once:
            console.print("\nStays up until Ctrl-C 按 Ctrl-C 结束")
            _stay(troupe)
            console.print("Stopping 正在停止 …")
        return verdict_on(outcome)


def verdict_on(outcome: Outcome) -> int:
    """0 when every run went well, something was released and every certificate ties out."""
    certified = all(batch.counts and batch.counts.ties_out() for batch in outcome.batches)
    return 0 if certified and outcome.releases and not outcome.failures else 1


def _build(stage: Stage, people: int, troupe: Company, console: Console) -> None:
    """Airflow's database and the sample city, side by side."""
    begun = time.monotonic()
    troupe.start("database", [str(COMMANDS / "airflow"), "db", "migrate"])
    city = stage.home / "city"
    if stage.catalog == REPOSITORY / "schemas" and not city.exists():
        console.print(f"Building a sample city of {people:,} people 生成样例城市 …")
        create = ["--home", str(stage.home), "sample", "create", "--people", str(people)]
        troupe.start("city", [str(COMMANDS / "hub"), *create])
        troupe.finish("city")
    if stage.catalog == REPOSITORY / "schemas":
        subscribe(stage, troupe, COMMANDS)
    troupe.finish("database")
    console.print(f"  ready after {time.monotonic() - begun:.0f} s", highlight=False)


def open_airflow(stage: Stage, outline: Outline, troupe: Company, console: Console) -> Api:
    """Start scheduler, DAG processor and API server, and wait for every DAG."""
    begun = time.monotonic()
    console.print(f"Starting Airflow 启动调度 {stage.url} …", highlight=False)
    airflow = str(COMMANDS / "airflow")
    troupe.start("api-server", [airflow, "api-server"])
    # Logs are read from this machine's files; the log server would listen on all addresses.
    troupe.start("scheduler", [airflow, "scheduler", "--skip-serve-logs"])
    troupe.start("dag-processor", [airflow, "dag-processor"])
    api = Api(stage)

    def signed_in() -> bool:
        api.sign_in()
        return True

    wanted = set(_dags(outline))

    def parsed() -> bool:
        if errors := api.import_errors():
            raise DemoError(f"a DAG file could not be read:\n{errors[0]}")
        return wanted <= api.dag_ids()

    await_answer(troupe, signed_in, "starting Airflow", START_LIMIT_S)
    await_answer(troupe, parsed, "reading the DAGs", START_LIMIT_S)
    api.set_pools({d.pool: d.connections for d in outline.departments.values()})
    console.print(
        f"  {len(wanted)} DAGs after {time.monotonic() - begun:.0f} s; user admin, password "
        f"{stage.password}",
        highlight=False,
    )
    return api


def _perform(
    stage: Stage, outline: Outline, api: Api, troupe: Company, console: Console
) -> Outcome:
    """Trigger the collections; the datasets are woken by assets alone."""
    started = datetime.now(UTC).replace(microsecond=0)
    console.print("Collecting from all departments 归集 …")
    with open_hub(stage.home, stage.catalog) as hub:
        for name in outline.departments:
            api.trigger(f"collect_{name}", f"demo__{started:%Y-%m-%dT%H:%M:%S}")
        # Only now: the API server writes its own log on the thread that serves all requests, and
        # waits there for SQLite's one writer, which may be a task that waits for that thread.
        api.unpause_all()
        outcome = watch(api, hub, troupe, started, _dags(outline), console)
        show(outcome, hub, stage, console)
    if not totals(outcome).ties_out():
        outcome.failures.append("rows at source are not accepted + quarantined + unchanged")
    return outcome


def _dags(outline: Outline) -> list[str]:
    collect = [f"collect_{name}" for name in outline.departments]
    deliver = [f"deliver_{name}" for name in outline.datasets if outline.shares]
    return collect + [f"publish_{name}" for name in outline.datasets] + deliver


def _stay(troupe: Company) -> None:
    try:
        while True:
            troupe.check()
            time.sleep(1)
    except KeyboardInterrupt:
        return


@contextmanager
def _alone(stage: Stage) -> Iterator[None]:
    """One demo per home folder; raises `SettingsError` for the second."""
    with (stage.airflow_home / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(
                f"another demo plays in {stage.home}; choose another home: HUB_HOME=dir make demo"
            ) from None
        yield


@contextmanager
def _signals() -> Iterator[None]:
    """Ctrl-C, termination and a closed terminal all end the demo in the same tidy way."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
