"""`hub objection`: a subscriber doubts one value, and whoever supplied it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.cases import Overdue, known_state, show_cases
from hub.cli.context import Context
from hub.cli.officer import By, officer, why

if TYPE_CHECKING:
    from hub.records import Objection

app = typer.Typer(
    help="Objections: one field of one record is doubted, and answered. 校核异议。",
    no_args_is_help=True,
)
ObjectionId = Annotated[str, typer.Argument(help="The objection, e.g. O2026-000001.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the history. Name no person in it.")]


@app.command()
def file(
    ctx: typer.Context,
    grant: Annotated[str, typer.Argument(help="The grant, e.g. G2026-000001.")],
    record: Annotated[str, typer.Argument(help="The record_id, as the grant shows it.")],
    field: Annotated[str, typer.Argument(help="The field that is doubted.")],
    by: By,
    reason: Annotated[str, typer.Option(help="What is wrong; may hold values, for the supplier.")],
    version: Annotated[
        int | None, typer.Option(help="The release it was seen in; the newest by default.")
    ] = None,
    suggestion: Annotated[str | None, typer.Option(help="What would be right, if known.")] = None,
) -> None:
    """Object to one field of one record. It goes to the department whose value it is. 提出校核。"""
    from hub import objections

    context: Context = ctx.obj
    said = why(reason)
    right = None if suggestion is None else why(suggestion, "--suggestion")
    with context.hub() as hub:
        done = objections.file(hub, grant, record, field, officer(by), said, version, right)
    _tell(context, done)


@app.command("list")
def list_(
    ctx: typer.Context,
    department: Annotated[
        str | None, typer.Option(help="Only on this department's values.")
    ] = None,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Only on this dataset.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state, e.g. filed.")] = None,
    overdue: Overdue = False,
) -> None:
    """List objections: how each stands, who has to act, until when; no personal value."""
    from hub.objections.life import State
    from hub.objections.view import rows as rows_of
    from hub.objections.words import STATES

    context: Context = ctx.obj
    known_state(state, State)
    with context.hub() as hub:
        rows = rows_of(hub, department, subscriber, dataset, state)
    show_cases(
        context,
        rows,
        overdue,
        STATES,
        {
            "id": "objection 异议",
            "grant_id": "grant 授权",
            "dataset": "dataset 数据集",
            "field": "field 信息项",
            "supply": "supply 归集资源",
            "state": "state 状态",
            "next": "to act 待办部门",
            "due": "until 期限",
            "mended_in": "mended in 更正版本",
        },
    )


@app.command()
def show(ctx: typer.Context, objection: ObjectionId, by: By) -> None:
    """Show one objection with what was said, to those whom it concerns. May show personal data.

    Who answers also sees the value as supplied, its batch and the keys of its source rows.
    """
    from hub.objections.view import shown

    context: Context = ctx.obj
    with context.hub() as hub:
        found = shown(hub, objection, officer(by))
    if context.json:
        context.show_json(found)
    else:
        _print(context, found)


@app.command()
def uphold(ctx: typer.Context, objection: ObjectionId, by: By, reason: Reason = "") -> None:
    """The value is wrong: it will be mended at its source. 认定属实。"""
    from hub import objections

    _act(ctx, objections.uphold, objection, by, reason)


@app.command()
def reject(ctx: typer.Context, objection: ObjectionId, by: By, reason: Reason) -> None:
    """The value is right, and why. 认定无误。"""
    from hub import objections

    _act(ctx, objections.reject, objection, by, reason)


@app.command()
def dispute(ctx: typer.Context, objection: ObjectionId, by: By, reason: Reason) -> None:
    """The subscriber disagrees with the answer: the supervisor settles it. 提出争议。"""
    from hub import objections

    _act(ctx, objections.dispute, objection, by, reason)


@app.command()
def settle(
    ctx: typer.Context,
    objection: ObjectionId,
    by: By,
    reason: Reason,
    upheld: Annotated[
        bool, typer.Option("--upheld/--dismissed", help="Whether the objection is right.")
    ],
) -> None:
    """The supervisor says who is right. 协调处理。"""
    from hub import objections

    context: Context = ctx.obj
    with context.hub() as hub:
        done = objections.settle(hub, objection, officer(by), upheld, why(reason))
    _tell(context, done)


@app.command()
def withdraw(ctx: typer.Context, objection: ObjectionId, by: By, reason: Reason = "") -> None:
    """The subscriber takes it back. 撤回。"""
    from hub import objections

    _act(ctx, objections.withdraw, objection, by, reason)


def _act(ctx: typer.Context, do: Any, objection: str, by: str, reason: str) -> None:
    context: Context = ctx.obj
    with context.hub() as hub:
        done = do(hub, objection, officer(by), why(reason))
    _tell(context, done)


def _tell(context: Context, done: Objection) -> None:
    from hub.objections.words import STATES

    row = {"id": done.id, "state": done.state, "department": done.department,
           "supply": done.supply, "batch": done.batch_id, "mended_in": done.mended_in}  # fmt: skip
    if not context.json:
        row["state"] = STATES[done.state]
    context.show(
        [row],
        {
            "id": "objection 异议",
            "state": "state 状态",
            "department": "supplied by 数源部门",
            "supply": "supply 归集资源",
            "batch": "batch 批次",
        },
    )


def _print(context: Context, found: dict[str, Any]) -> None:
    from hub.objections.words import ACTS, STATES

    print(f"{found['id']}  {STATES[found['state']]}")
    print(f"grant 授权: {found['grant_id']} ({found['subscriber']})")
    print(f"record 记录: {found['record_id']}  {found['dataset']}.{found['field']}")
    mended = f"; mended in 更正版本: {found['mended_in']}" if found["mended_in"] else ""
    print(f"seen in release 所见版本: {found['version']}{mended}")
    print(f"supplied by 数源部门: {found['department']} ({found['supply']}, {found['batch_id']})")
    if found["due_on"]:
        print(f"to act 待办: {found['next']} until 至 {found['due_on']}")
    print(f"said 说明: {found['said']}")
    for name, title in (
        ("suggestion", "would be right 建议值"),
        ("value", "value as supplied 现值"),
        ("source_keys", "source rows 来源行"),
    ):
        if found.get(name):
            value = found[name]
            print(f"{title}: {', '.join(value) if isinstance(value, list) else value}")
    history = [row | {"kind": ACTS[row["kind"]]} for row in found["history"]]
    context.show(
        history,
        {"at": "at (UTC)", "kind": "what 事项", "by": "by", "department": "", "reason": "why 理由"},
    )
