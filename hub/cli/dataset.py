"""`hub dataset`: releases of the base datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from hub.cli.context import Context

app = typer.Typer(help="Releases of the base datasets. 基础数据集。", no_args_is_help=True)

RELEASE_COLUMNS = {
    "dataset": "dataset 数据集",
    "version": "release 版本",
    "rows": "rows",
    "inserted": "inserted",
    "updated": "updated",
    "deleted": "deleted",
    "created_at": "created (UTC)",
}


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List all releases of all datasets."""
    from hub.ledger.releases import releases_of

    context: Context = ctx.obj
    with context.hub() as hub:
        context.show([asdict(r) for r in releases_of(hub.ledger)], RELEASE_COLUMNS)


@app.command()
def show(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    version: Annotated[int | None, typer.Option(help="A release; the newest by default.")] = None,
) -> None:
    """Show one release: how it was made, inputs, counts, checksums, files."""
    from hub.publish import read_manifest, release_of
    from hub.released import uris

    context: Context = ctx.obj
    with context.hub() as hub:
        hub.dataset(dataset)
        release = release_of(hub.ledger, dataset, version)
        manifest = read_manifest(hub.store, release)
    if context.json:
        manifest.pop("memory", None)  # sums for the hub's own use
        context.show_json({**asdict(release), "manifest": manifest})
        return
    context.show(
        [{**asdict(release), "made": _made(manifest)}],
        {**RELEASE_COLUMNS, "made": "made 生成方式"},
    )
    if manifest.get("model"):
        context.show(
            [manifest["model"]],
            {"uri": "linkage model 关联模型", "method": "made by 方式", "profiles": "from rows"},
        )
    context.show(
        manifest["inputs"],
        {
            "supply": "supply 归集资源",
            "batch_id": "last batch 批次",
            "contract_version": "contract",
            "rows": "rows",
        },
        "\nInputs 来源",
    )
    context.show(
        [{"what": name, "rows": rows} for name, rows in sorted(manifest["counts"].items())],
        {"what": "count", "rows": "rows"},
        "\nCounts 计数",
    )
    context.show(
        [
            {"name": name, "uri": uri, "sha256": sha256}
            for name, file in manifest["files"].items()
            for uri, sha256 in uris(file).items()
        ],
        {"name": "file", "uri": "place in the store", "sha256": "SHA-256"},
        "\nFiles 文件",
    )


def _made(manifest: Mapping[str, Any]) -> str:
    """As a whole, or as a change of some entities; older hubs made every release as a whole."""
    made = manifest.get("made", {"whole": True})
    if made["whole"]:
        return "whole 全量"
    return f"change of {made['touched']} entities 增量（{made['touched']} 个实体）"


@app.command()
def diff(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    old: Annotated[int, typer.Argument(help="The earlier release.")],
    new: Annotated[int, typer.Argument(help="The later release.")],
) -> None:
    """Count what changed between two releases, per field; no personal value is shown."""
    from hub.publish import diff_releases, release_of

    context: Context = ctx.obj
    with context.hub() as hub:
        before = release_of(hub.ledger, dataset, old)
        after = release_of(hub.ledger, dataset, new)
        rows = diff_releases(hub.store, hub.dataset(dataset), before, after)
    context.show(rows, {"change": "change 变化", "field": "field 字段", "rows": "rows"})
