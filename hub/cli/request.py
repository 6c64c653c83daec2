"""`hub request`: a department asks for data, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import request_shown
from hub.cli.context import Context
from hub.cli.officer import By, officer, why

if TYPE_CHECKING:
    from hub.records import Request

app = typer.Typer(
    help="Requests for data: file, review, decide, dispute; their clocks. 共享申请。",
    no_args_is_help=True,
)
request_shown.mount(app)
INCOMPLETE = 10  # exit code: the application was read, but lacks something
RequestId = Annotated[str, typer.Argument(help="The request, e.g. R2026-000001.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the history. Name no person in it.")]
Given = Annotated[Path, typer.Argument(help="The application, a YAML file; see template.")]
TermsFile = Annotated[
    Path | None, typer.Option("--terms", help="What is granted, a YAML file like `terms:`.")
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of use, when earlier.")
]


@app.command()
def template(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset that is asked for.")],
    subscriber: Annotated[str, typer.Option(help="The department that asks.")] = "",
) -> None:
    """Print an application to fill in: every field, with its share type and a mask if sensitive."""
    from hub.requests.template import template as text

    context: Context = ctx.obj
    with context.hub() as hub:
        print(text(hub, dataset, subscriber), end="")


@app.command()
def check(ctx: typer.Context, given: Given) -> None:
    """Say everything that an application lacks, before it is filed; exit code 10 if anything."""
    from hub import requests
    from hub.requests.template import read_application

    context: Context = ctx.obj
    with context.hub() as hub:
        lacking = requests.missing(hub, read_application(given))
    if context.json:
        context.show_json({"complete": not lacking, "missing": list(lacking)})
    else:
        print("\n".join(lacking or ("完整 / nothing is missing",)))
    if lacking:
        raise typer.Exit(INCOMPLETE)


@app.command()
def file(ctx: typer.Context, given: Given, by: By) -> None:
    """File a request; what is complete and unconditional is granted at once."""
    from hub import requests
    from hub.requests.template import read_application

    context: Context = ctx.obj
    with context.hub() as hub:
        application = read_application(given)
        done = requests.file(hub, application, officer(by))
        lacking = requests.missing(hub, application) if done.state == "filed" else ()
    _tell(context, done)
    for line in lacking:
        context.say(f"  {line}")


@app.command("return")
def return_(
    ctx: typer.Context,
    request: RequestId,
    by: By,
    note: Annotated[
        list[str] | None, typer.Option(help="What else is missing, in words; repeatable.")
    ] = None,
) -> None:
    """Return a request, once, with one notice of everything that is missing. 一次性告知。"""
    from hub import requests

    context: Context = ctx.obj
    notes = [why(text, "--note") for text in note or []]
    with context.hub() as hub:
        done = requests.give_back(hub, request, officer(by), notes)
        notice = requests.history_of(hub, request)[-1].detail["notice"]
    _tell(context, done)
    for line in notice:
        context.say(f"  {line}")


@app.command()
def resubmit(ctx: typer.Context, request: RequestId, given: Given, by: By) -> None:
    """Hand in the mended application."""
    from hub import requests
    from hub.requests.template import read_application

    context: Context = ctx.obj
    with context.hub() as hub:
        done = requests.resubmit(hub, request, read_application(given), officer(by))
    _tell(context, done)


@app.command()
def accept(ctx: typer.Context, request: RequestId, by: By) -> None:
    """Find a request complete: the provider decides next. 受理。"""
    from hub import requests

    context: Context = ctx.obj
    with context.hub() as hub:
        done = requests.accept(hub, request, officer(by))
    _tell(context, done)


@app.command()
def decide(
    ctx: typer.Context,
    request: RequestId,
    decision: Annotated[str, typer.Argument(help="grant, narrow or refuse.")],
    by: By,
    reason: Reason = "",
    terms: TermsFile = None,
    until: Until = None,
) -> None:
    """Grant what was asked, less of it (--terms, --until), or nothing, for the provider."""
    from hub import requests
    from hub.requests.template import read_terms

    context: Context = ctx.obj
    if decision not in ("grant", "narrow", "refuse"):
        raise typer.BadParameter("grant, narrow or refuse")
    with context.hub() as hub:
        done = requests.decide(
            hub,
            request,
            decision,  # type: ignore[arg-type]
            officer(by),
            why(reason),
            read_terms(terms) if terms else None,
            _day(until),
        )
    _tell(context, done)


@app.command()
def extend(
    ctx: typer.Context,
    request: RequestId,
    by: By,
    days: Annotated[int, typer.Option(help="Working days more.")],
    reason: Reason,
) -> None:
    """Ask for working days more, for the provider; a supervisor consents. 申请延期。"""
    from hub import requests

    context: Context = ctx.obj
    with context.hub() as hub:
        done = requests.ask_extension(hub, request, officer(by), days, why(reason))
    _tell(context, done)


@app.command()
def consent(ctx: typer.Context, request: RequestId, by: By) -> None:
    """Consent to the extension that was asked for, as a supervisor. 同意延期。"""
    from hub import requests

    context: Context = ctx.obj
    with context.hub() as hub:
        done = requests.consent(hub, request, officer(by))
    _tell(context, done)


@app.command()
def dispute(ctx: typer.Context, request: RequestId, by: By, reason: Reason) -> None:
    """Disagree with a refusal or a narrowing, for the subscriber. 提出争议。"""
    from hub import requests

    context: Context = ctx.obj
    with context.hub() as hub:
        done = requests.dispute(hub, request, officer(by), why(reason))
    _tell(context, done)


@app.command()
def settle(
    ctx: typer.Context,
    request: RequestId,
    outcome: Annotated[str, typer.Argument(help="uphold or overturn.")],
    by: By,
    reason: Reason,
    terms: TermsFile = None,
    until: Until = None,
) -> None:
    """Settle a dispute, as a supervisor: uphold the decision, or grant all or part after all."""
    from hub import requests
    from hub.requests.template import read_terms

    context: Context = ctx.obj
    if outcome not in ("uphold", "overturn"):
        raise typer.BadParameter("uphold or overturn")
    with context.hub() as hub:
        done = requests.settle(
            hub,
            request,
            officer(by),
            outcome == "uphold",
            why(reason),
            read_terms(terms) if terms else None,
            _day(until),
        )
    _tell(context, done)


@app.command()
def withdraw(ctx: typer.Context, request: RequestId, by: By, reason: Reason = "") -> None:
    """Take a request back that is not decided yet. 撤回。"""
    from hub import requests

    context: Context = ctx.obj
    with context.hub() as hub:
        done = requests.withdraw(hub, request, officer(by), why(reason))
    _tell(context, done)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _tell(context: Context, request: Request) -> None:
    from hub.requests.words import STATES

    if context.json:
        context.show_json({"id": request.id, "state": request.state, "grant": request.grant_id})
        return
    granted = f", grant 授权 {request.grant_id}" if request.grant_id else ""
    print(f"{request.id}: {STATES[request.state]}{granted}")  # type: ignore[index]
