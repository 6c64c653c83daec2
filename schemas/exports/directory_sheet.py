"""The 目录 spreadsheet of the 2017 guide, written and read.

Three sheets: 信息资源 (one row per contract), 信息项 (one row per field), 填写说明. What is written
can be read back unchanged; a peer's 共享类型 codes pass through its named map and no other way.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.exports.names import CYCLE, FORMAT, LEVEL, MODE, OPEN, PEERS, share_code, share_type
from schemas.exports.resources import Item, Resource
from schemas.exports.sheet_columns import ITEM_COLUMNS, RESOURCE_COLUMNS, Column

_RESOURCES, _ITEMS, _NOTES = "信息资源", "信息项", "填写说明"
_EPOCH = (2000, 1, 1, 0, 0, 0)  # a fixed time in the archive: same catalog, same bytes


def write_sheet(resources: Iterable[Resource], path: Path, peer: str = "words") -> None:
    """Write the workbook; raises KeyError when `peer` has no map of codes."""
    from openpyxl import Workbook

    from schemas.exports.sheet_style import dress

    found = list(resources)
    codes = list(PEERS[peer])
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = _RESOURCES
    items = book.create_sheet(_ITEMS)
    notes = book.create_sheet(_NOTES)
    first.append([column.heading for column in RESOURCE_COLUMNS])
    items.append([column.heading for column in ITEM_COLUMNS])
    for resource in found:
        first.append([_cell(column, resource, resource, peer) for column in RESOURCE_COLUMNS])
        for number, item in enumerate(resource.items, start=1):
            row = [_cell(column, item, resource, peer) for column in ITEM_COLUMNS]
            row[2] = number
            items.append(row)
    for line in _explanation(peer):
        notes.append(line)
    dress(first, RESOURCE_COLUMNS, codes)
    dress(items, ITEM_COLUMNS, codes)
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 24, 90
    _save(book, path)


def read_sheet(path: Path, peer: str = "words") -> tuple[Resource, ...]:
    """The resources of a workbook with these headings, in its order.

    Columns are found by heading, so their order and further columns do not matter. Raises KeyError
    for an unknown peer, ValueError naming sheet, row and column for a value that no map knows.
    """
    from openpyxl import load_workbook

    if peer not in PEERS:
        raise KeyError(peer)
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        rows = {name: list(book[name].iter_rows(values_only=True)) for name in (_RESOURCES, _ITEMS)}
    finally:
        book.close()
    items: dict[str, list[Item]] = {}
    for values in _records(rows[_ITEMS], ITEM_COLUMNS, _ITEMS, peer):
        owner = values.pop("contract")
        items.setdefault(owner, []).append(Item(**values))
    found = [
        Resource(**values, items=())
        for values in _records(rows[_RESOURCES], RESOURCE_COLUMNS, _RESOURCES, peer)
    ]
    return tuple(replace(r, items=tuple(items.get(r.contract, ()))) for r in found)


def _cell(column: Column, thing: Resource | Item, resource: Resource, peer: str) -> Any:
    if column.attribute is None:
        return column.derive(resource) if column.derive else None
    owner = resource if column.of_resource else thing
    value = getattr(owner, column.attribute)
    match column.kind:
        case "share":
            return share_code(value, peer)
        case "flag":
            return "是" if value else "否"
        case "text" | "number":
            return value
        case kind:
            return _WORDS[kind][value][0]


_WORDS: dict[str, Mapping[Any, tuple[str, str]]] = {
    "open": OPEN,
    "cycle": CYCLE,
    "level": LEVEL,
    "mode": MODE,
    "format": FORMAT,
}
_MEANINGS = {
    kind: {zh: value for value, (zh, _) in words.items()} for kind, words in _WORDS.items()
}


def _records(
    rows: list[tuple[Any, ...]], columns: tuple[Column, ...], sheet: str, peer: str
) -> Iterable[dict[str, Any]]:
    heading = [str(cell or "").strip() for cell in (rows[0] if rows else ())]
    missing = [c.heading for c in columns if c.attribute and c.heading not in heading]
    if missing:
        raise ValueError(f"{sheet}: the columns {', '.join(missing)} are missing")
    places = {c: heading.index(c.heading) for c in columns if c.attribute}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell is not None for cell in row):
            continue
        values = {}
        for column, place in places.items():
            try:
                values[column.attribute or ""] = _value(column, row[place], peer)
            except (KeyError, ValueError):
                raise ValueError(
                    f"{sheet} row {number}, {column.heading}: {row[place]!r} is not allowed"
                ) from None
        yield {k: v for k, v in values.items() if k != "title_of_resource"}


def _value(column: Column, cell: Any, peer: str) -> Any:
    text = "" if cell is None else str(cell).strip()
    match column.kind:
        case "share":
            return share_type(text, peer)
        case "flag":
            return {"是": True, "否": False}[text]
        case "number":
            return int(text) if text else None
        case "text":
            return text
        case kind:
            return _MEANINGS[kind][text]


def _explanation(peer: str) -> list[list[str]]:
    codes = "，".join(f"{code} = {meaning}" for code, meaning in PEERS[peer].items())
    return [
        ["项目", "说明"],
        ["依据", "《政务信息资源目录编制指南（试行）》（2017）"],
        ["信息资源代码", "分类码/顺序码；类 1 位，项 2 位，目 3 位，细目与顺序码不定长"],
        ["共享类型", f"代码对照（{peer}）：{codes}"],
        ["共享条件", "无条件共享写“无条件”；有条件共享写明条件；不予共享写明法律依据"],
        ["数据长度", "以字节计；数值型与货币型为总位数"],
        ["生成方式", "由数据契约自动生成，请勿手工修改；修改契约后重新导出"],
    ]


def _save(book: Any, path: Path) -> None:
    """Save with fixed times, which openpyxl would take from the clock."""
    from datetime import datetime

    book.properties.created = book.properties.modified = datetime(*_EPOCH)
    book.properties.creator = "exchange hub"
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as packed, zipfile.ZipFile(path, "w") as out:
        for entry in packed.infolist():
            content = packed.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _without_clock(content)
            info = zipfile.ZipInfo(entry.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content)


def _without_clock(core: bytes) -> bytes:
    import re

    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", core)
