"""Changes of how a supply is pulled and judged, and of how a dataset is reconciled."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contract import Dataset, Supply, Table
from schemas.evolution import Change, Level


def plan_changes(old: Table, new: Table, strict: bool) -> Iterator[Change]:
    """Pull, files, thresholds and null values of a supply; the plan of a dataset."""
    if isinstance(old, Supply) and isinstance(new, Supply):
        yield from _thresholds(old, new)
        yield from _pull(old, new)
    elif isinstance(old, Dataset) and isinstance(new, Dataset):
        yield from _reconcile(old, new)


def _thresholds(old: Supply, new: Supply) -> Iterator[Change]:
    for name, chinese in (("warn", "警告"), ("hold", "暂缓"), ("reject", "拒收")):
        was = getattr(old.properties.verdict, name)
        now = getattr(new.properties.verdict, name)
        if was == now:
            continue
        stricter = now is not None and (was is None or now < was)
        yield Change(
            f"threshold_{name}",
            "verdict",
            Level.MAJOR if stricter and name != "warn" else Level.MINOR,
            f"the threshold to {name} was {_share(was)}, now {_share(now)}: "
            f"{'stricter' if stricter else 'looser'}",
            f"{chinese}阈值由 {_share(was)} 改为 {_share(now)}：{'收紧' if stricter else '放宽'}",
        )


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _pull(old: Supply, new: Supply) -> Iterator[Change]:
    if old.pull.mode != new.pull.mode or old.pull.watermark != new.pull.watermark:
        yield Change(
            "pull",
            "pull",
            Level.MINOR,
            f"the pull was {_plan(old)}, now {_plan(new)}; its state begins anew",
            f"抽取方式由 {_plan(old)} 改为 {_plan(new)}；抽取状态重新开始",
        )
    elif old.pull != new.pull:
        yield Change("pull", "pull", Level.MINOR, "the pull was adjusted", "抽取参数有调整")
    was, now = old.properties.files, new.properties.files
    if was != now:
        content = bool(was and now and was.content != now.content)
        yield Change(
            "files",
            "files",
            Level.MAJOR if content else Level.MINOR,
            "how delivered files are read changed",
            "文件的识别与读取方式有变",
        )
    dropped = set(old.properties.null_values) - set(new.properties.null_values)
    if old.properties.null_values != new.properties.null_values:
        yield Change(
            "null_values",
            "nullValues",
            Level.MAJOR if dropped else Level.MINOR,
            "what counts as no value changed",
            "视为空值的写法有变",
        )


def _plan(supply: Supply) -> str:
    pull = supply.pull
    return f"{pull.mode} by {pull.watermark}" if pull.watermark else pull.mode


def _reconcile(old: Dataset, new: Dataset) -> Iterator[Change]:
    was, now = old.reconcile, new.reconcile
    if was.entity != now.entity or was.keys != now.keys:
        yield Change(
            "entity",
            "reconcile",
            Level.MAJOR,
            "what counts as the same entity changed: entity ids may change",
            "主体的认定方式有变：主体标识可能变化",
        )
    before = {source.supply: source for source in was.sources}
    after = {source.supply: source for source in now.sources}
    for supply in before.keys() - after.keys():
        yield Change(
            "source_removed",
            "reconcile",
            Level.MAJOR,
            f"{supply} is no longer a source",
            f"{supply} 不再是来源",
        )
    for supply in after.keys() - before.keys():
        yield Change(
            "source_added",
            "reconcile",
            Level.MINOR,
            f"{supply} is a new source",
            f"新增来源 {supply}",
        )
    same = before.keys() & after.keys()
    if any(before[s] != after[s] for s in same) or (
        [s for s in before if s in same] != [s for s in after if s in same]
    ):
        yield Change(
            "sources",
            "reconcile",
            Level.MINOR,
            "sources are read in another way or order: values may change",
            "来源的读取方式或次序有变：取值可能变化",
        )
    rest = {"entity", "keys", "sources"}
    was_rest, now_rest = was.model_dump(exclude=rest), now.model_dump(exclude=rest)
    for key, value in was_rest.items():
        if value != now_rest[key]:
            yield Change(
                key,
                "reconcile",
                Level.MINOR,
                f"the reconciliation rule {key} changed: values may change",
                f"整合规则 {key} 有变：取值可能变化",
            )
