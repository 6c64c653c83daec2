"""`hub quarantine`: rows that broke a rule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context

app = typer.Typer(help="Rows that broke a rule, with the rule. 隔离区。", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    supply: Annotated[str | None, typer.Option(help="Only this supply.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this batch.")] = None,
) -> None:
    """Count quarantined rows per supply, batch and rule; no personal value is shown."""
    from hub.quarantine import by_rule

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = by_rule(hub, supply, batch)
    context.show(
        rows,
        {
            "supply": "supply 归集资源",
            "batch_id": "batch 批次",
            "rule": "rule 规则",
            "rows": "rows",
        },
    )


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .parquet.")],
    supply: Annotated[str | None, typer.Option(help="Only this supply.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this batch.")] = None,
) -> None:
    """Write the rows themselves, for the department that supplied them. Holds personal data."""
    from hub.ledger.audit import Shown
    from hub.quarantine import export_rows

    context: Context = ctx.obj
    with context.hub() as hub:
        context.viewing(hub, Shown.QUARANTINE, batch or supply or "all")
        written: list[dict[str, Any]] = export_rows(hub, out, supply, batch)
    context.show(written, {"supply": "supply", "file": "file", "rows": "rows"})
