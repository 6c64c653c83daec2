"""Watches a demo's runs to their end, telling each batch and release as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hub.demo.api import Api
from hub.demo.company import Company, DemoError
from hub.grants import grant_of
from hub.ledger.batches import list_batches
from hub.ledger.receipts import deliveries_of
from hub.ledger.releases import releases_of
from hub.opened import Hub
from hub.records import Batch, Release

LOOK_EVERY_S = 2.0
STILL_LOOKS = 3
"""Looks without a run or event in sight after which the demo is over: longer than the scheduler
needs to turn an event into a run (about 1 s)."""
LIMIT_S = 1800.0
WOKEN = ("publish_", "deliver_")
"""DAGs that asset events wake."""


@dataclass
class Outcome:
    """What the runs of one demo left behind, in order of their end."""

    batches: list[Batch] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)  # ids of deliveries that were told


def await_answer(troupe: Company, ready: Callable[[], bool], what: str, limit_s: float) -> None:
    """Wait until `ready`; raises `DemoError` when a process ends or the time is over."""
    end = time.monotonic() + limit_s
    while True:
        troupe.check()
        try:
            if ready():
                return
        except (httpx.TransportError, httpx.HTTPStatusError):
            pass  # the server is not up yet, or says so itself
        if time.monotonic() > end:
            raise DemoError(f"{what} took more than {limit_s:.0f} s; see the logs in {troupe.logs}")
        time.sleep(0.5)


def watch(
    api: Api, hub: Hub, troupe: Company, started: datetime, dags: Sequence[str], console: Console
) -> Outcome:
    """Look on until no run is active and no event waits; raises `DemoError` past the limit."""
    outcome = Outcome()
    end = time.monotonic() + LIMIT_S
    still = 0
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} runs"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("collecting 归集", total=len(dags))
        while still < STILL_LOOKS:
            troupe.check()
            if time.monotonic() > end:
                raise DemoError(f"runs are still active after {LIMIT_S:.0f} s")
            runs = api.runs(started)
            active = [run for run in runs if run["state"] in ("queued", "running")]
            _tell_news(hub, started, outcome, console)
            for run in runs:
                _note_failure(api, run, troupe, outcome, console)
            publishing = [r["dag_id"] for r in active if r["dag_id"].startswith(WOKEN)]
            waiting = not active and any(
                api.events_waiting(dag) for dag in dags if dag.startswith(WOKEN)
            )
            still = 0 if active or waiting else still + 1
            progress.update(
                bar,
                total=len(runs),
                completed=len(runs) - len(active),
                description="publishing 发布, delivering 交付"
                if len(publishing) == len(active)
                else None,
            )
            time.sleep(LOOK_EVERY_S)
    return outcome


def _tell_news(hub: Hub, started: datetime, outcome: Outcome, console: Console) -> None:
    told = {batch.id for batch in outcome.batches}
    for batch in reversed(list_batches(hub.ledger)):
        if batch.id in told or not batch.closed_at or batch.closed_at < started:
            continue
        outcome.batches.append(batch)
        console.print(_batch_line(batch), highlight=False, soft_wrap=True)
    released = {(release.dataset, release.version) for release in outcome.releases}
    for release in releases_of(hub.ledger):
        if release.created_at >= started and (release.dataset, release.version) not in released:
            outcome.releases.append(release)
            console.print(
                f"  [bold green]released[/] {release.dataset} {release.version}: "
                f"{release.rows:,} rows",
                highlight=False,
            )

    for sent in deliveries_of(hub.ledger):
        fresh = sent.received_at is not None and sent.received_at >= started
        if fresh and sent.id not in outcome.delivered:
            outcome.delivered.add(sent.id)
            grant = grant_of(hub, sent.grant_id)
            console.print(
                f"  [bold green]delivered[/] {grant.dataset} {sent.version} to {grant.subscriber} "
                f"({sent.way})",
                highlight=False,
            )


def _batch_line(batch: Batch) -> str:
    colours = {"accept": "green", "warn": "yellow", "hold": "magenta", "reject": "red"}
    verdict = batch.verdict.value if batch.verdict else "?"
    counts = batch.counts
    sums = (
        f"{counts.source:>9,} rows = {counts.accepted:,} accepted + {counts.quarantined:,} "
        f"quarantined + {counts.unchanged:,} unchanged"
        if counts
        else ""
    )
    return f"  [{colours.get(verdict, 'red')}]{verdict:<8}[/] {batch.supply:<32}{sums}"


def _note_failure(
    api: Api, run: dict[str, str], troupe: Company, outcome: Outcome, console: Console
) -> None:
    if run["state"] != "failed":
        return
    place = f"{run['dag_id']} {run['dag_run_id']}"
    if any(failure.startswith(place) for failure in outcome.failures):
        return
    tasks = ", ".join(api.failed_tasks(run["dag_id"], run["dag_run_id"]))
    log = troupe.logs / "airflow" / f"dag_id={run['dag_id']}"
    outcome.failures.append(f"{place}: {tasks or 'no task'} failed; see {log}")
    console.print(f"  [bold red]failed[/] {outcome.failures[-1]}", highlight=False, soft_wrap=True)
