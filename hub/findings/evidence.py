"""The evidence of a finding: values from the store, each with where it was taken from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from hub.crosscheck.check import FINDING
from hub.ledger.findings import run_of
from hub.opened import Hub
from hub.store import Store, identifier, literal
from schemas.contract import Catalog, Supply, Table
from schemas.crosscheck import Column, Crosscheck

HIDDEN = "＊＊＊"
"""Stands for a sensitive value that nobody asked to see."""


@dataclass(frozen=True)
class Piece:
    """One value of evidence with its words; `source` names department, table and field."""

    name: str
    zh: str
    en: str
    value: str | None
    sensitive: bool
    source: str | None
    source_zh: str
    source_en: str


def evidence_of(hub: Hub, check: Crosscheck, row: Row[Any], reveal: bool = False) -> list[Piece]:
    """What the last run that found it showed; sensitive values are hidden unless asked for."""
    uri = run_of(hub.ledger, row.last_run).uri
    path = hub.store.path(uri)
    present = columns_of(hub.store, uri)
    named = [name for name in check.evidence if name in present]
    if not named:
        return []
    shown = ", ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in named)
    with hub.store.connect() as connection:
        values = connection.execute(
            f"SELECT {shown} FROM read_parquet({literal(path)}) WHERE {FINDING} = ?", [row.id]
        ).fetchone()
    found = dict(zip(named, values or [None] * len(named), strict=True))
    return [
        _piece(hub.catalog, name, check.evidence[name], value, reveal)
        for name, value in found.items()
    ]


def columns_of(store: Store, uri: str) -> set[str]:
    """The columns of a file of evidence or answers: its question may have others by now."""
    import pyarrow.parquet as pq

    return set(pq.read_schema(store.path(uri)).names)


def _piece(catalog: Catalog, name: str, column: Column, value: str | None, reveal: bool) -> Piece:
    sensitive = is_sensitive(catalog, column)
    shown = HIDDEN if sensitive and value is not None and not reveal else value
    zh, en = source_words(catalog, column.source)
    return Piece(name, column.zh, column.en, shown, sensitive, column.source, zh, en)


def is_sensitive(catalog: Catalog, column: Column) -> bool:
    """As the file says; else as the field that it comes from; without one, yes."""
    if column.sensitive is not None:
        return column.sensitive
    table, field = _field(catalog, column.source)
    if table is None or field not in table.by_name:
        return True
    return table.by_name[field].sensitive


def source_words(catalog: Catalog, source: str | None) -> tuple[str, str]:
    """Department, table and field of a source, in Chinese and English."""
    table, name = _field(catalog, source)
    if table is None:
        return source or "由比对模型得出", source or "worked out by the cross-check"
    field = table.by_name.get(name)
    title, title_en = (field.title, field.properties.title_en or name) if field else (name, name)
    department = table.department.title if isinstance(table, Supply) else None
    zh = [department.zh] if department else []
    en = [department.en] if department else []
    return (
        " · ".join([*zh, table.title, title or name]),
        " · ".join([*en, table.title_en or table.title, title_en]),
    )


def _field(catalog: Catalog, source: str | None) -> tuple[Table | None, str]:
    owner, _, field = (source or "").rpartition(".")
    return catalog.supplies.get(owner) or catalog.datasets.get(owner), field


def latest_rows(rows: Iterable[Row[Any]]) -> dict[str, list[str]]:
    """Run -> ids of the findings that it was the last to find."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.last_run, []).append(row.id)
    return found
