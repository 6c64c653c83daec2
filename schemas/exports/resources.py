"""The catalog in the terms of the 2017 guide: resources (信息资源) and items (信息项)."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.contract import Catalog, Dataset, Field, Supply
from schemas.exports.names import data_type
from schemas.properties import DataLevel, OpenType, ShareType, UpdateCycle

_BYTES_PER_CHARACTER = 4  # UTF-8 at most; 数据长度 counts bytes, not characters
_FIXED_BYTES = {"D": 10, "T": 26, "L": 1, "I": 8, "B": 8}


@dataclass(frozen=True)
class Item:
    """One 信息项."""

    name: str  # field name
    title: str
    data_type: str
    length: int | None  # bytes
    share_type: ShareType
    share_condition: str
    open_type: OpenType
    sensitive: bool
    key: bool
    timestamp: bool
    required: bool
    codelist: str
    description: str


@dataclass(frozen=True)
class Resource:
    """One 信息资源 with its core metadata (核心元数据)."""

    contract: str
    version: str
    title: str
    code: str
    provider: str
    provider_code: str
    summary: str
    resource_format: str
    share_type: ShareType
    share_condition: str
    share_mode: str
    open_type: OpenType
    open_condition: str
    update_cycle: UpdateCycle
    published_on: str
    related: str
    data_level: DataLevel
    keywords: str
    items: tuple[Item, ...]


def resources(catalog: Catalog) -> tuple[Resource, ...]:
    """All contracts as resources: datasets first, then supplies by name."""
    tables: list[Supply | Dataset] = [*catalog.datasets.values(), *catalog.supplies.values()]
    return tuple(_resource(table) for table in tables)


def _resource(table: Supply | Dataset) -> Resource:
    directory = table.properties.directory
    department = table.department if isinstance(table, Supply) else None
    published = directory.published_on
    return Resource(
        contract=table.name,
        version=table.version,
        title=table.title,
        code=directory.resource_code or "",
        provider=department.title.zh if department else "大数据主管部门",
        provider_code=(department.code or "") if department else "",
        summary=table.description or "",
        resource_format=directory.resource_format,
        share_type=directory.share_type,
        share_condition=_condition(directory.share_type, directory.share_condition),
        share_mode=directory.share_mode,
        open_type=directory.open_type,
        open_condition=directory.open_condition or "",
        update_cycle=directory.update_cycle,
        published_on=published.isoformat() if published else "",
        related=" ".join(directory.related_resources),
        data_level=directory.data_level,
        keywords=" ".join(directory.keywords),
        items=tuple(_item(table, field) for field in table.fields),
    )


def _condition(share: ShareType, condition: str | None) -> str:
    """The guide wants 无条件 written out where nothing is asked."""
    return "无条件" if share is ShareType.UNCONDITIONAL else condition or ""


def _item(table: Supply | Dataset, field: Field) -> Item:
    directory, own = table.properties.directory, field.properties
    share = own.share_type or directory.share_type
    condition = own.share_condition
    if condition is None and share is directory.share_type:
        condition = directory.share_condition
    watermark = table.pull.watermark if isinstance(table, Supply) else None
    letter = data_type(field.type, own.unit)
    return Item(
        name=field.name,
        title=field.title,
        data_type=letter,
        length=_bytes(field, letter[-1]),
        share_type=share,
        share_condition=_condition(share, condition),
        open_type=own.open_type or directory.open_type,
        sensitive=field.sensitive,
        key=field.key_position is not None,
        timestamp=field.name == watermark,
        required=field.required,
        codelist=own.codelist or "",
        description=field.description or "",
    )


def _bytes(field: Field, letter: str) -> int | None:
    if letter in {"N", "Y"}:
        return field.type.precision
    if letter == "C" and field.max_length:
        return field.max_length * _BYTES_PER_CHARACTER
    return _FIXED_BYTES.get(letter)
