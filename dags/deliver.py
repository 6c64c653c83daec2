"""One DAG per dataset, woken by its asset: what was published goes to those who were granted it.

Mapped over the grants that have a way of push: an inbox that cannot be reached is tried again and
red for that grant alone. An event is a hint: the ledger says what has not been received, and what
recall notices wait. It is asked every hour, too: a new grant gets the release that is there, and
a subscriber who was away longer than the retries gets what it missed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    get_current_context,
    get_parsing_context,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.wiring import CATALOG, HOME, OUTLINE, RetryUnreachable, asset
from schemas.dag_notes import deliver_note
from schemas.outline import DatasetOutline, read_outline

HOURLY = "23 * * * *"  # a minute at which few begin anything


def deliver_dag(dataset: DatasetOutline) -> DAG:
    """The DAG `deliver_<dataset>`."""
    with DAG(
        f"deliver_{dataset.name}",
        dag_display_name=f"交付 {dataset.title} · deliver {dataset.name}",
        description=f"{dataset.title} · {dataset.title_en}",
        doc_md=deliver_note(dataset),
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(HOURLY, timezone="UTC"),
            assets=[asset("dataset", dataset.name)],
        ),
        catchup=False,
        max_active_runs=1,
        tags={"deliver", "交付", dataset.name, dataset.title},
        default_args={"owner": "hub"},
    ) as dag:
        waiting = grants_task(dataset)()
        recall_task(dataset)() >> waiting
        push_task(dataset).expand_kwargs(waiting)
        prepare_task(dataset)()
    return dag


def recall_task(dataset: DatasetOutline) -> Any:
    """Close the objections that the release has mended, and make the notices that follow."""

    @task(task_id="recall", task_display_name="更正通知 recall")
    def recall() -> int:
        from hub import steps
        from hub.opened import open_hub

        with open_hub(HOME, CATALOG) as hub:
            return len(steps.recall(hub, dataset.name))

    return recall


def grants_task(dataset: DatasetOutline) -> Any:
    """List the grants and ways that wait for something."""

    @task(task_id="grants", task_display_name="待交付授权 grants", trigger_rule="all_done")
    def grants() -> list[dict[str, str]]:
        from hub.opened import open_hub
        from hub.pushing import pushes

        with open_hub(HOME, CATALOG) as hub:
            waiting = pushes(hub, dataset.name)
        if not waiting:
            raise AirflowSkipException("nothing waits to be pushed")
        return [{"grant_id": grant_id, "way": way.value} for grant_id, way in waiting]

    return grants


def push_task(dataset: DatasetOutline) -> Any:
    """Push to one grant one way; what ended or was received meanwhile is skipped."""

    @task(
        task_id="push",
        task_display_name=f"推送 {dataset.title}",
        map_index_template="{{ delivery }}",
        retries=4,
        retry_policy=RetryUnreachable(),
        retry_delay=timedelta(seconds=30),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(minutes=15),
    )
    def push(grant_id: str, way: str) -> dict[str, Any]:
        from hub.errors import DecisionError
        from hub.opened import open_hub
        from hub.pushing import push as push_one
        from schemas.sharing import Way

        get_current_context()["delivery"] = f"{grant_id} · {way}"
        try:
            with open_hub(HOME, CATALOG) as hub:
                done = push_one(hub, grant_id, Way(way))
        except DecisionError as error:
            raise AirflowSkipException(str(error)) from None
        if done is None:
            raise AirflowSkipException("no release; recall notices, if any, were handed over")
        return {"version": done.version, "rows": done.rows, "receipt": done.receipt}

    return push


def prepare_task(dataset: DatasetOutline) -> Any:
    """Make the files of those who pull, so that their first request does not wait."""

    @task(task_id="prepare", task_display_name=f"准备 {dataset.title}")
    def prepare() -> None:
        from hub.opened import open_hub
        from hub.pushing import prepare as prepare_shares

        with open_hub(HOME, CATALOG) as hub:
            faults = prepare_shares(hub, dataset.name)
        if faults:
            raise AirflowFailException("; ".join(faults.values()))

    return prepare


wanted = get_parsing_context().dag_id  # set inside a task, which needs its own DAG only
outline = read_outline(CATALOG, OUTLINE)
for outlined in outline.datasets.values():
    if outline.shares and wanted in (None, f"deliver_{outlined.name}"):
        globals()[f"deliver_{outlined.name}"] = deliver_dag(outlined)
