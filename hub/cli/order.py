"""`hub order`: what was wrong goes back to the department, and comes back mended."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.context import Context, typed, who

if TYPE_CHECKING:
    from hub.opened import Hub

HELD_OR_REJECTED = 10  # exit code: the answer was read, but rows of it are still wrong

app = typer.Typer(
    help="Work orders: rows and fields for a department to mend. 工单。", no_args_is_help=True
)
OrderId = Annotated[str, typer.Argument(help="The work order's id.")]
By = Annotated[str, typer.Option(help="Who decides or sends this; kept in the history.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the history. Name no person in it.")]
Items = Annotated[
    list[str] | None,
    typer.Option("--item", help="Digest of an item, or its beginning; repeatable."),
]
Rule = Annotated[str | None, typer.Option(help="All items of this rule or kind.")]
All = Annotated[bool, typer.Option("--all", help="All items of the order.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    supply: Annotated[str | None, typer.Option(help="Only this supply.")] = None,
    state: Annotated[str | None, typer.Option(help="open, returned or closed.")] = None,
    overdue: Annotated[bool, typer.Option(help="Only those past their deadline.")] = False,
) -> None:
    """List work orders, the most urgent first."""
    from hub.errors import NotFound
    from hub.handed_in import desk_of
    from hub.ledger.orders import OrderState
    from hub.orders.view import list_orders

    if state is not None and state not in {known.value for known in OrderState}:
        raise typer.BadParameter("--state is open, returned or closed")
    context: Context = ctx.obj
    with context.hub() as hub:
        rows = list_orders(desk_of(hub), department, supply, state, overdue)
        # What the catalog no longer has may still have orders.
        if not rows and department is not None and department not in hub.catalog.departments:
            raise NotFound(f"there is no department {department}")
        if not rows and supply is not None and supply not in hub.catalog.supplies:
            raise NotFound(f"there is no supply {supply}")
    context.show(
        rows,
        {
            "id": "order 工单",
            "state": "state 状态",
            "items": "items 条目",
            "unresolved": "open 未结",
            "due_on": "due 期限",
            "days_left": "working days left 剩余工作日",
        },
    )


@app.command()
def show(
    ctx: typer.Context,
    order_id: OrderId,
    lang: Annotated[str, typer.Option(help="zh, en or both.")] = "both",
) -> None:
    """Show one order: each rule in words, its standard, the evidence, the deadline, the history."""
    from hub.cli.order_text import print_order
    from hub.handed_in import desk_of
    from hub.orders.view import show_order

    if lang not in ("zh", "en", "both"):
        raise typer.BadParameter("--lang is zh, en or both")
    context: Context = ctx.obj
    with context.hub() as hub:
        found = show_order(desk_of(hub), order_id)
    if context.json:
        context.show_json(found)
    else:
        print_order(context, found, lang)


@app.command()
def export(
    ctx: typer.Context,
    order_id: OrderId,
    out: Annotated[Path, typer.Option(help="File to write: .xlsx, .csv or .parquet.")],
    by: By = "",
    draft: Annotated[bool, typer.Option(help="Write the file; do not hand the order out.")] = False,
) -> None:
    """Write the rows to mend and hand the order out. Holds personal data; only you may read it.

    The file is for the department alone; its mode is 0600.
    """
    from hub.handed_in import desk_of
    from hub.ledger.audit import Shown
    from hub.ledger.orders import order_of
    from hub.orders.sheet import write_order
    from hub.orders.states import hand_out

    context: Context = ctx.obj
    with _telling(context, f"writing {out.name}") as hub:
        department = order_of(hub.ledger, order_id).department
        context.viewing(hub, Shown.ORDER_ROWS, order_id, department=department)
        rows = write_order(desk_of(hub), order_id, out)
        if not draft:
            hand_out(desk_of(hub), order_id, who(by))
    context.show(
        [{"order": order_id, "file": str(out), "rows": rows, "returned": not draft}],
        {"order": "order 工单", "file": "file", "rows": "rows", "returned": "returned 已退回"},
    )


@app.command("return")
def return_(
    ctx: typer.Context,
    order_id: OrderId,
    by: By = "",
    disputed: Annotated[
        bool, typer.Option("--disputed", help="Uphold disputed items, too; give a reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")] = "",
) -> None:
    """Mark an order as handed out to its department by other means than a file."""
    from hub.handed_in import desk_of
    from hub.orders.states import hand_out

    if disputed and not reason.strip():
        raise typer.BadParameter("--disputed needs a --reason")
    context: Context = ctx.obj
    with context.hub() as hub:
        why = typed(reason, "--reason") or None
        items = hand_out(desk_of(hub), order_id, who(by), why, disputed)
    _changed(context, order_id, "returned", items)


@app.command()
def confirm(
    ctx: typer.Context,
    order_id: OrderId,
    reason: Reason,
    by: By = "",
    item: Items = None,
    rule: Rule = None,
    everything: All = False,
) -> None:
    """The department says that the values are right, and why."""
    _decide(ctx.obj, order_id, "confirmed", by, reason, item, rule, everything)


@app.command()
def dispute(
    ctx: typer.Context,
    order_id: OrderId,
    reason: Reason,
    by: By = "",
    item: Items = None,
    rule: Rule = None,
    everything: All = False,
) -> None:
    """The department blames the other side; the bureau has to decide."""
    _decide(ctx.obj, order_id, "disputed", by, reason, item, rule, everything)


@app.command()
def waive(
    ctx: typer.Context,
    order_id: OrderId,
    reason: Reason,
    by: By = "",
    item: Items = None,
    rule: Rule = None,
    everything: All = False,
) -> None:
    """The bureau lets items be as they are; they come back only if they change."""
    _decide(ctx.obj, order_id, "waived", by, reason, item, rule, everything)


@app.command()
def answer(
    ctx: typer.Context,
    order_id: OrderId,
    file: Annotated[Path, typer.Option(help="The mended rows, in the layout of the export.")],
    by: By = "",
) -> None:
    """Take in mended rows: they become a batch, are checked, and close their items.

    Only rows of the order that are still open are taken; the others are refused and counted.
    """
    from hub.answering import answer as take
    from hub.handed_in import desk_of
    from hub.ledger.orders import events_of
    from hub.orders.view import show_order

    context: Context = ctx.obj
    with _telling(context, f"reading {file.name}") as hub:
        checked = take(hub, order_id, file, who(by))
        told = [e.detail for e in events_of(hub.ledger, order_id) if e.action == "answered"]
        found: dict[str, Any] = next((d for d in told if d["batch"] == checked.batch_id), {})
        left = show_order(desk_of(hub), order_id)["unresolved"]
    row = {
        "order": order_id,
        "batch": checked.batch_id,
        "rows": checked.counts.source,
        "accepted": checked.counts.accepted,
        "unchanged": checked.counts.unchanged,
        "wrong": checked.counts.quarantined - found.get("refused", 0),
        "refused": found.get("refused", 0),
        "verdict": checked.verdict.value,
        "left": left,
    }
    context.show(
        [row],
        {
            "batch": "batch 批次",
            "rows": "rows",
            "accepted": "accepted",
            "unchanged": "unchanged",
            "wrong": "still wrong 仍有误",
            "refused": "not of this order 非本工单",
            "left": "open 未结",
        },
    )
    if row["wrong"] or row["refused"] or row["verdict"] not in ("accept", "warn"):
        raise typer.Exit(HELD_OR_REJECTED)


def _decide(
    context: Context,
    order_id: str,
    state: str,
    by: str,
    reason: str,
    items: list[str] | None,
    rule: str | None,
    everything: bool,
) -> None:
    from hub.handed_in import desk_of
    from hub.ledger.orders import ItemState
    from hub.orders.states import decide_items

    with context.hub() as hub:
        count = decide_items(
            desk_of(hub),
            order_id,
            ItemState(state),
            who(by),
            typed(reason, "--reason"),
            items or (),
            rule,
            everything,
        )
    _changed(context, order_id, state, count)


def _changed(context: Context, order_id: str, state: str, items: int) -> None:
    row: dict[str, Any] = {"order": order_id, "state": state, "items": items}
    context.show([row], {"order": "order 工单", "state": "state 状态", "items": "items 条目"})


@contextmanager
def _telling(context: Context, what: str) -> Iterator[Hub]:
    """The open hub; on a terminal, with a line that says what is going on."""
    from rich.console import Console

    from hub.opened import open_hub

    console = Console(stderr=True)
    if context.json or not sys.stderr.isatty():
        with open_hub(context.home, context.catalog_root) as hub:
            yield hub
        return
    with console.status(what) as line:

        def tell(step: str, name: str, rows: int) -> None:
            line.update(f"{what}: {step} {name} {rows:,}")

        with open_hub(context.home, context.catalog_root, tell) as hub:
            yield hub
