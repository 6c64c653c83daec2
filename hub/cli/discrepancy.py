"""`hub discrepancy`: fields on which departments disagree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.context import Context

app = typer.Typer(help="Fields on which departments disagree. 差异。", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    supply: Annotated[str | None, typer.Option(help="Only this supply.")] = None,
) -> None:
    """Count discrepancies per dataset, kind, field and the departments on each side.

    No personal value is shown.
    """
    from hub.discrepancies import by_kind

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = by_kind(hub, dataset, supply)
    context.show(
        rows,
        {
            "dataset": "dataset 数据集",
            "kind": "kind 类别",
            "field": "field 字段",
            "supply": "supply 归集资源",
            "department_zh": "department 部门",
            "surviving_department_zh": "against 对方部门",
            "severity": "severity 级别",
            "rows": "rows 条数",
        },
    )


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .parquet.")],
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    supply: Annotated[str | None, typer.Option(help="Only this supply.")] = None,
) -> None:
    """Write the discrepancies: severity, both values, both departments. Holds personal data."""
    from hub.discrepancies import export_rows
    from hub.ledger.audit import Shown

    context: Context = ctx.obj
    with context.hub() as hub:
        context.viewing(hub, Shown.DISCREPANCIES, dataset or "all", supply=supply)
        rows = export_rows(hub, out, dataset, supply)
    context.show([{"file": str(out), "rows": rows}], {"file": "file", "rows": "rows"})
