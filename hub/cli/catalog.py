"""`hub catalog`: lint, show, compare, probe and export contracts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context

app = typer.Typer(
    help="Lint, show, compare, probe and export contracts. 数据目录。", no_args_is_help=True
)

INVALID = 3  # as hub.errors.CatalogError
BREAKING = 11
DRIFTED = 12


@app.command()
def lint(
    ctx: typer.Context,
    contract: Annotated[
        Path | None, typer.Option(help="Only this contract; a draft may lie anywhere.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Check the catalog: ODCS, 目录 rules, references. 检查数据目录。

    Each finding names file, line and place, in English and Chinese. Exit code 0: sound (warnings
    allowed), 3: errors.
    """
    from hub.errors import NotFound
    from hub.vocabulary import vocabulary
    from quality.scorecard.configuration import faults
    from schemas.lint import lint as find

    context: Context = ctx.obj
    if contract is not None and not contract.is_file():
        raise NotFound(f"there is no file {contract}")
    problems = find(context.catalog_root, context.home, vocabulary=vocabulary(), contract=contract)
    if contract is None:
        problems = (*problems, *faults(context.catalog_root))
    errors = sum(problem.severity == "error" or strict for problem in problems)
    if context.json:
        context.show_json([{**asdict(p), "file": str(p.file)} for p in problems])
    for problem in problems:
        context.say(f"{problem.severity}: {problem}\n    {problem.message_zh}")
    warnings = len(problems) - errors
    context.say(
        f"{errors} errors, {warnings} warnings. {errors} 个错误，{warnings} 个警告。"
        if problems
        else "The catalog is sound. 数据目录没有问题。"
    )
    if errors:
        raise typer.Exit(INVALID)


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="A supply, dataset, department or code list.")
    ] = None,
) -> None:
    """Show all contracts, or one thing in full. 查看目录。"""
    from hub.errors import NotFound
    from hub.listing import detail, listing
    from schemas.catalog import load_catalog

    context: Context = ctx.obj
    catalog = load_catalog(context.catalog_root, context.home)
    if name is None:
        context.show(listing(catalog), LISTED)
        return
    shown = detail(catalog, name)
    if shown is None:
        raise NotFound(f"the catalog has no {name!r}; `hub catalog show` lists what there is")
    if context.json:
        context.show_json(shown.facts | {"rows": shown.rows})
        return
    for key, value in shown.facts.items():
        context.say(f"{key}: {value}")
    context.say("")
    context.show(shown.rows, shown.columns)


LISTED = {
    "name": "contract 契约",
    "title": "name 名称",
    "version": "version",
    "provider": "provider 提供方",
    "share": "sharing 共享",
    "cycle": "cycle 周期",
    "fields": "fields",
}


@app.command()
def diff(
    ctx: typer.Context,
    old: Annotated[Path, typer.Argument(help="A catalog folder or a contract, as it was.")],
    new: Annotated[Path, typer.Argument(help="The same, as it is to be.")],
) -> None:
    """Say what changes between two catalogs or contracts. 比较目录版本。

    Every change is a sentence, compatible or breaking, and each contract's version is held
    against what its changes demand (breaking: major; compatible: minor; wording: patch). Exit
    code 0: compatible; 11: breaking, with the version raised accordingly; 3: a version was not
    raised as demanded.
    """
    from hub.errors import NotFound
    from schemas.comparing import compare_paths

    context: Context = ctx.obj
    for path in (old, new):
        if not path.exists():
            raise NotFound(f"there is no {path}")
    diffs = compare_paths(old, new, context.home)
    if context.json:
        context.show_json([entry.as_json() for entry in diffs])
    for entry in diffs:
        context.say(f"{entry.headline_en}\n{entry.headline_zh}")
        for change in entry.changes:
            context.say(f"  {change.mark} {change.message_en}\n    {change.message_zh}")
    if not diffs:
        context.say("No contract differs. 没有差异。")
    if any(not entry.sufficient for entry in diffs):
        raise typer.Exit(INVALID)
    if any(entry.breaking for entry in diffs):
        raise typer.Exit(BREAKING)


@app.command()
def probe(
    ctx: typer.Context,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
) -> None:
    """Hold the live front ends against their contracts. 比对前置库与契约。

    Reads column names and types only, never a row. Exit code 0: all as promised; 12: something
    differs; 4: a front end could not be read.
    """
    from hub.errors import NotFound, PullError
    from hub.probe import probe as probe_catalog
    from schemas.catalog import load_catalog

    context: Context = ctx.obj
    catalog = load_catalog(context.catalog_root, context.home)
    if department is not None and department not in catalog.departments:
        raise NotFound(f"the catalog has no department {department!r}")
    findings = list(probe_catalog(catalog, context.home, department))
    if context.json:
        context.show_json([asdict(finding) for finding in findings])
    for finding in findings:
        context.say(f"{finding.supply}: {finding.message_en}\n    {finding.message_zh}")
    context.say(f"{len(findings)} findings. {len(findings)} 处差异。")
    if any(finding.code == "unreadable" for finding in findings):
        raise typer.Exit(PullError.exit_code)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(DRIFTED)


@app.command()
def export(
    ctx: typer.Context,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="ddl, jsonschema, dcat, sheet (目录), dictionary, suite, arrow.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("export"),
    dialect: Annotated[
        str, typer.Option(help="For ddl: postgresql, mysql, sqlite or duckdb.")
    ] = "postgresql",
    peer: Annotated[
        str, typer.Option(help="For sheet: whose 共享类型 codes to write (words by default).")
    ] = "words",
) -> None:
    """Generate what other systems read from the contracts. 导出目录。

    Every format is made from the contracts alone, and the same catalog gives the same bytes.
    """
    from hub.exporting import export_catalog
    from schemas.catalog import load_catalog

    context: Context = ctx.obj
    catalog = load_catalog(context.catalog_root, context.home)
    try:
        written = export_catalog(catalog, form, out, dialect=dialect, peer=peer)
    except KeyError as unknown:
        raise typer.BadParameter(f"unknown: {unknown.args[0]}") from None
    rows: list[dict[str, Any]] = [
        {"file": str(path), "bytes": path.stat().st_size} for path in written
    ]
    context.show(rows, {"file": "file 文件", "bytes": "bytes"})
