"""`hub grant recall | notices | acknowledge`: what was corrected after it had been delivered."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context
from hub.cli.officer import By, officer, why

CAUSES = {
    "objection": "objection 校核异议",
    "work_order": "work order 工单",
    "entity": "entity 实体合并或拆分",
    "steward": "steward 管理员",
}


def mount(app: typer.Typer) -> None:
    """Add these commands to the group."""
    app.command()(recall)
    app.command()(notices)
    app.command()(acknowledge)


def recall(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    entity: Annotated[str, typer.Argument(help="The entity's id in the hub.")],
    wrong_in: Annotated[int, typer.Option(help="A release that had the wrong value.")],
    by: By,
    reason: Annotated[str, typer.Option(help="Why; kept for ever. Name no person in it.")],
    field: Annotated[
        str | None, typer.Option(help="The field; all that were mended by default.")
    ] = None,
) -> None:
    """Tell everybody who received a value that it was wrong. A later release must mend it. 召回"""
    from hub import recalls

    context: Context = ctx.obj
    with context.hub() as hub:
        asked = recalls.ask(hub, dataset, entity, field, wrong_in, officer(by), why(reason))
    if not context.json:
        context.say(f"mended in release 更正版本: {asked.mended_in}")
    _show(context, [asdict(one) for one in asked.recalls])


def notices(
    ctx: typer.Context,
    grant: Annotated[str, typer.Argument(help="The grant, e.g. G2026-000001.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the records and fields: .csv, .xlsx or .parquet.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Only those not yet handed over.")] = False,
) -> None:
    """List what was corrected after this grant had received it: records and fields, no value.

    With --out the notices count as handed over.
    """
    from hub.grants import grant_of
    from hub.recalls import recalls_of, told, write

    context: Context = ctx.obj
    with context.hub() as hub:
        found = recalls_of(hub, grant_of(hub, grant), new)
        if out is not None:
            write(hub, found, out)
            told(hub, [one.id for one in found], "command")
    _show(context, [asdict(one) for one in found])


def acknowledge(
    ctx: typer.Context,
    notice: Annotated[str, typer.Argument(help="The notice's id; see grant notices.")],
    by: By,
) -> None:
    """An officer of the subscriber has seen a notice. 确认收到。"""
    from hub.recalls import acknowledge as confirm

    context: Context = ctx.obj
    with context.hub() as hub:
        done = confirm(hub, notice, officer(by))
    _show(context, [asdict(done)])


def _show(context: Context, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row.pop("uri")
        if not context.json:
            row["fields"] = ", ".join(f"{name} {count}" for name, count in row["fields"].items())
            row["cause"] = CAUSES[row["cause"]]
    context.show(
        rows,
        {
            "id": "notice 通知",
            "grant_id": "grant 授权",
            "dataset": "dataset 数据集",
            "first_version": "wrong from 错误始于",
            "mended_in": "mended in 更正于",
            "cause": "why 原因",
            "records": "records 记录",
            "fields": "fields 信息项",
        },
    )
