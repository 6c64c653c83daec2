"""`hub policy`: who is eligible for which support, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context

app = typer.Typer(
    help="Support policies, held against every entity of a dataset. 惠企利民政策。",
    no_args_is_help=True,
)
RESULTS = {
    "eligible": "eligible 符合",
    "not_eligible": "not eligible 不符合",
    "unknown": "unknown 无法判断",
}
MARKS = {"met": "✓", "unmet": "✗", "unknown": "?"}


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the policies: how many entities are eligible, are not, or cannot be judged."""
    from hub.findings.eligibility import policy_rows

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = policy_rows(hub)
    context.show(
        rows,
        {
            "name": "policy 政策",
            "title": "title 名称",
            "dataset": "dataset 数据集",
            "as_of": "last run 最近运行",
            **RESULTS,
            "asked": "asked 本次计算",
            "carried": "carried over 沿用",
            "fault": "fault 故障",
        },
    )


@app.command()
def run(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Policies; all of them by default.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(help="The day that is asked about ($as_of); now by default.")
    ] = None,
) -> None:
    """Ask policies about the entities of which something changed since the last run.

    Exit code 3 when one of them cannot be asked.
    """
    from hub.cli.crosscheck import put

    put(ctx.obj, as_of, [], names or None)


@app.command()
def show(
    ctx: typer.Context,
    entity: Annotated[str, typer.Argument(help="The entity's id.")],
    policy: Annotated[list[str] | None, typer.Option(help="Only this policy; repeatable.")] = None,
) -> None:
    """Show what each policy says of one entity: conditions met, unmet and unknown, in words."""
    from hub.findings.eligibility import entity_shown
    from hub.ledger.audit import Shown

    context: Context = ctx.obj
    with context.hub() as hub:
        found = entity_shown(hub, entity, policy)
        context.viewing(hub, Shown.POLICY_ANSWER, entity)
    if context.json:
        context.show_json(found)
        return
    for told in found:
        _print(told)


def _print(told: dict[str, Any]) -> None:
    title = told["title"]
    print(f"{title['zh']} {title['en']} ({told['policy']}): {RESULTS[told['result']]}")
    for kind, mark in MARKS.items():
        for reason in told[kind]:
            print(f"  {mark} {reason['zh']}  {reason['en']}")
    for basis in told["legal_basis"]:
        print(f"  basis 依据: {basis['zh']}  {basis['en']}")
    print()


@app.command()
def export(
    ctx: typer.Context,
    policy: Annotated[str, typer.Argument(help="The policy.")],
    out: Annotated[Path, typer.Option(help="File to write: .xlsx, .csv or .parquet.")],
    result: Annotated[
        str | None, typer.Option(help="Only eligible, not_eligible or unknown.")
    ] = None,
) -> None:
    """Write what one policy says of every entity, with their golden rows. Holds personal data."""
    from hub.findings.eligibility import export_answers
    from hub.ledger.audit import Shown

    if result is not None and result not in RESULTS:
        raise typer.BadParameter("--result is eligible, not_eligible or unknown")
    context: Context = ctx.obj
    with context.hub() as hub:
        context.viewing(hub, Shown.POLICY_ANSWERS, hub.policy(policy).name, result=result)
        rows = export_answers(hub, policy, out, result)
    context.show([{"file": str(out), "rows": rows}], {"file": "file", "rows": "rows"})
