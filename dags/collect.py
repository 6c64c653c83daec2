"""One DAG per department: each of its supplies is pulled, then checked.

A supply's asset is the outlet of its check. A batch that is held or rejected skips that task, and a
skipped task sends no event: it wakes nobody. In a backfill only the last run of a supply sends
one, so that thirty rebuilt days are published once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    CronTriggerTimetable,
    TaskGroup,
    get_parsing_context,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.wiring import CATALOG, HOME, OUTLINE, RetryUnreachable, asset, deadline
from schemas.cycles import cron
from schemas.dag_notes import collect_note
from schemas.outline import DepartmentOutline, SupplyOutline, read_outline

FINISHED = {"success", "failed", "skipped", "upstream_failed", "removed"}


def collect_dag(department: DepartmentOutline) -> DAG:
    """The DAG `collect_<department>`."""
    cycles = [supply.cycle for supply in department.supplies]
    line = cron(department.name, cycles, department.allowed_hours)
    promised = [s.latency_h for s in department.supplies if s.latency_h is not None]
    dag_id = f"collect_{department.name}"
    with DAG(
        dag_id,
        dag_display_name=f"归集 {department.title} · collect {department.name}",
        description=f"{department.title} · {department.title_en}",
        doc_md=collect_note(department),
        schedule=CronTriggerTimetable(line, timezone=department.timezone) if line else None,
        catchup=False,  # and no start_date: the first run comes with the next tick, not at once
        max_active_runs=1,
        tags={"collect", "归集", department.name, department.title},
        default_args={"owner": department.name},
        deadline=deadline(dag_id, min(promised, default=None)),
    ) as dag:
        for supply in department.supplies:
            with TaskGroup(supply.short_name, tooltip=f"{supply.title} · {supply.title_en}"):
                check_task(supply)(pull_task(supply, department)())
    return dag


def pull_task(supply: SupplyOutline, department: DepartmentOutline) -> Any:
    """Extract and land; the department's pool keeps to the connections that it allows."""

    @task(
        task_id="pull",
        task_display_name=f"拉取 {supply.title}",
        pool=department.pool,
        retries=4,
        retry_policy=RetryUnreachable(),
        retry_delay=timedelta(seconds=30),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(minutes=15),
        max_active_tis_per_dag=1,
    )
    def pull(dag_run: Any = None) -> list[str]:
        from hub import steps
        from hub.due import is_due
        from hub.opened import open_hub

        as_of = dag_run.logical_date or dag_run.run_after
        with open_hub(HOME, CATALOG) as hub:
            if dag_run.run_type == "scheduled" and not is_due(
                hub.ledger, hub.supply(supply.name), as_of
            ):
                raise AirflowSkipException(f"{supply.cycle}: this period's batch is here")
            batches = steps.collect(hub, supply.name, as_of)
        if not batches and dag_run.run_type != "backfill":
            raise AirflowSkipException("the department has delivered nothing new")
        return batches

    return pull


def check_task(supply: SupplyOutline) -> Any:
    """Check the batches in their order, and wake the datasets if one of them may move on."""
    waker = asset("supply", supply.name)

    @task(
        task_id="check",
        task_display_name=f"检查 {supply.title}",
        outlets=[waker],
        max_active_tis_per_dag=1,
    )
    def check(
        batches: list[str], dag_run: Any = None, ti: Any = None, outlet_events: Any = None
    ) -> dict[str, str]:
        from hub import steps
        from hub.opened import open_hub

        with open_hub(HOME, CATALOG) as hub:
            verdicts = {batch: steps.check(hub, batch).verdict.value for batch in batches}
        if faults := [batch for batch, verdict in verdicts.items() if verdict == "fault"]:
            raise AirflowFailException(f"rules could not run on {', '.join(faults)}")
        if dag_run.run_type == "backfill":
            # Only its own kind: a scheduled run beside it may find nothing new and wake nobody.
            states = ti.get_task_states(dag_run.dag_id, task_ids=[ti.task_id])
            left = sum(
                state[ti.task_id] not in FINISHED
                for run_id, state in states.items()
                if run_id.startswith("backfill__") and run_id != dag_run.run_id
            )
            if left:
                raise AirflowSkipException(f"backfill: {left} runs to come, the last one publishes")
        elif not (moved := [b for b, v in verdicts.items() if v in ("accept", "warn")]):
            raise AirflowSkipException(f"nothing moves on: {verdicts}")
        else:
            outlet_events[waker].extra = {"batches": moved}
        return verdicts

    return check


wanted = get_parsing_context().dag_id  # set inside a task, which needs its own DAG only
for outlined in read_outline(CATALOG, OUTLINE).departments.values():
    if wanted in (None, f"collect_{outlined.name}"):
        globals()[f"collect_{outlined.name}"] = collect_dag(outlined)
