"""`hub request list | show | clocks | rules`: how requests stand, and who has to act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hub.cli.cases import Overdue, known_state, show_cases
from hub.cli.context import Context

Department = Annotated[str | None, typer.Option(help="Only this department's.")]


def mount(app: typer.Typer) -> None:
    """Add these commands to the group."""
    app.command("list")(list_)
    app.command()(show)
    app.command()(clocks)
    app.command()(rules)


def list_(
    ctx: typer.Context,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    provider: Annotated[
        str | None, typer.Option(help="Only those this department decides.")
    ] = None,
    dataset: Annotated[str | None, typer.Option(help="Only on this dataset.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state, e.g. accepted.")] = None,
    overdue: Overdue = False,
) -> None:
    """List requests: how each stands, who has to act, until when."""
    from hub.requests.states import State
    from hub.requests.view import request_rows
    from hub.requests.words import STATES

    context: Context = ctx.obj
    known_state(state, State)
    with context.hub() as hub:
        rows = request_rows(hub, subscriber, dataset, state, provider)
    show_cases(
        context,
        rows,
        overdue,
        STATES,
        {
            "id": "request 申请",
            "subscriber": "subscriber 申请部门",
            "dataset": "dataset 数据集",
            "provider": "provider 提供部门",
            "state": "state 状态",
            "next": "to act 待办部门",
            "due": "until 期限",
            "grant": "grant 授权",
        },
    )


def show(
    ctx: typer.Context,
    request: Annotated[str, typer.Argument(help="The request, e.g. R2026-000001.")],
) -> None:
    """Show one request: what was asked, what was decided, its history and its clocks."""
    from hub.requests.view import request_shown

    context: Context = ctx.obj
    with context.hub() as hub:
        found = request_shown(hub, request)
    if context.json:
        context.show_json(found)
    else:
        _print(context, found)


def clocks(
    ctx: typer.Context,
    department: Department = None,
    overdue: Overdue = False,
) -> None:
    """List the clocks that run: requests, first deliveries, objections; the first due first."""
    from hub.requests.view import clock_rows

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = clock_rows(hub, department, overdue)
    _print_clocks(context, rows)


def rules(ctx: typer.Context) -> None:
    """List the rule sets: how many working days each duty has, and what is not confirmed yet."""
    from hub.requests.view import rule_rows
    from hub.requests.words import DUTIES

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = rule_rows(hub)
    if not context.json:
        for row in rows:
            row["duty"] = DUTIES[row["duty"]]
            row["used"] = "*" if row["used"] else ""
    context.show(
        rows,
        {
            "used": "",
            "rules": "rules 规则",
            "duty": "duty 事项",
            "working_days": "days 工作日",
            "extension": "more 可延长",
            "confirmed": "confirmed 已核实",
            "source": "source 来源",
        },
    )


def _print_clocks(context: Context, rows: list[dict[str, Any]]) -> None:
    from hub.requests.words import CLOCKS, DUTIES

    if not context.json:
        for row in rows:
            row["state"] = CLOCKS[row["state"]]
            row["duty"] = DUTIES[row["duty"]]
    context.show(
        rows,
        {
            "subject_id": "case 事项编号",
            "duty": "duty 事项",
            "department": "department 部门",
            "state": "state 状态",
            "due_on": "until 期限",
            "days_left": "days left 剩余工作日",
            "rules": "rules 规则",
        },
    )


def _print(context: Context, found: Mapping[str, Any]) -> None:
    from hub.requests.words import ACTS, STATES

    asked = found["application"]
    print(f"{found['id']}  {STATES[found['state']]}  {found['dataset']} → {found['subscriber']}")
    print(f"provider 提供部门: {found['provider']}")
    for key, words in TEXTS.items():
        print(f"{words}: {asked.get(key) or ''}")
    _print_terms("asked 申请", asked["terms"])
    if found["decided"]:
        print(f"granted 授权 {found['grant']} until 至 {found['until']}")
        _print_terms("decided 决定", found["decided"])
    for line in found["missing"]:
        print(f"  ! {line}")
    for event in found["history"]:
        event["act"] = ACTS[event["act"]]
        event["at"] = event["at"].isoformat(sep=" ", timespec="minutes")
        event["told"] = "\n".join([event["reason"] or "", *(event["notice"] or [])]).strip()
    context.show(
        found["history"],
        {"at": "at (UTC)", "act": "act 环节", "by": "by 经办人", "department": "department 部门",
         "told": "reason 理由"},
    )  # fmt: skip
    _print_clocks(context, found["clocks"])


TEXTS = {
    "purpose": "purpose 用途",
    "legalBasis": "legal basis 依据",
    "scenario": "scenario 场景",
    "contact": "contact 联系人",
    "until": "until 期限",
}


def _print_terms(title: str, terms: Mapping[str, Any]) -> None:
    fields = ", ".join(field_words(field) for field in terms["fields"])
    print(f"{title}: {fields}; {', '.join(terms['ways'])}")
    for condition in terms["rows"]:
        print(f"  rows 行: {condition_words(condition)}")


def field_words(field: Mapping[str, Any]) -> str:
    """A granted field with its mask, as `name (partial first 1)`."""
    mask = {key: value for key, value in field["mask"].items() if value not in (None, 0)}
    kind = mask.pop("kind")
    if kind == "keep":
        return str(field["name"])
    rest = "".join(f" {key} {value}" for key, value in mask.items())
    return f"{field['name']} ({kind}{rest})"


def condition_words(condition: Mapping[str, Any]) -> str:
    """A condition on rows, as `division startsWith 9901`."""
    tests = {k: v for k, v in condition.items() if k != "field" and v is not None}
    told = [
        f"{key} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in tests.items()
    ]
    return f"{condition['field']} {'; '.join(told)}"
