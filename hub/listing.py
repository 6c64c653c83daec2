"""The catalog as tables for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.contract import Catalog, Dataset, Field, Supply, Table


@dataclass(frozen=True)
class Detail:
    """One thing in full: facts by name, then rows under headings."""

    facts: dict[str, Any]
    rows: list[dict[str, Any]]
    columns: dict[str, str]


def listing(catalog: Catalog) -> list[dict[str, Any]]:
    """One row for each contract: datasets first, then supplies by name."""
    rows = [_row(dataset, "dataset", "") for dataset in catalog.datasets.values()]
    for supply in catalog.supplies.values():
        rows.append(_row(supply, "supply", supply.department.title.zh))
    return rows


def _row(table: Supply | Dataset, kind: str, provider: str) -> dict[str, Any]:
    directory = table.properties.directory
    return {
        "name": table.name,
        "kind": kind,
        "title": table.title,
        "version": table.version,
        "provider": provider,
        "code": directory.resource_code or "",
        "share": str(directory.share_type),
        "cycle": str(directory.update_cycle),
        "fields": len(table.fields),
    }


def detail(catalog: Catalog, name: str) -> Detail | None:
    """A supply, dataset, department or code list by name; None: there is no such thing."""
    if name in catalog.supplies:
        return _table(catalog.supplies[name])
    if name in catalog.datasets:
        return _table(catalog.datasets[name])
    if name in catalog.codelists:
        columns = dict.fromkeys(
            ("code", "canonical", "label", "label_en", "kind", "valid_from", "valid_to"), ""
        )
        codes = catalog.codelists[name].codes
        rows = [{key: getattr(code, key) for key in columns} for code in codes]
        return Detail({"code list 代码表": name}, rows, {key: key for key in columns})
    if name in catalog.departments:
        return _department(catalog, name)
    return None


def _department(catalog: Catalog, name: str) -> Detail:
    department = catalog.departments[name]
    facts: dict[str, Any] = {
        "department 部门": f"{department.title.zh} {department.title.en}",
        "code 统一社会信用代码": department.code,
        "division 区划": department.division,
        "contact 联系人": department.contact,
    }
    if node := department.node:
        # Only the kind of node is shown: an address carries a user name.
        facts["node 前置节点"] = node.url.partition("://")[0]
        facts["allowed hours 允许时段"] = node.allowed_hours
    supplies = [s for s in catalog.supplies.values() if s.department.name == name]
    columns = {"name": "supply 归集资源", "title": "name 名称", "version": "version"}
    return Detail(facts, [_row(supply, "supply", name) for supply in supplies], columns)


def _table(table: Table) -> Detail:
    assert isinstance(table, Supply | Dataset)
    directory = table.properties.directory
    facts: dict[str, Any] = {
        "contract 契约": f"{table.name} {table.version} ({table.status})",
        "name 名称": f"{table.title} · {table.title_en}",
        "purpose 摘要": table.description,
        "code 资源代码": directory.resource_code,
        "sharing 共享": f"{directory.share_type}: {directory.share_condition or '-'}",
        "opening 开放": directory.open_type,
        "update cycle 更新周期": directory.update_cycle,
        "table 源表": table.physical_name,
    }
    if isinstance(table, Supply):
        facts["provider 提供方"] = table.department.title.zh
        facts["pull 抽取"] = table.pull.mode
    else:
        facts["sources 来源"] = ", ".join(table.supplies)
    columns = {
        "name": "field 字段",
        "title": "name 名称",
        "type": "type 类型",
        "rules": "promises 承诺",
        "column": "column 源列",
    }
    return Detail(facts, [_field(field) for field in table.fields], columns)


def _field(field: Field) -> dict[str, Any]:
    promises = [
        f"key {field.key_position}" if field.key_position else "",
        "required" if field.required else "",
        "unique" if field.unique else "",
        f"code list {field.properties.codelist}" if field.properties.codelist else "",
        f"identifier {field.properties.identifier}" if field.properties.identifier else "",
        "sensitive" if field.sensitive else "",
    ]
    return {
        "name": field.name,
        "title": field.title,
        "type": field.physical_type or str(field.type.logical),
        "rules": ", ".join(filter(None, promises)),
        "column": field.column,
    }
