"""Changes of a table as a whole: its 目录 fields, rules, service levels, status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from schemas.contract import Dataset, Sla, Supply, Table
from schemas.cycle_order import slower
from schemas.evolution import Change, Level
from schemas.properties import Directory, OpenType, ShareType
from schemas.rules.directory import sla_hours

_SHARE_WIDTH = {ShareType.DENIED: 0, ShareType.CONDITIONAL: 1, ShareType.UNCONDITIONAL: 2}
_OPEN_WIDTH = {OpenType.DENIED: 0, OpenType.CONDITIONAL: 1, OpenType.OPEN: 2}
_SMALLER_IS_BETTER = {"latency", "frequency"}


def table_changes(old: Table, new: Table, strict: bool) -> Iterator[Change]:
    """Everything but fields and the pull or reconciliation plan."""
    assert isinstance(old, Supply | Dataset) and isinstance(new, Supply | Dataset)
    if old.status != new.status:
        ended = new.status == "retired"
        yield Change(
            "status",
            "status",
            Level.MAJOR if ended else Level.MINOR,
            f"the status was {old.status}, now {new.status}",
            f"状态由 {old.status} 改为 {new.status}",
        )
    if old.physical_name != new.physical_name:
        yield Change(
            "table",
            "table",
            Level.MINOR,
            f"the table was {old.physical_name}, now {new.physical_name}",
            f"源表由 {old.physical_name} 改为 {new.physical_name}",
        )
    for attribute in ("title", "title_en", "description", "domain"):
        if getattr(old, attribute) != getattr(new, attribute):
            yield Change(
                attribute,
                attribute,
                Level.PATCH,
                f"the contract's {attribute} was reworded",
                f"契约的 {attribute} 有改动",
            )
    yield from _directory(old.properties.directory, new.properties.directory)
    yield from _rules(old, new, strict)
    yield from _slas(old, new)


def _directory(old: Directory, new: Directory) -> Iterator[Change]:
    if old.resource_code != new.resource_code:
        yield Change(
            "resource_code",
            "directory",
            Level.MAJOR,
            f"the resource code was {old.resource_code}, now {new.resource_code}",
            f"信息资源代码由 {old.resource_code} 改为 {new.resource_code}",
        )
    widths: list[tuple[str, str, Any, Any, dict[Any, int]]] = [
        ("sharing", "共享类型", old.share_type, new.share_type, _SHARE_WIDTH),
        ("opening", "开放属性", old.open_type, new.open_type, _OPEN_WIDTH),
    ]
    for english, chinese, was, now, width in widths:
        if was is not now:
            tighter = width[now] < width[was]
            yield Change(
                english,
                "directory",
                Level.MAJOR if tighter else Level.MINOR,
                f"{english} was {was}, now {now}: {'tighter' if tighter else 'wider'}",
                f"{chinese}由 {was} 改为 {now}：{'收紧' if tighter else '放宽'}",
            )
    if old.update_cycle is not new.update_cycle:
        worse = slower(old.update_cycle, new.update_cycle)
        yield Change(
            "update_cycle",
            "directory",
            Level.MAJOR if worse else Level.MINOR,
            f"the update cycle was {old.update_cycle}, now {new.update_cycle}",
            f"更新周期由 {old.update_cycle} 改为 {new.update_cycle}",
        )
    told = {"resource_code", "share_type", "open_type", "update_cycle"}
    was_rest, now_rest = old.model_dump(exclude=told), new.model_dump(exclude=told)
    for key, value in was_rest.items():
        if value != now_rest[key]:
            wording = key in {"keywords", "published_on", "related_resources"}
            yield Change(
                key,
                "directory",
                Level.PATCH if wording else Level.MINOR,
                f"the 目录 field {key} changed",
                f"目录字段 {key} 有变",
            )


def _rules(old: Table, new: Table, strict: bool) -> Iterator[Change]:
    """Quality rules by content; one that stops rows (severity error) counts as narrowing."""
    was = {_identity(entry.entry, entry.field): entry.entry for entry in old.quality}
    now = {_identity(entry.entry, entry.field): entry.entry for entry in new.quality}
    for key, entry in now.items():
        stops = entry.get("severity", "error") == "error"
        if key not in was:
            yield Change(
                "rule_added",
                "quality",
                Level.MAJOR if strict and stops else Level.MINOR,
                f"a quality rule was added: {_name(entry)}",
                f"新增质量规则：{_name(entry)}",
            )
        elif was[key].get("severity", "error") != entry.get("severity", "error"):
            yield Change(
                "rule_severity",
                "quality",
                Level.MAJOR if strict and stops else Level.MINOR,
                f"the severity of {_name(entry)} was {was[key].get('severity', 'error')}, "
                f"now {entry.get('severity', 'error')}",
                f"规则 {_name(entry)} 的严重程度由 {was[key].get('severity', 'error')} "
                f"改为 {entry.get('severity', 'error')}",
            )
    for key, entry in was.items():
        if key not in now:
            yield Change(
                "rule_removed",
                "quality",
                Level.MINOR if strict else Level.MAJOR,
                f"a quality rule was removed: {_name(entry)}",
                f"删除质量规则：{_name(entry)}",
            )


def _identity(entry: dict[str, Any], field: str | None) -> str:
    wording = {"severity", "description", "name", "businessImpact", "dimension", "tags", "id"}
    content = {key: value for key, value in entry.items() if key not in wording}
    return json.dumps([field, content], sort_keys=True, default=str)


def _name(entry: dict[str, Any]) -> str:
    body = entry.get("implementation")
    kind = body.get("type") if isinstance(body, dict) else None
    return str(entry.get("name") or entry.get("metric") or kind or entry.get("type"))


def _slas(old: Table, new: Table) -> Iterator[Change]:
    was = {(sla.property, sla.element): sla for sla in old.sla}
    now = {(sla.property, sla.element): sla for sla in new.sla}
    for key in was | now:
        before, after = was.get(key), now.get(key)
        if before == after:
            continue
        yield Change(
            "sla",
            "slaProperties",
            _sla_level(before, after),
            f"the service level {key[0]} was {_sla(before)}, now {_sla(after)}",
            f"服务水平 {key[0]} 由 {_sla(before)} 改为 {_sla(after)}",
        )


def _sla(sla: Sla | None) -> str:
    return "none" if sla is None else f"{sla.value} {sla.unit or ''}".strip()


def _sla_level(before: Sla | None, after: Sla | None) -> Level:
    if before is None:
        return Level.MINOR
    if after is None:
        return Level.MAJOR
    was, now = sla_hours(before.value, before.unit), sla_hours(after.value, after.unit)
    if was is None or now is None:
        return Level.MINOR
    if was == now:
        return Level.PATCH
    worse = now > was if before.property in _SMALLER_IS_BETTER else now < was
    return Level.MAJOR if worse else Level.MINOR
