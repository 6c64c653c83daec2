"""Parses the DAG files with real Airflow and prints what came out of it as JSON."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hub.settings import REPOSITORY


def describe(catalog: Path, folder: Path) -> dict[str, Any]:
    """DAGs by id, and the CPU seconds that parsing took without and with a warm cache."""
    env = {
        **{name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW_")},
        "AIRFLOW_HOME": str(folder / "airflow"),
        "HUB_HOME": str(folder / "home"),
        "HUB_CATALOG": str(catalog),
    }
    command = [sys.executable, __file__]
    done = subprocess.run(command, env=env, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _parse() -> dict[str, Any]:
    dags: dict[str, Any] = {}
    for name in ("collect", "publish", "deliver", "watch"):
        spec = importlib.util.spec_from_file_location(name, REPOSITORY / "dags" / f"{name}.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        dags |= {
            key: value for key, value in vars(module).items() if f"{key}_".startswith(f"{name}_")
        }
    return {key: dag for key, dag in dags.items() if hasattr(dag, "task_dict")}


def _timed() -> tuple[dict[str, Any], float]:
    begun = time.process_time()
    dags = _parse()
    return dags, time.process_time() - begun


def _task(task: Any) -> dict[str, Any]:
    return {
        "outlets": [asset.name for asset in task.outlets],
        "uris": [asset.uri for asset in task.outlets],
        "pool": task.pool,
        "retries": task.retries,
        "backoff": bool(task.retry_exponential_backoff),
        "policy": type(task.retry_policy).__name__ if task.retry_policy else None,
        "upstream": sorted(task.upstream_task_ids),
        "trigger": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
    }


def _dag(dag: Any) -> dict[str, Any]:
    condition = getattr(dag.timetable, "asset_condition", None)
    deadlines = dag.deadline if isinstance(dag.deadline, list) else [dag.deadline]
    return {
        "doc": dag.doc_md,
        "cron": getattr(dag.timetable, "expression", None),
        "woken_by": sorted(asset.name for asset in condition.objects) if condition else [],
        "any": type(condition).__name__,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tags": sorted(dag.tags),
        "deadline_h": [d.interval.total_seconds() / 3600 for d in deadlines if d],
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def main() -> None:
    """Warm Airflow's own imports with an empty DAG first: they are not the catalog's cost."""
    from airflow.sdk import DAG, Asset, task

    with DAG("warm"):
        task(task_id="a", outlets=[Asset(name="x", uri="file:///x")])(lambda: 1)()
        task.sensor(task_id="b")(lambda: True)()
    import dags.wiring  # noqa: F401
    import schemas.dag_notes  # noqa: F401

    cold_dags, cold = _timed()
    _, warm = _timed()
    described = {dag_id: _dag(dag) for dag_id, dag in cold_dags.items()}
    print(json.dumps({"dags": described, "cold_s": cold, "warm_s": warm}))


if __name__ == "__main__":
    main()
