"""`hub run`: the whole path in one process, without Airflow."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import Context
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.opened import Hub
    from hub.summary import Summary

HELD_OR_REJECTED = 10  # exit code: the run went well, a department's batch did not

app = typer.Typer(help="Pull, check, reconcile and publish in this process. 运行全流程。")


@app.command()
def run(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="All supplies, then all datasets.")
    ] = False,
    supply: Annotated[
        list[str] | None, typer.Option(help="Only this supply (department/supply); repeatable.")
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help="Only this dataset; repeatable.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(help="Logical time of the run (UTC). The same time is the same batch."),
    ] = None,
) -> None:
    """Pull, check, reconcile and publish in this process.

    Finishes first what a broken run left behind. Running it again changes nothing that is done.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from hub.ledger.audit import Act
    from hub.opened import open_hub
    from hub.steps import run_all

    if not (everything or supply or dataset):
        raise typer.BadParameter("say --all, --supply or --dataset")
    context: Context = ctx.obj
    files: tuple[Path, ...] = ()
    moment = (as_of or datetime.now(UTC).replace(microsecond=0)).replace(tzinfo=UTC)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=context.json or not sys.stderr.isatty(),
    ) as progress:
        bar = progress.add_task("opening 打开")

        def tell(step: str, what: str, rows: int) -> None:
            progress.update(bar, description=f"{step:<10} {what}  {rows:,}")

        with open_hub(context.home, context.catalog_root, tell) as hub:
            wanted = ["all"] if everything else [*(supply or []), *(dataset or [])]
            context.acting(hub, Act.RUN_STARTED, "run", names=wanted)
            summary = run_all(
                hub,
                moment,
                None if everything else (supply or []),
                None if everything else (dataset or []),
            )
            if everything:
                files = _report(hub, moment, summary)
    _print(context, summary, files)
    if summary.faults:
        raise typer.Exit(1)
    if summary.held_or_rejected:
        raise typer.Exit(HELD_OR_REJECTED)


def _report(hub: Hub, moment: datetime, summary: Summary) -> tuple[Path, ...]:
    """Write the whole hub's report; one that cannot be made does not undo the run."""
    from hub.report.whole import whole_report
    from schemas.problems import CatalogInvalid

    try:
        return whole_report(hub, moment).files
    except (HubError, CatalogInvalid) as error:
        summary.faults.append(str(error))
        return ()


def _print(context: Context, summary: Summary, files: tuple[Path, ...]) -> None:
    from hub.summary import open_orders

    if context.json:
        context.show_json(
            {
                "batches": [asdict(line) for line in summary.batches],
                "releases": [asdict(release) for release in summary.releases],
                "discrepancies": summary.discrepancies,
                "orders": summary.orders,
                "questions": [asdict(asked) for asked in summary.questions],
                "faults": summary.faults,
                "reports": [str(path) for path in files],
            }
        )
        return
    headings = {
        "supply": "supply 归集资源",
        "source": "rows at source",
        "accepted": "accepted",
        "unchanged": "unchanged",
        "quarantined": "quarantined",
        "deleted": "deleted",
        "verdict": "verdict 结论",
    }
    context.show([asdict(line) for line in summary.batches], headings, "Batches 批次")
    context.show(
        [asdict(release) for release in summary.releases],
        {
            "dataset": "dataset 数据集",
            "version": "release",
            "rows": "rows",
            "inserted": "inserted",
            "updated": "updated",
            "deleted": "deleted",
        },
        "\nReleases 发布版本",
    )
    context.show(
        [
            {"dataset": name, "kind": kind, "rows": rows}
            for name, kinds in summary.discrepancies.items()
            for kind, rows in kinds.items()
        ],
        {"dataset": "dataset", "kind": "kind", "rows": "rows"},
        "\nDiscrepancies 差异",
    )
    if summary.questions:
        from hub.cli.crosscheck_text import COLUMNS, question_rows

        rows = question_rows(summary.questions)
        context.show(rows, COLUMNS, "\nCross-checks and policies 比对与政策")
    if summary.orders:
        context.say(f"\nOpen work orders 未结工单: {open_orders(summary.orders)}")
    for fault in summary.faults:
        print(f"hub: {fault}", file=sys.stderr)
    context.say(
        f"\nHome {context.home}; look further with: hub batch list, hub quarantine list, "
        "hub discrepancy list, hub crosscheck list, hub dataset show, hub report hub"
    )
    for path in files:
        context.say(f"Report 报告 {path}")
