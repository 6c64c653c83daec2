"""`hub watch`: what time alone brings about."""

from __future__ import annotations

import sys

import typer

from hub.cli.context import Context

app = typer.Typer()


@app.command()
def watch(ctx: typer.Context) -> None:
    """Do what is due: warn of clocks, end grants, close objections, recall, prune, sign the log.

    Run it hourly, where no scheduler does. Again changes nothing.
    """
    from hub import steps
    from hub.watching.words import lines

    context: Context = ctx.obj
    with context.hub() as hub:
        watched = steps.watch(hub)
    if context.json:
        more = {"checkpoint": watched.checkpoint, "faults": watched.faults}
        context.show_json(watched.counts | more)
    for line in lines(watched):
        context.say(line)
    for fault in watched.faults:
        print(f"hub: {fault}", file=sys.stderr)
    if watched.faults:
        raise typer.Exit(1)
