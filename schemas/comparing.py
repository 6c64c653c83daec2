"""Compares two catalogs, or two contracts, given as paths."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from schemas.catalog import load_catalog
from schemas.contract import Catalog, Dataset, Table
from schemas.drafts import read_contract
from schemas.evolution import Change, Diff, Level, compare


def compare_paths(
    old: Path, new: Path, home: Path | None = None, environ: Mapping[str, str] = os.environ
) -> list[Diff]:
    """Every contract that differs; both paths are catalog folders, or both are contracts.

    Raises `CatalogInvalid` when one of them is not sound.
    """
    if old.is_dir() and new.is_dir():
        return compare_catalogs(load_catalog(old, home, environ), load_catalog(new, home, environ))
    before, after = read_contract(old), read_contract(new)
    diff = compare(before, after)
    return [diff] if diff.changes or before.version != after.version else []


def compare_catalogs(old: Catalog, new: Catalog) -> list[Diff]:
    """Every contract that is new, gone or different, datasets first, then by name."""
    before: dict[str, Table] = {**old.datasets, **old.supplies}
    after: dict[str, Table] = {**new.datasets, **new.supplies}
    diffs = []
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was is not None and now is not None:
            diff = compare(was, now, old.codelists, new.codelists)
            if diff.changes or was.version != now.version:
                diffs.append(diff)
        elif now is not None:
            diffs.append(Diff(name, None, now.version, (_added(now),)))
        elif was is not None:
            diffs.append(Diff(name, was.version, None, (_removed(was),)))
    return diffs


def _noun(table: Table) -> tuple[str, str]:
    return ("dataset", "数据集") if isinstance(table, Dataset) else ("supply", "归集资源")


def _added(table: Table) -> Change:
    en, zh = _noun(table)
    return Change(
        "contract_added", "", Level.MINOR, f"the {en} is new", f"新增{zh}（{table.title}）"
    )


def _removed(table: Table) -> Change:
    en, zh = _noun(table)
    return Change(
        "contract_removed", "", Level.MAJOR, f"the {en} was removed", f"删除{zh}（{table.title}）"
    )
