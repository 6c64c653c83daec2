"""`hub demo`: the sample city through Airflow; what `make demo` runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.cli.context import Context

app = typer.Typer()


@app.command()
def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End after the summary.")] = False,
    people: Annotated[int, typer.Option(min=100, help="People of the city.")] = 20_000,
) -> None:
    """Run the sample city through Airflow on this machine. 在本机用 Airflow 演示全流程。

    Builds the city, starts Airflow on loopback (port HUB_DEMO_PORT, else 8080), collects from all
    departments, publishes all datasets, prints a summary and stays up until Ctrl-C.
    """
    from rich.console import Console

    from hub.demo.play import play

    context: Context = ctx.obj
    if context.json:
        raise typer.BadParameter("the demo is for people; see hub run --all --json")
    sys.exit(play(context.home, context.catalog_root, people, once, Console()))
