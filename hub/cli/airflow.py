"""`hub airflow`: what a server's Airflow needs to know of the catalog."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.context import Context

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """What a server's Airflow needs to know. 调度配置。"""


@app.command()
def pools(
    ctx: typer.Context,
    names: Annotated[bool, typer.Option("--names", help="Only the names, one a line.")] = False,
) -> None:
    """Print a pool for each department, as JSON for `airflow pools import`. 各部门连接池。

    A pool has as many slots as the department's node allows connections; without its pool no
    department is collected.
    """
    from schemas.outline import read_outline

    context: Context = ctx.obj
    departments = read_outline(context.catalog_root).departments.values()
    if names:
        print("\n".join(department.pool for department in departments))
        return
    context.show_json(
        {
            department.pool: {
                "slots": department.connections,
                "description": f"{department.title} {department.title_en}",
                "include_deferred": False,
            }
            for department in departments
        }
    )
