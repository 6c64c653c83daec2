"""`hub crosscheck`: questions over several departments' data, and what became of the answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context, typed, who

app = typer.Typer(
    help="Questions over several departments' data, and their findings. 比对模型。",
    no_args_is_help=True,
)
FindingId = Annotated[str, typer.Argument(help="The finding's id, or at least 8 digits of it.")]
Check = Annotated[str | None, typer.Option("--check", help="Only this cross-check.")]
DepartmentOption = Annotated[str | None, typer.Option(help="Only this responsible department.")]
States = Annotated[
    list[str] | None,
    typer.Option(help="open, confirmed, recovering, recovered, dismissed or cleared; repeatable."),
]
By = Annotated[str, typer.Option(help="Who decides this; kept in the history.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the history. Name no person in it.")]
Reveal = Annotated[bool, typer.Option(help="Show sensitive values, too. Personal data.")]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the cross-checks: when each ran, what is open, how much money came back."""
    from hub.cli.crosscheck_text import money
    from hub.findings.view import check_rows

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = check_rows(hub)
    if not context.json:
        for row in rows:
            row["stake"], row["back"] = money(row["amount_fen"]), money(row["recovered_fen"])
    context.show(
        rows,
        {
            "name": "cross-check 比对模型",
            "title": "title 名称",
            "as_of": "last run 最近运行",
            "findings": "found 命中",
            "unanswered": "open 未结",
            "overdue": "overdue 逾期",
            "stake": "yuan at stake 涉及金额",
            "back": "recovered 已追回",
            "fault": "fault 故障",
        },
    )


@app.command()
def show(ctx: typer.Context, name: Annotated[str, typer.Argument(help="The cross-check.")]) -> None:
    """Show one cross-check: question, SQL, evidence, last run, findings by department and state."""
    from hub.cli.crosscheck_text import print_check
    from hub.findings.view import check_shown

    context: Context = ctx.obj
    with context.hub() as hub:
        found = check_shown(hub, name)
    if context.json:
        context.show_json(found)
    else:
        print_check(context, found)


@app.command()
def run(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Cross-checks; all of them by default.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(help="The day that is asked about ($as_of); now by default.")
    ] = None,
) -> None:
    """Run cross-checks of which something changed since their last run.

    Exit code 3 when one of them cannot be run.
    """
    put(ctx.obj, as_of, names or None, [])


def put(
    context: Context,
    as_of: datetime | None,
    crosschecks: list[str] | None,
    policies: list[str] | None,
) -> None:
    """Ask questions (None: all) and print what came of them; exit code 3 when one could not be."""
    from dataclasses import asdict

    from hub.asking import ask
    from hub.cli.crosscheck_text import COLUMNS, question_rows
    from hub.errors import CatalogError
    from hub.ledger.audit import Act

    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    with context.hub() as hub:
        asked_for = [*(crosschecks or []), *(policies or [])]
        context.acting(hub, Act.QUESTIONS_ASKED, "questions", names=asked_for or ["all"])
        asked = ask(hub, moment, crosschecks, policies)
    if context.json:
        context.show_json([asdict(one) for one in asked])
    else:
        context.show(question_rows(asked), COLUMNS)
    if any(one.message for one in asked):
        raise typer.Exit(CatalogError.exit_code)


@app.command()
def findings(
    ctx: typer.Context,
    check: Check = None,
    department: DepartmentOption = None,
    state: States = None,
    overdue: Annotated[bool, typer.Option(help="Only those past their last day.")] = False,
) -> None:
    """List findings, the most money first; no personal value is shown."""
    from hub.cli.crosscheck_text import money
    from hub.findings.view import finding_rows, known_states

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = finding_rows(hub, check, department, known_states(state), overdue)
    if not context.json:
        for row in rows:
            row["id"] = row["id"][:12]
            row["stake"], row["back"] = money(row["amount_fen"]), money(row["recovered_fen"])
    context.show(
        rows,
        {
            "id": "finding 编号",
            "crosscheck": "cross-check 比对模型",
            "department": "department 责任部门",
            "state": "state 状态",
            "stake": "yuan at stake 涉及金额",
            "back": "recovered 已追回",
            "due_on": "due 期限",
            "overdue": "overdue 逾期",
        },
    )


@app.command()
def finding(ctx: typer.Context, finding_id: FindingId, reveal: Reveal = False) -> None:
    """Show one finding: state, money, deadline, evidence, history."""
    from hub.cli.crosscheck_text import print_finding
    from hub.findings.view import finding_shown
    from hub.ledger.audit import Shown

    context: Context = ctx.obj
    with context.hub() as hub:
        found = finding_shown(hub, finding_id, reveal)
        context.viewing(hub, Shown.FINDING, found["id"], revealed=reveal)
    if context.json:
        context.show_json(found)
    else:
        print_finding(context, found)


@app.command()
def explain(
    ctx: typer.Context,
    finding_id: FindingId,
    lang: Annotated[str, typer.Option(help="zh, en or both.")] = "both",
    reveal: Reveal = False,
) -> None:
    """Explain one finding in words: the question, what each source says, the legal basis."""
    from hub.findings.explaining import explained
    from hub.findings.view import finding_shown
    from hub.ledger.audit import Shown

    if lang not in ("zh", "en", "both"):
        raise typer.BadParameter("--lang is zh, en or both")
    languages = ["zh", "en"] if lang == "both" else [lang]
    context: Context = ctx.obj
    with context.hub() as hub:
        found = finding_shown(hub, finding_id, reveal)
        context.viewing(hub, Shown.FINDING, found["id"], revealed=reveal)
    pages = {language: "\n".join(explained(found, language)) for language in languages}
    if context.json:
        context.show_json({"id": found["id"], **pages})
    else:
        print("\n\n".join(pages.values()))


@app.command()
def confirm(
    ctx: typer.Context,
    finding_ids: Annotated[list[str], typer.Argument(help="Findings, by at least 8 digits.")],
    by: By = "",
    reason: Reason = "",
) -> None:
    """The department says that it is as the cross-check says."""
    from hub.findings import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        ids = deciding.confirm(hub, finding_ids, who(by), typed(reason, "--reason") or None)
    _changed(context, ids)


@app.command()
def recover(
    ctx: typer.Context,
    finding_id: FindingId,
    amount: Annotated[str, typer.Option(help="Yuan that came back; below 0 corrects.")],
    by: By = "",
    reason: Reason = "",
    beyond: Annotated[
        str, typer.Option(help="Why more came back than was at stake; allows it.")
    ] = "",
) -> None:
    """Note money that came back, in several parts if need be."""
    from hub.findings import deciding

    context: Context = ctx.obj
    fen = deciding.fen_of(amount)
    with context.hub() as hub:
        why = typed(reason, "--reason") or None
        more = typed(beyond, "--beyond").strip() or None
        found = deciding.recover(hub, finding_id, fen, who(by), why, more)
    _changed(context, [found])


@app.command()
def dismiss(
    ctx: typer.Context,
    finding_ids: Annotated[list[str], typer.Argument(help="Findings, by at least 8 digits.")],
    reason: Reason,
    by: By = "",
) -> None:
    """There is a reason why it is all right; stays so while the evidence is the same."""
    from hub.findings import deciding

    context: Context = ctx.obj
    with context.hub() as hub:
        ids = deciding.dismiss(hub, finding_ids, who(by), typed(reason, "--reason"))
    _changed(context, ids)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write: .xlsx, .csv or .parquet.")],
    check: Check = None,
    department: DepartmentOption = None,
    state: States = None,
) -> None:
    """Write findings with their evidence, for the department that answers. Holds personal data.

    Excel has a sheet per cross-check and says how to answer; its mode is 0600.
    """
    from hub.findings.sheet import export_findings
    from hub.findings.view import known_states
    from hub.ledger.audit import Shown

    context: Context = ctx.obj
    with context.hub() as hub:
        context.viewing(hub, Shown.FINDINGS, check or "all", department=department)
        rows = export_findings(hub, out, check, department, known_states(state))
    context.show([{"file": str(out), "rows": rows}], {"file": "file", "rows": "rows"})


def _changed(context: Context, ids: list[str]) -> None:
    from hub.cli.crosscheck_text import money
    from hub.ledger.findings import finding_of

    with context.hub() as hub:
        found = [finding_of(hub.ledger, finding_id) for finding_id in ids]
    rows: list[dict[str, Any]] = [
        {"finding": row.id, "state": row.state, "recovered_fen": row.recovered_fen} for row in found
    ]
    if not context.json:
        rows = [{**row, "back": money(row["recovered_fen"])} for row in rows]
    context.show(
        rows,
        {"finding": "finding 编号", "state": "state 状态", "back": "recovered 已追回"},
    )
