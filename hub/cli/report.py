"""`hub report`: quality reports, and their proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import Context, who

if TYPE_CHECKING:
    from hub.opened import Hub
    from hub.report.document import Document
    from quality.scorecard.configuration import Shelf

NOT_PROVEN = 13  # exit code: a figure of a report does not follow from the ledger

app = typer.Typer(help="Quality reports, and their proof. 质量报告。", no_args_is_help=True)

Out = Annotated[
    Path | None, typer.Option(help="Folder to write into; the home folder's reports/ by default.")
]
Formats = Annotated[str, typer.Option("--format", help="html, xlsx, json; several by comma.")]
Languages = Annotated[str, typer.Option("--lang", help="zh, en or both.")]
MonthOption = Annotated[
    str | None, typer.Option(help="YYYY-MM in the hub's time zone (Asia/Shanghai); now by default.")
]


@app.command()
def batch(
    ctx: typer.Context,
    batch_id: Annotated[str, typer.Argument(help="A checked batch.")],
    out: Out = None,
    formats: Formats = "html,xlsx,json",
    lang: Languages = "both",
) -> None:
    """The report of one batch."""
    from hub.report.batch import batch_document

    context: Context = ctx.obj
    with context.hub() as hub:
        shelf = _prepare(hub)
        _give(
            context,
            hub,
            batch_document(hub, shelf, batch_id, hub.ledger.moment(hub.now)),
            out,
            formats,
            lang,
        )


@app.command()
def department(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The department.")],
    month: MonthOption = None,
    out: Out = None,
    formats: Formats = "html,xlsx,json",
    lang: Languages = "both",
) -> None:
    """The report of one department's month."""
    from hub.report.month import department_document
    from hub.report.period import month_of, read_month

    context: Context = ctx.obj
    with context.hub() as hub:
        shelf, now = _prepare(hub), hub.ledger.moment(hub.now)
        chosen = read_month(month) if month else month_of(now)
        document = department_document(hub, shelf, name, chosen, now)
        _give(context, hub, document, out, formats, lang)


@app.command()
def release(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    version: Annotated[int | None, typer.Option(help="A release; the newest by default.")] = None,
    out: Out = None,
    formats: Formats = "html,xlsx,json",
    lang: Languages = "both",
) -> None:
    """The report of one release of a dataset."""
    from hub.report.release import release_document

    context: Context = ctx.obj
    with context.hub() as hub:
        document = release_document(
            hub, _prepare(hub), dataset, version, hub.ledger.moment(hub.now)
        )
        _give(context, hub, document, out, formats, lang)


@app.command("hub")
def hub_(
    ctx: typer.Context,
    month: MonthOption = None,
    out: Out = None,
    formats: Formats = "html,xlsx,json",
    lang: Languages = "both",
) -> None:
    """The report of the whole hub's month."""
    from hub.report.month import hub_document
    from hub.report.period import month_of, read_month

    context: Context = ctx.obj
    with context.hub() as hub:
        shelf, now = _prepare(hub), hub.ledger.moment(hub.now)
        chosen = read_month(month) if month else month_of(now)
        _give(context, hub, hub_document(hub, shelf, chosen, now), out, formats, lang)


@app.command()
def crosschecks(
    ctx: typer.Context,
    month: MonthOption = None,
    department: Annotated[
        str | None, typer.Option(help="Only findings that this department answers for.")
    ] = None,
    out: Out = None,
    formats: Formats = "html,xlsx,json",
    lang: Languages = "both",
) -> None:
    """The report of what cross-checks found, and what became of it."""
    from dataclasses import asdict

    from hub.cli.crosscheck_text import print_standing
    from hub.report.findings.filling import findings_document
    from hub.report.giving import give
    from hub.report.period import month_of, read_month

    context: Context = ctx.obj
    with context.hub() as hub:
        now = hub.ledger.moment(hub.now)
        chosen = read_month(month) if month else month_of(now)
        document = findings_document(hub, chosen, now, department)
        given = give(hub, document, out, formats, lang, who(""))
    if context.json:
        context.show_json(
            {
                "report": document.id,
                "uri": given.uri,
                "stands": asdict(document.stands),
                "files": [str(path) for path in given.files],
            }
        )
        return
    print_standing(context, document)
    for path in given.files:
        context.say(str(path))


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(help="At most this many, newest first.")] = 50,
) -> None:
    """List the reports that were made, newest first."""
    from hub.report.keeping import kept

    context: Context = ctx.obj
    with context.hub() as hub:
        rows = kept(hub.ledger)[:limit]
    context.show(
        rows, {"report": "report 报告", "made_at": "made (UTC)", "uri": "place in the store"}
    )


@app.command()
def recompute(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A report's JSON file.")],
) -> None:
    """Prove every number of a report again from the ledger's counts alone.

    Exit code 13 when a number does not follow from them, or when evidence is missing.
    """
    import json

    from hub.errors import NotFound
    from hub.report.recompute import recompute as prove
    from quality.scorecard.configuration import shelf

    context: Context = ctx.obj
    try:
        printed = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"the report {file} cannot be read: {error.strerror}") from error
    except ValueError:
        printed = None  # told as missing evidence
    with context.hub() as hub:
        proof = prove(hub, shelf(hub.catalog.root), printed)
    if context.json:
        context.show_json(
            {
                "report": proof.report,
                "compared": proof.compared,
                "agreed": proof.agreed,
                "differences": proof.differences,
                "missing": proof.missing,
                "proven": proof.holds,
            }
        )
    else:
        context.say(
            f"{proof.report or file.name}: {proof.agreed:,} of {proof.compared:,} values agree "
            f"{proof.compared:,} 个数值中 {proof.agreed:,} 个一致"
        )
        for difference in proof.differences:
            print(
                f"differs 不一致: {difference['where']}: printed 报告所载 "
                f"{difference['printed']!r}, the ledger gives 账本得出 {difference['found']!r}"
            )
        for reason in proof.missing:
            print(f"missing evidence 缺少依据: {reason}")
        context.say("proven 已证实" if proof.holds else "NOT PROVEN 未能证实")
    if not proof.holds:
        raise typer.Exit(NOT_PROVEN)


def _prepare(hub: Hub) -> Shelf:
    from hub.report.backfill import backfill
    from quality.scorecard.configuration import shelf

    found = shelf(hub.catalog.root)
    backfill(hub)
    return found


def _give(
    context: Context, hub: Hub, document: Document, out: Path | None, formats: str, lang: str
) -> None:
    """Keep a report in the store and write it out for people."""
    from hub.report.giving import give

    given = give(hub, document, out, formats, lang, who(""))
    card = document.scorecard
    if context.json:
        context.show_json(
            {
                "report": document.id,
                "uri": given.uri,
                "score": card.score,
                "grade": card.grade,
                "files": [str(path) for path in given.files],
            }
        )
        return
    figures = [
        {
            "indicator": figure.indicator,
            "name": f"{figure.name.zh} {figure.name.en}",
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "score": figure.score or "not assessed 未评",
        }
        for dimension in card.dimensions
        for figure in dimension.figures
    ]
    context.show(
        figures,
        {
            "indicator": "GB/T 36344",
            "name": "indicator 指标",
            "numerator": "A",
            "denominator": "B",
            "score": "score 得分 %",
        },
        f"{document.title.zh} · {document.title.en}",
    )
    context.say(
        f"\nscore 得分 {card.score or 'not assessed 未评'}, grade 等级 {card.grade or '-'}, "
        f"by {card.configuration}"
    )
    for path in given.files:
        context.say(str(path))
