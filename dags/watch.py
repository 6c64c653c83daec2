"""One DAG for what time alone brings about: clocks, ends of grants, recalls left out, files, log.

It runs every hour, whether or not anything was published, and catches up with nothing: whatever
is due is found by the ledger alone, however long nobody looked.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from dags.wiring import CATALOG, HOME
from schemas.dag_notes import watch_note

HOURLY = "41 * * * *"  # after the deliveries of the hour


def watch_dag() -> DAG:
    """The DAG `watch`."""
    with DAG(
        "watch",
        dag_display_name="巡检 · watch",
        description="时限、授权到期、更正通知、归集时效 · clocks, grants, recalls, freshness",
        doc_md=watch_note(),
        schedule=CronTriggerTimetable(HOURLY, timezone="UTC"),
        catchup=False,
        max_active_runs=1,
        tags={"watch", "巡检", "sharing", "共享"},
        default_args={"owner": "hub"},
    ) as dag:
        watch_task()()
    return dag


def watch_task() -> Any:
    """Do everything that is due; late supplies and clocks are departments' news, and not red."""

    @task(task_id="watch", task_display_name="巡检 watch")
    def watch() -> dict[str, int]:
        from hub import steps
        from hub.opened import open_hub

        with open_hub(HOME, CATALOG) as hub:
            watched = steps.watch(hub)
        if watched.faults:
            raise AirflowFailException("; ".join(watched.faults))
        return watched.counts

    return watch


globals()["watch"] = watch_dag()
