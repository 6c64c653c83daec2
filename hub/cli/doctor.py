"""`hub doctor`: is everything that the hub stands on all right?"""

from __future__ import annotations

import typer

from hub.cli.context import Context

app = typer.Typer(help="Check settings, ledger, front ends, inboxes and portal. 自检。")


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check settings, catalog, ledger, disk, every front end and inbox, and the portal.

    Says what to do about each that is not well.
    """
    from hub.doctor import examine

    context: Context = ctx.obj
    found = examine(context.home, context.catalog_root)
    context.show(
        found,
        {"state": "state", "what": "what 检查项", "detail": "detail", "remedy": "what to do 处置"},
    )
    if any(entry["state"] == "bad" for entry in found):
        raise typer.Exit(1)
