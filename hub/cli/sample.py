"""`hub sample`: a city to try the hub on."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.context import Context

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
    city = sample.create(context.home, people, seed, faults)
    if context.json:
        context.show_json({"rows": city.rows, "faults": city.faults, "truth": str(city.truth)})
        return
    rows = [{"supply": name, "rows": count} for name, count in sorted(city.rows.items())]
    context.show(rows, {"supply": "supply 归集资源", "rows": "rows 行数"})
