"""`hub deliver`: push releases to those who were granted them, and see what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from hub.cli.context import Context

app = typer.Typer(
    help="Deliveries: push releases to subscribers, and what became of it. 交付。",
    no_args_is_help=True,
)
COLUMNS = {
    "grant": "grant 授权",
    "subscriber": "subscriber 需求部门",
    "dataset": "dataset 数据集",
    "version": "version 版本",
    "base": "after 基于",
    "way": "way 方式",
    "rows": "rows 行数",
    "already": "already 已交付",
    "receipt": "receipt 回执",
}


@app.command()
def run(
    ctx: typer.Context,
    datasets: Annotated[
        list[str] | None, typer.Argument(help="Datasets; all of them by default.")
    ] = None,
    grant: Annotated[str | None, typer.Option(help="Only this grant; needs --way.")] = None,
    way: Annotated[str | None, typer.Option(help="file or database.")] = None,
    whole: Annotated[
        bool, typer.Option(help="Send all rows, into a table made anew where it was changed.")
    ] = False,
) -> None:
    """Push the newest release to every grant that has not received it, with recall notices.

    Exit code 14 when an inbox could not be reached or did not take it; the others were served.
    """
    from hub.errors import DeliveryError, SettingsError
    from hub.pushing import Pushed, push
    from hub.steps import deliver

    context: Context = ctx.obj
    if (grant is None) != (way is None) or (whole and grant is None):
        raise SettingsError(
            "--grant 与 --way 须同时给出，--whole 须二者俱全 / "
            "--grant and --way go together, and --whole needs both"
        )
    if grant and datasets:
        raise SettingsError("请指定数据集或一项授权，二者择一 / name datasets, or one grant")
    faults: dict[str, str] = {}
    with context.hub() as hub:
        if grant and way:
            done = push(hub, grant, _way(way), whole)
            rounds = [Pushed([done] if done else [])]
        else:
            moment = datetime.now(UTC)
            rounds = [deliver(hub, name, moment) for name in datasets or hub.catalog.datasets]
    rows = [_row(one) for pushed in rounds for one in pushed.delivered]
    for pushed in rounds:
        faults |= pushed.faults
    if context.json:
        context.show_json({"delivered": rows, "faults": faults})
    else:
        context.show(rows, COLUMNS)
        for message in faults.values():
            typer.echo(f"hub: {message}", err=True)
    if faults:
        raise typer.Exit(DeliveryError.exit_code)


@app.command()
def due(
    ctx: typer.Context,
    datasets: Annotated[
        list[str] | None, typer.Argument(help="Datasets; all of them by default.")
    ] = None,
) -> None:
    """List what waits to be pushed: grants with a release or a recall notice not handed over."""
    from hub.grants import grant_of
    from hub.pushing import pushes

    context: Context = ctx.obj
    rows: list[dict[str, Any]] = []
    with context.hub() as hub:
        for name in datasets or hub.catalog.datasets:
            for grant_id, way in pushes(hub, hub.dataset(name).name):
                subscriber = grant_of(hub, grant_id).subscriber
                rows.append(
                    {"grant": grant_id, "subscriber": subscriber, "dataset": name, "way": way.value}
                )
    context.show(rows, {name: COLUMNS[name] for name in ("grant", "subscriber", "dataset", "way")})


@app.command("list")
def list_(
    ctx: typer.Context,
    grant: Annotated[str | None, typer.Option(help="Only this grant.")] = None,
    failed: Annotated[bool, typer.Option(help="Only those that failed.")] = False,
) -> None:
    """List deliveries, pushed and pulled: state, attempts, what they followed."""
    from dataclasses import asdict

    from hub.grants import grants_of
    from hub.ledger.receipts import FAILED, deliveries_of

    context: Context = ctx.obj
    with context.hub() as hub:
        known = {one.id: one for one in grants_of(hub)}
        found = deliveries_of(hub.ledger, grant)
    rows = [
        asdict(one)
        | {
            "subscriber": known[one.grant_id].subscriber,
            "dataset": known[one.grant_id].dataset,
            "moment": f"{one.received_at:%Y-%m-%d %H:%M}" if one.received_at else None,
        }
        for one in found
        if not failed or one.state == FAILED
    ]
    context.show(
        rows,
        {
            "grant_id": "grant 授权",
            "subscriber": "subscriber 需求部门",
            "dataset": "dataset 数据集",
            "version": "version 版本",
            "base_version": "after 基于",
            "way": "way 方式",
            "content": "content 内容",
            "state": "state 状态",
            "attempts": "attempts 次数",
            "error": "error 错误",
            "moment": "received at 接收时间",
        },
    )


def _way(text: str) -> Any:
    from hub.channels.registry import PUSHED
    from hub.errors import SettingsError

    for way in PUSHED:
        if text == way.value:
            return way
    raise SettingsError(f"--way is {' or '.join(way.value for way in PUSHED)}, not {text!r}")


def _row(one: Any) -> dict[str, Any]:
    return {
        "grant": one.grant_id,
        "subscriber": one.subscriber,
        "dataset": one.dataset,
        "version": one.version,
        "base": one.base,
        "way": one.way.value,
        "rows": one.rows,
        "already": one.already,
        "receipt": one.receipt[:12],
        "delivery": one.delivery_id,
    }
