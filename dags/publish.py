"""One DAG per dataset, woken by the assets of its supplies and of the datasets it refers to.

What it publishes is then cross-checked, in a task of its own: a broken check hides no release.

An event is a hint: the ledger says what is new. All events of one night make one release, because
a run first waits until the collections under way are over, and Airflow starts no second run
of a DAG with `max_active_runs=1` while events gather.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    AssetAny,
    get_parsing_context,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.wiring import CATALOG, HOME, OUTLINE, asset, deadline
from schemas.dag_notes import publish_note
from schemas.outline import DatasetOutline, Outline, read_outline

PATIENCE = timedelta(hours=1)
"""How long a release waits for collections that do not end."""
SCHEDULING_S = 4
"""A run that an event has just called for appears within this time (measured: about 1 s)."""


def publish_dag(dataset: DatasetOutline, outline: Outline) -> DAG:
    """The DAG `publish_<dataset>`."""
    dag_id = f"publish_{dataset.name}"
    wakers = [asset("supply", name) for name in dataset.supplies]
    wakers += [asset("dataset", name) for name in dataset.datasets]
    before = [f"collect_{name}" for name in outline.departments_behind(dataset.name)]
    before += [f"publish_{d.name}" for d in outline.datasets_behind(dataset.name)[1:]]
    with DAG(
        dag_id,
        dag_display_name=f"发布 {dataset.title} · publish {dataset.name}",
        description=f"{dataset.title} · {dataset.title_en}",
        doc_md=publish_note(dataset, outline),
        schedule=AssetAny(*wakers),
        catchup=False,
        max_active_runs=1,
        tags={"publish", "发布", dataset.name, dataset.title},
        default_args={"owner": "hub"},
        deadline=deadline(dag_id, dataset.latency_h),
    ) as dag:
        published = publish_task(dataset)()
        settle_task(before)() >> published
        if outline.asks:
            published >> crosscheck_task(dataset)()
    return dag


def settle_task(before: list[str]) -> Any:
    """Wait until no run that feeds this dataset is queued or running.

    The wait keeps its slot: a sleeping process costs nothing, a new one for every look would cost
    more than the collections. Airflow's `parallelism` must therefore exceed the number of datasets.
    """

    @task.sensor(
        task_id="settle",
        task_display_name="等待归集结束",
        mode="poke",
        poke_interval=5,
        timeout=2 * PATIENCE.total_seconds(),
    )
    def settle(ti: Any = None, dag_run: Any = None) -> bool:
        if dag_run.start_date and datetime.now(UTC) - dag_run.start_date > PATIENCE:
            return True
        for last_look in (False, True):
            for dag_id in before:
                if ti.get_dr_count(dag_id, states=["queued", "running"]):
                    # Most likely this one is busy at the next look as well: one question is enough.
                    before.insert(0, before.pop(before.index(dag_id)))
                    return False
            if not last_look:
                time.sleep(SCHEDULING_S)
        return True

    return settle


def publish_task(dataset: DatasetOutline) -> Any:
    """Reconcile and publish what the ledger has not yet processed."""
    waker = asset("dataset", dataset.name)

    @task(task_id="publish", task_display_name=f"发布 {dataset.title}", outlets=[waker])
    def publish(dag_run: Any = None, outlet_events: Any = None) -> int:
        from hub import steps
        from hub.opened import open_hub

        with open_hub(HOME, CATALOG) as hub:
            release = steps.publish(hub, dataset.name, dag_run.logical_date or dag_run.run_after)
        if release is None:
            raise AirflowSkipException("nothing new since the last release")
        outlet_events[waker].extra = {"version": release.version, "rows": release.rows}
        return release.version

    return publish


def crosscheck_task(dataset: DatasetOutline) -> Any:
    """Ask the cross-checks and policies of which something changed, release or no release.

    Findings are the departments' news; red is a question that could not be asked.
    """

    @task(task_id="crosscheck", task_display_name="比对 cross-checks", trigger_rule="none_failed")
    def crosscheck(dag_run: Any = None) -> dict[str, str]:
        from hub import steps
        from hub.opened import open_hub

        with open_hub(HOME, CATALOG) as hub:
            moment = dag_run.logical_date or dag_run.run_after
            asked = steps.crosscheck(hub, moment, after=dataset.name)
        if faults := [one.message for one in asked if one.message]:
            raise AirflowFailException("; ".join(faults))
        return {one.name: one.status for one in asked}

    return crosscheck


wanted = get_parsing_context().dag_id  # set inside a task, which needs its own DAG only
outline = read_outline(CATALOG, OUTLINE)
for outlined in outline.datasets.values():
    if wanted in (None, f"publish_{outlined.name}"):
        globals()[f"publish_{outlined.name}"] = publish_dag(outlined, outline)
