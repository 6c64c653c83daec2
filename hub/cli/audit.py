"""`hub audit`: the log of what happened, and its proof."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context, typed, who

app = typer.Typer(help="The log of what happened, and its proof. 审计日志。", no_args_is_help=True)
UNSOUND = 15
By = Annotated[str, typer.Option(help="Who asks for it; kept in the log.")]
Auditor = Annotated[
    str, typer.Option("--by", help="An officer who is an auditor; else the user of this machine.")
]


@app.command("list")
def list_(
    ctx: typer.Context,
    subject: Annotated[str | None, typer.Option(help="Only of this grant, batch, order …")] = None,
    event: Annotated[str | None, typer.Option(help="Only of this kind.")] = None,
    actor: Annotated[str | None, typer.Option("--by", help="Only what this one did.")] = None,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Not before this time (UTC).")] = None,
    limit: Annotated[int, typer.Option(help="At most this many, newest first.")] = 50,
) -> None:
    """List events, newest first. 列出事件。"""
    from hub.ledger.audit import Event
    from hub.ledger.audit_reading import events

    if event is not None and event not in list(Event):
        raise typer.BadParameter(f"--event is one of {', '.join(Event)}")
    context: Context = ctx.obj
    with context.hub() as hub:
        rows = events(hub.ledger, subject, event, actor, department, since, limit)
    if not context.json:
        for row in rows:
            row["at"] = row["at"][:19]
            row["detail"] = "  ".join(_shown(row["detail"]))
    context.show(
        rows,
        {
            "seq": "number 序号",
            "at": "at 时间",
            "event": "event 事件",
            "by": "by 经办人",
            "department": "department 部门",
            "subject": "subject 对象",
            "detail": "detail 内容",
        },
    )


@app.command()
def head(ctx: typer.Context) -> None:
    """Print number and hash of the newest event, for an auditor to write down. 日志头。

    Handed to `verify --head` years later, it tells whether anything before it was touched.
    """
    from hub.ledger.audit import head as newest

    context: Context = ctx.obj
    with context.hub() as hub, hub.ledger.reading() as connection:
        found = newest(connection)
    if context.json:
        context.show_json({"seq": found.seq, "hash": found.hash})
    else:
        print(f"{found.seq}:{found.hash}")


@app.command()
def checkpoint(ctx: typer.Context) -> None:
    """Sign the head of the log, as the watch does every day. 签署检查点。"""
    from hub.proof import checkpoint as sign

    context: Context = ctx.obj
    with context.hub() as hub:
        signed = sign(hub)
    if context.json:
        context.show_json(signed)
    elif signed is None:
        print("nothing happened since the last checkpoint 自上一检查点以来没有新事件")
    else:
        print(f"signed up to event {signed['document']['seq']} 已签署")


@app.command()
def verify(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Exports and receipts; this hub's log by default.")
    ] = None,
    head: Annotated[
        list[str] | None, typer.Option(help="SEQ:HASH that somebody wrote down; repeatable.")
    ] = None,
    earlier: Annotated[
        list[Path] | None, typer.Option(help="An export that somebody kept; repeatable.")
    ] = None,
) -> None:
    """Check the log: chain, checkpoints, receipts. 核验审计日志。

    Names the first event that was changed, is missing, was added or stands in another place.
    Exit code 15 when anything is not as it was.
    """
    from hub.errors import SettingsError
    from hub.proof import verifying

    context: Context = ctx.obj
    with context.hub() as hub:
        try:
            results = verifying.results(
                hub, [str(f) for f in files or []], head or [], [str(e) for e in earlier or []]
            )
        except (OSError, ValueError) as error:
            raise SettingsError(f"无法读取 / cannot be read: {error}") from error
    if context.json:
        context.show_json(results)
    else:
        from hub.proof.verifier.command import print_result

        for result in results:
            print_result(result)
    if any(result["faults"] for result in results):
        raise typer.Exit(UNSOUND)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="The file, usually .jsonl.")],
    by: Auditor = "",
) -> None:
    """Write the whole log, its checkpoints and all receipts into one file. 导出审计日志。"""
    from hub.officers import department_of
    from hub.proof.exporting import export as write
    from schemas.sharing import Role

    context: Context = ctx.obj
    with context.hub() as hub:
        department = department_of(hub.catalog, by, Role.AUDITOR).name if by else None
        last = write(hub, out, who(by), department)
    if context.json:
        context.show_json({"file": str(out), "events": last})
    context.say(f"{out}: {last} events 条事件")


@app.command()
def verifier(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="The file, usually verify.py.")],
) -> None:
    """Write the verifier: one file that needs Python and nothing else. 核验程序。"""
    from hub.proof.standalone import standalone

    _write(ctx.obj, out, standalone())


@app.command()
def key(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Write the public key that signs now.")] = None,
    history: Annotated[
        Path | None, typer.Option(help="Write what the keys said of each other, for the verifier.")
    ] = None,
) -> None:
    """List the signing keys, or write the public one that auditors and subscribers need. 公钥。"""
    from hub import signing
    from hub.canonical import canonical
    from hub.proof import signer_of
    from hub.proof.rotation import ends_of

    context: Context = ctx.obj
    with context.hub() as hub:
        now = signer_of(hub)
        keys, ends = signing.public_keys(hub.settings.home), ends_of(hub)
        words = signing.vouches_of(hub.settings.home)
    if history is not None:
        _write(context, history, "".join(canonical({"key": word}) + "\n" for word in words))
    if out is not None:
        _write(context, out, keys[now.key_id].pem.decode("ascii"))
    if out or history:
        return
    rows: list[dict[str, Any]] = [
        {
            "key_id": key.key_id,
            "algorithm": key.algorithm,
            "signs": key.key_id == now.key_id,
            "until": ends.get(key.key_id),
        }
        for key in keys.values()
    ]
    context.show(
        rows,
        {
            "key_id": "key 密钥",
            "algorithm": "algorithm 算法",
            "signs": "signs now 在用",
            "until": "up to event 止于事件",
        },
    )


@app.command()
def rotate(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; kept in the log.")],
    by: By = "",
) -> None:
    """Let a new key sign from now on; what was signed stays verifiable. 更换密钥。

    The algorithm is that of HUB_SIGNATURE. The old private key is destroyed.
    """
    from hub.proof.rotation import rotate as take_over

    typed(reason, "--reason")
    context: Context = ctx.obj
    with context.hub() as hub:
        made = take_over(hub, who(by), reason)
    if context.json:
        context.show_json({"key_id": made.key_id, "algorithm": made.algorithm})
    context.say(f"{made.key_id} ({made.algorithm}) signs from now on 启用新密钥")


def _shown(detail: dict[str, Any]) -> list[str]:
    counted = {k: f"[{len(v)}]" if isinstance(v, list | dict) else v for k, v in detail.items()}
    return [f"{name}={value}" for name, value in counted.items() if value is not None]


def _write(context: Context, out: Path, text: str) -> None:
    from hub.rowfile import unwritable

    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(out, error) from error
    if context.json:
        context.show_json({"file": str(out)})
    context.say(str(out))
