"""`hub entity`: who is who, why, and what stewards decided about it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.context import Context, typed, who

if TYPE_CHECKING:
    from hub.entities.deciding import Made

app = typer.Typer(help="Who is who, why, and what stewards decided. 实体。", no_args_is_help=True)

OwnSet = Annotated[
    str | None, typer.Option("--dataset", help="The dataset, where ids leave it open.")
]
SideArgument = Annotated[
    str,
    typer.Argument(help="An entity id (also an old one), or a record as <supply>:<source key>."),
]
By = Annotated[str, typer.Option(help="Who decides; kept in the history.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the history. Name no person in it.")]


@app.command()
def show(
    ctx: typer.Context,
    entity: Annotated[str | None, typer.Argument(help="An entity id, also an old one.")] = None,
    supply: Annotated[str | None, typer.Option(help="Find it by a record: its supply.")] = None,
    key: Annotated[str | None, typer.Option(help="Find it by a record: its source key.")] = None,
    dataset: OwnSet = None,
    out: Annotated[Path | None, typer.Option(help="Write a page (.html) instead.")] = None,
    lang: Annotated[str, typer.Option(help="zh, en or both (a page has one: zh).")] = "both",
) -> None:
    """Explain why records are one entity and why its values are these. Shows personal data.

    Names each record with the key or the link that joined it, each value with where it came from
    and by which rule, and what was merged, split and decided. The file's mode is 0600.
    """
    from hub.entities.account import account_of
    from hub.entities.lookup import find
    from hub.entities.telling import lines
    from hub.ledger.audit import Shown

    if lang not in ("zh", "en", "both"):
        raise typer.BadParameter("--lang is zh, en or both")
    if out is not None and out.suffix != ".html":
        raise typer.BadParameter("--out is a file ending in .html")
    context: Context = ctx.obj
    with context.hub() as hub:
        with hub.store.connect() as connection:
            found = find(hub, connection, entity, supply, key, dataset)
            name = found.dataset.name
            context.viewing(hub, Shown.ENTITY, found.entity_id, dataset=name)
            account = account_of(hub, connection, found)
        if out is not None:
            from hub.entities.page import page

            text = page(account, hub.catalog, "en" if lang == "en" else "zh")
            _write_private(out, text)
            context.show([{"file": str(out)}], {"file": "file"})
            return
        if context.json:
            context.show_json(asdict(account))
            return
        for language in ("zh", "en") if lang == "both" else (lang,):
            for line in lines(account, hub.catalog, language):
                print(line)
            print()


@app.command()
def history(
    ctx: typer.Context,
    entity: Annotated[str, typer.Argument(help="An entity id, also an old one.")],
    dataset: OwnSet = None,
) -> None:
    """List merges and splits of an entity and of everything merged into it; no personal value."""
    from hub.entities.account import events_of
    from hub.entities.lookup import find

    context: Context = ctx.obj
    with context.hub() as hub, hub.store.connect() as connection:
        found = find(hub, connection, entity, dataset=dataset)
        rows = [asdict(event) for event in events_of(hub, connection, found)]
    if not context.json:
        context.say(f"{entity} → {found.entity_id}" if found.redirected else found.entity_id)
    context.show(
        rows,
        {
            "release": "release 版本",
            "kind": "kind 类别",
            "old_id": "old id 原编号",
            "new_id": "new id 现编号",
        },
    )


@app.command()
def confirm(
    ctx: typer.Context,
    a: SideArgument,
    b: SideArgument,
    reason: Reason,
    by: By = "",
    dataset: OwnSet = None,
) -> None:
    """Say that two entities, or two records, are one; the next release joins them."""
    from hub.entities import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        made = deciding.confirm(hub, a, b, who(by), typed(reason, "--reason"), dataset)
    _show(context, made)


@app.command()
def forbid(
    ctx: typer.Context,
    a: SideArgument,
    b: SideArgument,
    reason: Reason,
    by: By = "",
    dataset: OwnSet = None,
) -> None:
    """Say that two entities, or two records, are not one; the next release parts them.

    Within one entity, name the record that does not belong to it as <supply>:<source key>.
    """
    from hub.entities import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        made = deciding.forbid(hub, a, b, who(by), typed(reason, "--reason"), dataset)
    _show(context, made)


@app.command()
def undo(
    ctx: typer.Context,
    decision: Annotated[str, typer.Argument(help="The decision's id, or its beginning.")],
    reason: Reason,
    by: By = "",
) -> None:
    """Take a decision back; from the next release on the data have the say again."""
    from hub.entities import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        made = deciding.undo(hub, decision, who(by), typed(reason, "--reason"))
    _show(context, made)


@app.command()
def decisions(
    ctx: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
) -> None:
    """List all decisions on links, the oldest first, and whether they hold."""
    from hub.entities import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = deciding.decisions(hub, dataset)
    context.show(
        rows,
        {
            "decision": "decision 决定",
            "dataset": "dataset 数据集",
            "kind": "kind 类别",
            "a": "one 一方",
            "b": "other 另一方",
            "holds": "holds 有效",
            "by": "by 决定人",
            "at": "at (UTC)",
            "reason": "reason 理由",
        },
    )


@app.command()
def candidates(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the likeliest first.")] = 50,
    everything: Annotated[
        bool, typer.Option("--all", help="All pairs that were weighed, also those decided.")
    ] = False,
) -> None:
    """List pairs of entities that wait for a person: confirm or forbid them; no personal value."""
    from hub.entities import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = deciding.candidates(hub, dataset, limit, everything)
    if not context.json:
        rows = [row | {"probability": _share(row["probability"])} for row in rows]
    context.show(
        rows,
        {
            "entity_id": "one 一方",
            "supply": "supply",
            "other_entity_id": "other 另一方",
            "other_supply": "supply",
            "probability": "probability 可能性",
            "decision": "why 原因",
        },
    )


@app.command()
def train(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    by: By = "",
) -> None:
    """Estimate a linkage model from the rows of today; the next release uses it."""
    from hub.entities.training import train as make

    context: Context = ctx.obj
    with context.hub() as hub:
        made = make(hub, dataset, who(by))
    row = {
        "model": made.id,
        "dataset": dataset,
        "method": made.model.method,
        "profiles": made.model.profiles,
        "uri": made.model.uri,
        "at": made.at,
    }
    context.show(
        [row],
        {"model": "model 模型", "method": "method", "profiles": "profiles", "uri": "in the store"},
    )


def _show(context: Context, made: Made) -> None:
    row: dict[str, Any] = {
        "decision": made.decision.id,
        "kind": made.decision.kind,
        "dataset": made.decision.dataset,
        "by": made.decision.by,
        "at": made.decision.at,
    }
    if context.json:
        context.show_json(row | {"warnings": [{"zh": zh, "en": en} for zh, en in made.warnings]})
        return
    context.show([row], {"decision": "decision 决定", "kind": "kind 类别", "dataset": "dataset"})
    for zh, en in made.warnings:
        context.say(f"! {zh}. {en[:1].upper()}{en[1:]}.")


def _share(probability: float | None) -> str:
    return "" if probability is None else f"{min(probability, 0.9999):.4f}"


def _write_private(out: Path, text: str) -> None:
    """Personal values are for whoever asked for them alone."""
    import os

    from hub.rowfile import unwritable

    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            os.fchmod(descriptor, 0o600)  # a file that was there may be open to others
            written.truncate()
            written.write(text)
    except OSError as error:
        raise unwritable(out, error) from error
