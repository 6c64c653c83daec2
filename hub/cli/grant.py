"""`hub grant`: what was granted, its credentials, its end."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli import recall
from hub.cli.context import Context
from hub.cli.officer import By, officer, why
from hub.cli.request_shown import condition_words, field_words

app = typer.Typer(
    help="Grants: what each subscriber may have, credentials, revocation. 授权。",
    no_args_is_help=True,
)
recall.mount(app)
GrantId = Annotated[str, typer.Argument(help="The grant, e.g. G2026-000001.")]
PORTAL = "http://127.0.0.1:8090"  # `hub serve` without options
STATES = ("active", "expired", "ended")


@app.command("list")
def list_(
    ctx: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="Only of this dataset.")] = None,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    state: Annotated[str | None, typer.Option(help="active, expired or ended.")] = None,
) -> None:
    """List grants: whose, of what, until when."""
    from hub.grants.view import STATES as WORDS
    from hub.grants.view import grant_rows

    context: Context = ctx.obj
    if state is not None and state not in STATES:
        raise typer.BadParameter(", ".join(STATES))
    with context.hub() as hub:
        rows = grant_rows(hub, dataset, subscriber, state)
    if not context.json:
        for row in rows:
            row["state"] = WORDS[row["state"]]
            row["ways"] = ", ".join(row["ways"])
            row["until"] = row["expires_at"].isoformat(sep=" ", timespec="minutes")
    context.show(
        rows,
        {
            "id": "grant 授权",
            "subscriber": "subscriber 使用部门",
            "dataset": "dataset 数据集",
            "state": "state 状态",
            "fields": "fields 信息项",
            "ways": "ways 方式",
            "until": "until (UTC) 有效至",
            "request": "request 申请",
        },
    )


@app.command()
def show(ctx: typer.Context, grant: GrantId) -> None:
    """Show one grant: fields with their masks, rows, ways, purpose, credentials."""
    from hub.grants.view import grant_shown

    context: Context = ctx.obj
    with context.hub() as hub:
        found = grant_shown(hub, grant)
    if context.json:
        context.show_json(found)
    else:
        _print(context, found)


@app.command()
def end(
    ctx: typer.Context,
    grant: GrantId,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; kept. Name no person in it.")],
    consent: Annotated[
        str | None, typer.Option(help="The supervisor who consents, when the provider ends it.")
    ] = None,
) -> None:
    """End a grant at once: revoke it, or give it back when its purpose is met. 终止授权。"""
    from hub import grants

    context: Context = ctx.obj
    with context.hub() as hub:
        ended = grants.end(hub, grant, officer(by), why(reason), consent)
    if context.json:
        context.show_json({"id": ended.id, "ended_at": ended.ended_at})
    else:
        print(f"{ended.id}: ended 已终止 {ended.ended_at}")


@app.command()
def token(
    ctx: typer.Context,
    grant: GrantId,
    by: By,
    days: Annotated[int, typer.Option(help="Days that it lasts; the grant's end at most.")] = 90,
    profile: Annotated[
        Path | None, typer.Option(help="Write a Delta Sharing profile, for its owner alone (0600).")
    ] = None,
    endpoint: Annotated[
        str, typer.Option(help="Where subscribers reach it; HUB_PORTAL_URL by default.")
    ] = "",
    rotate: Annotated[bool, typer.Option(help="Let the older ones run out.")] = False,
    overlap_hours: Annotated[
        int, typer.Option(help="With --rotate: hours that the older ones last yet.", min=0)
    ] = 24,
) -> None:
    """Make a credential of one grant. The token is shown or written this once. 发放凭证。"""
    from hub import grants

    context: Context = ctx.obj
    if profile is not None and profile.exists():
        raise typer.BadParameter(f"{profile.name} is there already", param_hint="--profile")
    with context.hub() as hub:
        found = grants.grant_of(hub, grant)
        if rotate:
            overlap = timedelta(hours=overlap_hours)
            text, made = grants.rotate(hub, found, officer(by), days, overlap)
        else:
            text, made = grants.make_credential(hub, found, officer(by), days)
        if profile is not None:
            _write(hub, profile, endpoint or _endpoint(), text, made, by)
    if context.json:
        shown: dict[str, Any] = {"id": made.id, "grant": grant, "expires_at": made.expires_at}
        context.show_json(shown if profile else {**shown, "token": text})
        return
    where = str(profile) if profile else text
    print(f"{made.id} until 有效至 {made.expires_at.isoformat(sep=' ', timespec='minutes')}")
    print(where)


def _endpoint() -> str:
    return f"{(os.environ.get('HUB_PORTAL_URL') or PORTAL).rstrip('/')}/delta-sharing"


def _write(hub: Any, path: Path, endpoint: str, text: str, made: Any, by: str) -> None:
    from hub import grants

    try:
        grants.write_profile(path, endpoint, text, made)
    except Exception:
        # Nobody has the token: it must not stay open.
        grants.revoke(hub, made.id, by)
        raise


@app.command()
def revoke(
    ctx: typer.Context,
    credential: Annotated[str, typer.Argument(help="The credential's id; see grant show.")],
    by: By,
) -> None:
    """Take one credential back at once; the grant itself stays. 撤销凭证。"""
    from hub import grants

    context: Context = ctx.obj
    with context.hub() as hub:
        done = grants.revoke(hub, credential, officer(by))
    if context.json:
        context.show_json({"id": done.id, "revoked_at": done.revoked_at})
    else:
        print(f"{done.id}: revoked 已撤销 {done.revoked_at}")


def _print(context: Context, found: dict[str, Any]) -> None:
    from hub.grants.view import STATES as WORDS

    print(f"{found['id']}  {WORDS[found['state']]}  {found['dataset']} → {found['subscriber']}")
    if found["end_reason"]:
        print(f"ended 终止: {found['ended_at']} {found['end_reason']}")
    print(f"request 申请: {found['request']}; by 审批人 {found['granted_by']}")
    print(f"purpose 用途: {found['purpose']}")
    print(f"legal basis 依据: {found['legal_basis']}")
    print(f"scenario 场景: {found['scenario']}")
    print(f"from 自 {found['granted_at']} until 至 {found['expires_at']}")
    first = found["since_version"] or 1
    print(f"releases 版本: from 自 {first}")
    for field in found["terms"]["fields"]:
        print(f"  {field_words(field)}")
    for condition in found["terms"]["rows"]:
        print(f"  rows 行: {condition_words(condition)}")
    print(f"ways 方式: {', '.join(found['ways'])}; scope 标识范围: {found['terms']['scope']}")
    context.show(
        found["credentials"],
        {
            "id": "credential 凭证",
            "state": "state 状态",
            "made_by": "made by 申领人",
            "made_at": "made at",
            "expires_at": "expires at 有效至",
        },
    )
