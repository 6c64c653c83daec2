"""Rules on the 目录 fields (政务信息资源目录编制指南 2017, and what importers check)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.contract import Dataset, Field, Supply, Table
from schemas.messages import found
from schemas.problems import Problem
from schemas.properties import Directory, OpenType, ShareType, UpdateCycle
from schemas.rules.scope import Scope, property_place, table_place

TITLE_LENGTH = 128
RESOURCE_CODE = re.compile(r"\d\d{2}\d{3}\d*/\d+")  # 类1 项2 目3 细目变长 / 顺序码
UNCONDITIONAL = "无条件"
CYCLE_HOURS = {
    UpdateCycle.REALTIME: 1,
    UpdateCycle.DAILY: 24,
    UpdateCycle.WEEKLY: 7 * 24,
    UpdateCycle.TEN_DAYS: 11 * 24,
    UpdateCycle.MONTHLY: 31 * 24,
    UpdateCycle.QUARTERLY: 92 * 24,
    UpdateCycle.HALF_YEARLY: 184 * 24,
    UpdateCycle.YEARLY: 366 * 24,
}
_UNIT_HOURS = {"s": 1 / 3600, "h": 1.0, "d": 24.0, "w": 168.0, "y": 8784.0}
_WIDTH = {ShareType.DENIED: 0, ShareType.CONDITIONAL: 1, ShareType.UNCONDITIONAL: 2}
_STRANGE = re.compile(r"[^\w-]")  # \w: letters of every script, digits and _


def directory_of(table: Table) -> Directory:
    """The 目录 fields of a supply or dataset."""
    assert isinstance(table, Supply | Dataset)
    return table.properties.directory


def check_directory(scope: Scope) -> Iterator[Problem]:
    """Names, codes, sharing and opening of every resource and item."""
    titles: dict[str, str] = {}
    codes: dict[str, str] = {}
    every_code = {directory_of(table).resource_code for table in scope.tables}
    for table in scope.tables:
        yield from _title(table, titles)
        yield from _code(table, codes, every_code, bool(scope.broken))
        yield from _sharing(table)
        yield from _cycle(table)
        for field in table.fields:
            yield from _item(table, field)


def _title(table: Table, titles: dict[str, str]) -> Iterator[Problem]:
    if not table.document.get("name"):
        yield found(table.path, "", "title_missing")
    if len(table.title) > TITLE_LENGTH:
        yield found(table.path, "name", "title_length", found=len(table.title))
    elif table.document.get("name") and (strange := _STRANGE.search(table.title)):
        yield found(table.path, "name", "title_charset", found=strange.group())
    if table.title in titles:
        yield found(
            table.path, "name", "title_duplicate", title=table.title, other=titles[table.title]
        )
    titles.setdefault(table.title, table.name)
    if not table.description:
        yield found(table.path, "description", "summary_missing")


def _code(
    table: Table, codes: dict[str, str], every_code: set[str | None], incomplete: bool
) -> Iterator[Problem]:
    directory = directory_of(table)
    place = table_place(table, "directory", "resourceCode")
    code = directory.resource_code
    if code is None:
        yield found(table.path, table_place(table, "directory"), "resource_code_missing")
    elif not RESOURCE_CODE.fullmatch(code):
        yield found(table.path, place, "resource_code", found=code)
    elif code in codes:
        yield found(table.path, place, "resource_code_duplicate", code=code, other=codes[code])
    codes.setdefault(code or "", table.name)
    for number, related in enumerate(directory.related_resources):
        if related not in every_code and not incomplete:
            where = table_place(table, "directory", "relatedResources", number)
            yield found(table.path, where, "related_resource", code=related)


def _sharing(table: Table) -> Iterator[Problem]:
    directory = directory_of(table)
    place = table_place(table, "directory", "shareType")
    condition = (directory.share_condition or "").strip()
    where = table_place(table, "directory", "shareCondition")
    match directory.share_type:
        case ShareType.UNCONDITIONAL if condition not in {"", UNCONDITIONAL}:
            yield found(table.path, where, "share_condition_contradicts", found=condition)
        case ShareType.CONDITIONAL | ShareType.DENIED if condition == UNCONDITIONAL:
            share = directory.share_type
            yield found(table.path, where, "share_condition_void", found=condition, share=share)
        case ShareType.CONDITIONAL if not condition:
            yield found(table.path, place, "share_condition_missing")
        case ShareType.DENIED if not condition:
            yield found(table.path, place, "share_basis_missing")
    opening = table_place(table, "directory", "openType")
    if directory.open_type is OpenType.CONDITIONAL and not directory.open_condition:
        yield found(table.path, opening, "open_condition_missing")
    if directory.share_type is ShareType.DENIED and directory.open_type is not OpenType.DENIED:
        yield found(table.path, opening, "denied_open")


def _item(table: Table, field: Field) -> Iterator[Problem]:
    directory, item = directory_of(table), field.properties
    if item.share_type is not None:
        place = property_place(table, field, "shareType")
        condition = (item.share_condition or "").strip()
        if item.share_type is ShareType.CONDITIONAL and not (
            condition or directory.share_type is ShareType.CONDITIONAL
        ):
            yield found(table.path, place, "share_condition_missing")
        if item.share_type is ShareType.DENIED and not (
            condition or directory.share_type is ShareType.DENIED
        ):
            yield found(table.path, place, "share_basis_missing")
        if item.share_type is ShareType.UNCONDITIONAL and condition not in {"", UNCONDITIONAL}:
            yield found(table.path, place, "share_condition_contradicts", found=condition)
        if _WIDTH[item.share_type] > _WIDTH[directory.share_type]:
            yield found(
                table.path,
                place,
                "item_share_wider",
                item=item.share_type,
                table=directory.share_type,
            )
    share = item.share_type or directory.share_type
    opening = item.open_type or directory.open_type
    said = item.share_type is not None or item.open_type is not None
    if said and share is ShareType.DENIED and opening is not OpenType.DENIED:
        name = "openType" if item.open_type else "shareType"
        yield found(table.path, property_place(table, field, name), "denied_open")


def _cycle(table: Table) -> Iterator[Problem]:
    """A service level that is slower than the update cycle breaks one of the two promises."""
    cycle = directory_of(table).update_cycle
    limit = CYCLE_HOURS.get(cycle)
    for number, sla in enumerate(table.sla):
        if sla.property != "frequency" or limit is None:
            continue
        hours = sla_hours(sla.value, sla.unit)
        if hours is not None and hours > limit:
            yield found(
                table.path,
                f"slaProperties[{number}]",
                "cycle_slower",
                cycle=cycle,
                property=sla.property,
                value=sla.value,
                unit=sla.unit,
            )


def sla_hours(value: object, unit: str | None) -> float | None:
    """A span of an SLA in hours; None when it is not a span."""
    if not isinstance(value, int | float) or not unit:
        return None
    name = unit.lower()
    if name.startswith("min"):
        return value / 60
    if name in {"m", "month", "months"}:
        return value * 744
    factor = _UNIT_HOURS.get(name[0])
    return value * factor if factor else None
