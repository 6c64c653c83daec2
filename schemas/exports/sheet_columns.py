"""Which columns the 目录 spreadsheet has, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from schemas.exports.resources import Resource

Kind = Literal["text", "number", "flag", "share", "open", "cycle", "level", "mode", "format"]


@dataclass(frozen=True)
class Column:
    """One column; `derive` makes a column that is shown and never read back."""

    heading: str
    attribute: str | None
    kind: Kind = "text"
    width: int = 14
    of_resource: bool = False
    derive: Callable[[Resource], str] | None = None


def _part(start: int, end: int | None) -> Callable[[Resource], str]:
    """A part of the 分类码 in front of the slash."""
    return lambda resource: resource.code.partition("/")[0][start:end]


RESOURCE_COLUMNS = (
    Column("类", None, width=5, derive=_part(0, 1)),
    Column("项", None, width=5, derive=_part(1, 3)),
    Column("目", None, width=6, derive=_part(3, 6)),
    Column("细目", None, width=8, derive=_part(6, None)),
    Column("信息资源名称", "title", width=26),
    Column("信息资源代码", "code", width=18),
    Column("信息资源提供方", "provider", width=20),
    Column("提供方代码", "provider_code", width=22),
    Column("信息资源摘要", "summary", width=44),
    Column("信息资源格式", "resource_format", "format"),
    Column("共享类型", "share_type", "share", 13),
    Column("共享条件", "share_condition", width=36),
    Column("共享方式", "share_mode", "mode", 18),
    Column("开放属性", "open_type", "open", 13),
    Column("开放条件", "open_condition", width=20),
    Column("更新周期", "update_cycle", "cycle", 10),
    Column("发布日期", "published_on", width=12),
    Column("关联资源代码", "related", width=20),
    Column("数据分级", "data_level", "level", 10),
    Column("关键字", "keywords", width=20),
    Column("数据契约", "contract", width=28),
    Column("契约版本", "version", width=10),
)

ITEM_COLUMNS = (
    Column("数据契约", "contract", width=28, of_resource=True),
    Column("信息资源名称", None, width=26, derive=lambda resource: resource.title),
    Column("序号", None, width=6),
    Column("信息项名称", "title", width=22),
    Column("信息项标识", "name", width=22),
    Column("数据类型", "data_type", width=12),
    Column("数据长度", "length", "number", 10),
    Column("共享类型", "share_type", "share", 13),
    Column("共享条件", "share_condition", width=36),
    Column("开放属性", "open_type", "open", 13),
    Column("敏感", "sensitive", "flag", 6),
    Column("主键", "key", "flag", 6),
    Column("时间戳", "timestamp", "flag", 8),
    Column("必填", "required", "flag", 6),
    Column("代码表", "codelist", width=18),
    Column("说明", "description", width=36),
)
