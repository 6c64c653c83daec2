"""Holds live front ends against their contracts: names, types, nulls and keys, never a row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.drift import match
from connectors.protocol import Drift, LiveColumn, SourceError, SourceMissing
from connectors.registry import open_source
from schemas.contract import Catalog, Supply
from schemas.properties import Department

FILE_SCHEMES = ("file:", "sftp:")
UNTYPED_SCHEMES = (*FILE_SCHEMES, "sqlite:")
"""Where a column's type promises nothing: cells are judged one by one when they are read."""
UNBOUND_SCHEMES = (*FILE_SCHEMES, "delta-sharing")
"""Where no column is ever a key, or said never to be null."""


@dataclass(frozen=True)
class Finding:
    """One difference between a front end and its contract, as a sentence in both languages."""

    department: str
    supply: str
    code: str
    column: str
    severity: str  # error: rows will be quarantined or lost; warning: works today; info: good news
    message_en: str
    message_zh: str


def probe(catalog: Catalog, home: Path, department: str | None = None) -> Iterator[Finding]:
    """All findings on all supplies, one department after the other.

    A department that cannot be reached is a finding (`unreadable`) and does not stop the others.
    """
    for name, found in catalog.departments.items():
        if department not in (None, name):
            continue
        supplies = [s for s in catalog.supplies.values() if s.department.name == name]
        if supplies:
            yield from _department(found, supplies, home)


def _department(department: Department, supplies: list[Supply], home: Path) -> Iterator[Finding]:
    node = department.node
    assert node is not None, "a loaded catalog has a node for every supply"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="probe-", dir=home) as scratch:
        done = 0
        try:
            with open_source(node, department.name, Path(scratch)) as source:
                for supply in supplies:
                    try:
                        live = source.columns(supply)
                    except SourceMissing as missing:
                        yield _missing(supply, missing)
                    else:
                        yield from findings(supply, live, node.url)
                    done += 1
        except SourceError as error:
            for supply in supplies[done:]:
                yield _unreadable(supply, error)


def findings(supply: Supply, live: list[LiveColumn], url: str) -> list[Finding]:
    """What the live columns of one table (or header of one file) say against its contract."""
    matched, drift = match(supply, live)
    untyped = url.startswith(UNTYPED_SCHEMES)
    result = [_sentence(supply, d) for d in drift if not (untyped and d.code == "type_changed")]
    if url.startswith(UNBOUND_SCHEMES):
        return result
    for field in supply.fields:
        column = matched.get(field.name)
        if column is not None and field.required and column.nullable:
            result.append(
                _finding(
                    supply,
                    "nullable",
                    column.name,
                    "warning",
                    f"{field.name} is required, yet column {column.name} allows nulls",
                    f"字段 {field.name} 为必填，而源列 {column.name} 允许空值",
                )
            )
    promised = {f.name for f in supply.key}
    actual = {f.name for f in supply.fields if f.name in matched and matched[f.name].key}
    if promised != actual and any(column.key for column in live):
        result.append(
            _finding(
                supply,
                "key",
                ", ".join(sorted(actual)),
                "warning",
                f"the key promised is ({', '.join(sorted(promised)) or 'none'}), "
                f"the table's own ({', '.join(sorted(actual)) or 'other columns'})",
                f"契约主键为（{'、'.join(sorted(promised)) or '无'}），"
                f"源表主键为（{'、'.join(sorted(actual)) or '其他列'}）",
            )
        )
    return result


def _finding(
    supply: Supply, code: str, column: str, severity: str, english: str, chinese: str
) -> Finding:
    return Finding(supply.department.name, supply.name, code, column, severity, english, chinese)


def _sentence(supply: Supply, drift: Drift) -> Finding:
    column, detail = drift.column, drift.detail
    match drift.code:
        case "column_missing":
            return _finding(
                supply,
                drift.code,
                column,
                "error",
                f"column {column} is missing: {detail}",
                f"源表缺少列 {column}",
            )
        case "column_unknown":
            return _finding(
                supply,
                drift.code,
                column,
                "error",
                f"column {column} is in no contract: {detail}",
                f"列 {column} 不在契约之内",
            )
        case "column_alias":
            return _finding(
                supply,
                drift.code,
                column,
                "info",
                f"column {column} goes by an alias: {detail}",
                f"列 {column} 以别名出现",
            )
        case _:
            return _finding(
                supply,
                drift.code,
                column,
                "error",
                f"column {column} changed its type: {detail}",
                f"列 {column} 的类型与契约不符（{detail}）",
            )


def _missing(supply: Supply, error: SourceMissing) -> Finding:
    return _finding(
        supply,
        "table_missing",
        "",
        "error",
        f"{supply.physical_name} is not there: {error}",
        f"源端没有 {supply.physical_name}",
    )


def _unreadable(supply: Supply, error: SourceError) -> Finding:
    return _finding(
        supply,
        "unreadable",
        "",
        "error",
        f"the front end could not be read: {error}",
        "前置节点无法读取",
    )
