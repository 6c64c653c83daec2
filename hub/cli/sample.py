"""`hub sample`: a city to try the hub on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import Context

if TYPE_CHECKING:
    from sample import City
    from sample.city import Progress

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Build a sample city with planted faults. 生成样例城市。"""


@app.command()
def create(
    ctx: typer.Context,
    people: Annotated[int, typer.Option(min=100, help="People of the city.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same city.")] = 1,
    faults: Annotated[bool, typer.Option(help="Plant faults, listed in city/truth.json.")] = True,
) -> None:
    """Fill the front ends of every department below the home folder. 生成各部门前置库和文件。"""
    import sample

    context: Context = ctx.obj
    with bar("rows") as advance:
        city = sample.create(context.home, people, seed, faults, progress=advance)
    _report(context, city)


@app.command()
def evolve(
    ctx: typer.Context,
    day: Annotated[int, typer.Option(min=2, help="Live up to this day of the city.")] = 2,
) -> None:
    """Let days pass: rows come, change and go, files arrive anew. 推进到下一天。"""
    import sample

    context: Context = ctx.obj
    with bar("rows") as advance:
        city = sample.evolve(context.home, day, progress=advance)
    _report(context, city)


@app.command()
def subscribe(
    ctx: typer.Context,
    endpoint: Annotated[
        str, typer.Option(help="Address of the portal, for the profiles.")
    ] = "http://127.0.0.1:8090/delta-sharing",
) -> None:
    """Let departments ask for data, and officers decide, through the desk. 申请、审批、授权。"""
    from hub.cli.sample_subscribe import subscribe as play

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = [played.row(hub.now()) for played in play(hub, endpoint)]
    context.show(
        rows,
        {
            "request": "request 申请",
            "subscriber": "subscriber 部门",
            "dataset": "dataset 数据集",
            "story": "story",
            "state": "state 状态",
            "grant": "grant 授权",
            "active": "in force 有效",
            "ways": "ways 交付方式",
        },
    )


@app.command()
def score(ctx: typer.Context) -> None:
    """Hold what the hub found against what was planted. 对照预设错误给出查准率和查全率。"""
    from hub.cli.sample_score import score as score_city

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = [found.row() for found in score_city(hub)]
    if context.json:
        context.show_json(rows)
        return
    for row in rows:
        for name in ("precision", "recall"):
            row[name] = "" if row[name] is None else f"{row[name]:.3f}"
    context.show(
        rows,
        {
            "group": "group 类别",
            "name": "name 名称",
            "field": "field 字段",
            "departments": "departments 部门",
            "planted": "planted 预设",
            "found": "found 发现",
            "precision": "precision 查准",
            "recall": "recall 查全",
        },
    )


@contextmanager
def bar(what: str) -> Iterator[Progress]:
    """A progress bar on stderr, cleared at the end; silent where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(
        TextColumn("{task.description:<36}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        console=console, transient=True, disable=not console.is_terminal,
    ) as shown:  # fmt: skip
        task = shown.add_task(what, total=None)

        def advance(supply: str, done: int, total: int) -> None:
            shown.update(task, description=supply, completed=done, total=total)

        yield advance


def _report(context: Context, city: City) -> None:
    if context.json:
        context.show_json({"rows": city.rows, "faults": city.faults, "truth": str(city.truth)})
        return
    rows = [{"supply": name, "rows": count} for name, count in sorted(city.rows.items())]
    context.show(rows, {"supply": "supply 归集资源", "rows": "rows 行数"})
    context.say(f"{sum(city.faults.values())} planted faults 预埋问题: {city.truth}")
