"""`hub batch`: pulls and their certificates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context, typed, who
from hub.records import Batch

app = typer.Typer(help="Look at pulls and their certificates. 批次。", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    supply: Annotated[str | None, typer.Option(help="Only this supply.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many, newest first.")] = 50,
) -> None:
    """List batches, newest first."""
    from hub.ledger.batches import list_batches

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = [_row(batch) for batch in list_batches(hub.ledger, supply, limit)]
    context.show(
        rows,
        {
            "id": "batch 批次",
            "state": "state",
            "verdict": "verdict 结论",
            "source": "source",
            "accepted": "accepted",
            "unchanged": "unchanged",
            "quarantined": "quarantined",
            "deleted": "deleted",
        },
    )


@app.command()
def show(
    ctx: typer.Context, batch_id: Annotated[str, typer.Argument(help="The batch's id.")]
) -> None:
    """Show one batch: window, totals, counts, and every rule that was broken."""
    from hub.ledger.batches import batch_of
    from hub.ledger.verdicts import checked_of
    from hub.records import BatchState

    context: Context = ctx.obj
    with context.hub() as hub:
        batch = batch_of(hub.ledger, batch_id)
        report: dict[str, Any] = {}
        if batch.state is BatchState.CHECKED:
            report = hub.store.read_json(checked_of(hub.ledger, batch_id).report)
    if context.json:
        context.show_json({**_row(batch), "report": report})
        return
    for name, value in _row(batch).items():
        if value is not None:
            print(f"{name:<18}{value:,}" if isinstance(value, int) else f"{name:<18}{value}")
    broken = [
        {**rule, "zh": rule["message"]["zh"], "en": rule["message"]["en"]}
        for rule in report.get("rules", [])
        if rule["failed"] or rule["exception"]
    ]
    context.show(
        broken,
        {
            "rule_id": "rule 规则",
            "severity": "severity",
            "evaluated": "evaluated",
            "failed": "failed",
            "zh": "说明",
            "en": "meaning",
            "exception": "could not run",
        },
        "\nBroken rules 未通过的规则",
    )
    if report.get("drift"):
        context.show(
            report["drift"],
            {"code": "change", "column": "column", "detail": "detail"},
            "\nDrift 结构变化",
        )


@app.command()
def late(
    ctx: typer.Context,
    at: Annotated[
        datetime | None, typer.Option(help="As of this time (UTC); now if absent.")
    ] = None,
) -> None:
    """List supplies of which no batch has moved on in the promised time."""
    from dataclasses import asdict

    from hub.lateness import late_supplies

    context: Context = ctx.obj
    with context.hub() as hub:
        found = late_supplies(hub, at.replace(tzinfo=UTC) if at else hub.now())
    context.show(
        [asdict(supply) for supply in found],
        {
            "supply": "supply 归集资源",
            "cycle": "cycle 周期",
            "last_at": "last batch 上一批次",
            "due_by": "due by 应到时间",
            "held": "held batch 未放行批次",
        },
    )


@app.command()
def results(
    ctx: typer.Context,
    batch_id: Annotated[str, typer.Argument(help="A checked batch.")],
    out: Annotated[Path | None, typer.Option(help="Write here instead of the screen.")] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="With the numbers of all failing rows.")
    ] = False,
) -> None:
    """Export the results of all rules as Great Expectations validation-result JSON."""
    import json

    from hub.results import results_of
    from hub.rowfile import unwritable

    context: Context = ctx.obj
    with context.hub() as hub:
        document = results_of(hub, batch_id, complete)
    if out is None:
        context.show_json(document)
        return
    try:
        with out.open("w", encoding="utf-8") as written:
            json.dump(document, written, ensure_ascii=False, indent=1)
    except OSError as error:
        raise unwritable(out, error) from error
    counts = document["statistics"]
    if context.json:
        context.show_json({"file": str(out), **counts})
    context.say(f"{out}: {counts['evaluated_expectations']} results")


@app.command()
def accept(
    ctx: typer.Context,
    batch_id: Annotated[str, typer.Argument(help="A held batch.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")],
) -> None:
    """Let a held batch move on: its accepted rows join the supply's table."""
    _decide(ctx.obj, batch_id, "accept", reason)


@app.command()
def reject(
    ctx: typer.Context,
    batch_id: Annotated[str, typer.Argument(help="A held batch.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")],
) -> None:
    """Refuse a held batch for good: the supply's table stays as it is."""
    _decide(ctx.obj, batch_id, "reject", reason)


@app.command()
def replay(
    ctx: typer.Context,
    batch_id: Annotated[str, typer.Argument(help="A batch of which rows were left out.")],
    by: Annotated[str, typer.Option(help="Who asks for it; kept in the ledger.")] = "",
) -> None:
    """Check a landing again under today's contract, as a new batch; the source is not asked."""

    from hub.answering import replay as play
    from hub.ledger.batches import batch_of

    context: Context = ctx.obj
    with context.hub() as hub:
        checked = play(hub, batch_id, who(by))
        row = _row(batch_of(hub.ledger, checked.batch_id))
    context.show(
        [row],
        {
            "id": "batch 批次",
            "verdict": "verdict 结论",
            "source": "source",
            "accepted": "accepted",
            "unchanged": "unchanged",
            "quarantined": "quarantined",
        },
    )


def _decide(context: Context, batch_id: str, verdict: str, reason: str) -> None:
    import getpass

    from hub.handed_in import desk_of
    from hub.ledger.batches import batch_of
    from hub.ledger.verdicts import decide
    from hub.orders import refresh_supply
    from hub.records import Verdict

    typed(reason, "--reason")
    with context.hub() as hub:
        supply = batch_of(hub.ledger, batch_id).supply
        with hub.ledger.alone(f"check-{supply}"):  # a check under way counts on the table as it is
            decide(hub.ledger, batch_id, Verdict(verdict), reason, getpass.getuser(), hub.now)
        refresh_supply(desk_of(hub), supply)
        row = _row(batch_of(hub.ledger, batch_id))
    context.show([row], {"id": "batch 批次", "verdict": "verdict 结论"})


def _row(batch: Batch) -> dict[str, Any]:
    counts = batch.counts
    return {
        "id": batch.id,
        "supply": batch.supply,
        "contract_version": batch.contract_version,
        "mode": batch.mode,
        "as_of": batch.window.as_of.isoformat(),
        "low": batch.window.low,
        "high": batch.window.high,
        "file": batch.window.file,
        "state": batch.state.value,
        "verdict": batch.verdict.value if batch.verdict else None,
        "source": counts.source if counts else None,
        "accepted": counts.accepted if counts else None,
        "unchanged": counts.unchanged if counts else None,
        "quarantined": counts.quarantined if counts else None,
        "deleted": counts.deleted if counts else None,
        "opened_at": batch.opened_at.isoformat() if batch.opened_at else None,
        "closed_at": batch.closed_at.isoformat() if batch.closed_at else None,
        "origin": batch.origin,
    }
