"""`hub receipt`: signed proofs of deliveries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.context import Context
from hub.cli.officer import officer

app = typer.Typer(help="Receipts: signed proofs of deliveries. 交付回执。", no_args_is_help=True)
ReceiptId = Annotated[
    str, typer.Argument(help="The receipt's or the delivery's id, or at least 8 digits of it.")
]


@app.command("list")
def list_(
    ctx: typer.Context,
    grant: Annotated[str | None, typer.Option(help="Only this grant.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Only those not acknowledged.")] = False,
) -> None:
    """List receipts: what was received when, and who acknowledged it."""
    from hub.ledger.receipts import receipts_of

    context: Context = ctx.obj
    with context.hub() as hub:
        found = receipts_of(hub.ledger, grant)
    rows = []
    for one in found:
        told = one.document["document"]
        if open_ and one.acknowledged_at:
            continue
        rows.append(
            {
                "receipt": one.id if context.json else one.id[:12],
                "grant": one.grant_id,
                "subscriber": told["subscriber"],
                "dataset": told["dataset"],
                "version": told["version"],
                "way": told["way"],
                "content": told["content"],
                "rows": sum(file["rows"] for file in told["files"]),
                "received_at": told["received_at"][:19],
                "acknowledged_by": one.acknowledged_by,
            }
        )
    context.show(
        rows,
        {
            "receipt": "receipt 回执",
            "grant": "grant 授权",
            "subscriber": "subscriber 需求部门",
            "dataset": "dataset 数据集",
            "version": "version 版本",
            "way": "way 方式",
            "content": "content 内容",
            "rows": "rows 行数",
            "received_at": "received at 接收时间",
            "acknowledged_by": "acknowledged by 确认人",
        },
    )


@app.command()
def show(ctx: typer.Context, receipt: ReceiptId) -> None:
    """Show one receipt as it was signed, and whether the signature holds."""
    from hub.ledger.receipts import receipt_of
    from hub.signing import public_keys, verify

    context: Context = ctx.obj
    with context.hub() as hub:
        found = receipt_of(hub.ledger, receipt)
        wrong = verify(found.document, public_keys(hub.settings.home))
    context.show_json({**found.document, "verified": wrong is None, "fault": wrong})
    if wrong:
        raise typer.Exit(5)


@app.command()
def export(
    ctx: typer.Context,
    receipt: ReceiptId,
    out: Annotated[Path, typer.Option(help="File to write; it must not be there.")],
) -> None:
    """Write one receipt to a file for the subscriber; the stand-alone verifier reads it."""
    from hub.errors import SettingsError
    from hub.ledger.receipts import receipt_of

    context: Context = ctx.obj
    with context.hub() as hub:
        found = receipt_of(hub.ledger, receipt)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(json.dumps(found.document, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise SettingsError(f"{out}: {error.strerror}") from error
    context.say(f"{out}")
    if context.json:
        context.show_json({"file": str(out)})


@app.command()
def acknowledge(
    ctx: typer.Context,
    receipt: ReceiptId,
    by: Annotated[str, typer.Option(help="The subscriber's officer who has seen it.")],
) -> None:
    """Note that the subscriber has seen a receipt; again changes nothing."""
    from hub.deliver import acknowledge as acknowledge_receipt

    context: Context = ctx.obj
    with context.hub() as hub:
        found = acknowledge_receipt(hub, receipt, officer(by))
    context.say(f"{found.id[:12]} · {found.acknowledged_by} · {found.acknowledged_at}")
    if context.json:
        context.show_json({"receipt": found.id, "acknowledged_by": found.acknowledged_by})
