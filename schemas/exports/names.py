"""The words of the 目录 for the contract's values, in both languages and in peers' codes."""

from __future__ import annotations

from schemas.contract import FieldType, LogicalType
from schemas.properties import DataLevel, OpenType, ShareType, UpdateCycle

SHARE = {
    ShareType.UNCONDITIONAL: ("无条件共享", "unconditional"),
    ShareType.CONDITIONAL: ("有条件共享", "conditional"),
    ShareType.DENIED: ("不予共享", "denied"),
}
OPEN = {
    OpenType.OPEN: ("无条件开放", "open"),
    OpenType.CONDITIONAL: ("有条件开放", "conditional"),
    OpenType.DENIED: ("不予开放", "denied"),
}
CYCLE = {
    UpdateCycle.REALTIME: ("实时", "real time"),
    UpdateCycle.DAILY: ("每日", "daily"),
    UpdateCycle.WEEKLY: ("每周", "weekly"),
    UpdateCycle.TEN_DAYS: ("每旬", "every ten days"),
    UpdateCycle.MONTHLY: ("每月", "monthly"),
    UpdateCycle.QUARTERLY: ("每季度", "quarterly"),
    UpdateCycle.HALF_YEARLY: ("每半年", "half-yearly"),
    UpdateCycle.YEARLY: ("每年", "yearly"),
    UpdateCycle.IRREGULAR: ("不定期", "irregular"),
    UpdateCycle.NEVER: ("不更新", "never"),
    UpdateCycle.OTHER: ("其他", "other"),
}
LEVEL = {
    DataLevel.GENERAL: ("一般", "general"),
    DataLevel.IMPORTANT: ("重要", "important"),
    DataLevel.CORE: ("核心", "core"),
}
MODE = {
    "database": ("共享平台（库表）", "platform (tables)"),
    "file": ("共享平台（文件）", "platform (files)"),
    "interface": ("共享平台（接口）", "platform (interface)"),
    "mail": ("邮件", "mail"),
    "medium": ("介质", "medium"),
}
FORMAT = {
    "database": ("数据库", "database"),
    "spreadsheet": ("电子表格", "spreadsheet"),
    "file": ("电子文件", "file"),
    "graphic": ("图形图像", "graphic"),
    "stream": ("流媒体", "stream"),
    "selfDescribing": ("自描述格式", "self-describing"),
}

PEERS: dict[str, dict[str, ShareType]] = {
    "words": {zh: value for value, (zh, _) in SHARE.items()},
    "digits123": {
        "1": ShareType.UNCONDITIONAL,
        "2": ShareType.CONDITIONAL,
        "3": ShareType.DENIED,
    },
    "digits010203": {
        "01": ShareType.UNCONDITIONAL,
        "02": ShareType.CONDITIONAL,
        "03": ShareType.DENIED,
    },
    "digits102": {
        "0": ShareType.CONDITIONAL,
        "1": ShareType.UNCONDITIONAL,
        "2": ShareType.DENIED,
    },
}
"""共享类型 as each peer writes it. The same digit means different things in different systems, so
a peer is always named and a raw digit never passed through (standards.md §1)."""


def share_code(value: ShareType, peer: str) -> str:
    """How `peer` writes a 共享类型; raises KeyError for a peer without a map."""
    return next(code for code, meaning in PEERS[peer].items() if meaning is value)


def share_type(code: str, peer: str) -> ShareType:
    """What `peer` means by a code; raises KeyError for an unknown peer or code."""
    return PEERS[peer][code.strip()]


def data_type(kind: FieldType, unit: str | None = None) -> str:
    """数据类型: the letter of the 2017 guide with its Chinese name."""
    match kind.logical:
        case LogicalType.INTEGER:
            return "整型I" if (kind.precision or 0) <= 18 else "数值型N"
        case LogicalType.NUMBER if kind.scale is None and kind.precision is None:
            return "双精度型B"
        case LogicalType.NUMBER:
            return "货币型Y" if unit == "CNY" else "数值型N"
        case LogicalType.DATE:
            return "日期型D"
        case LogicalType.TIMESTAMP:
            return "日期时间型T"
        case LogicalType.BOOLEAN:
            return "逻辑型L"
        case LogicalType.OBJECT | LogicalType.ARRAY:
            return "备注型M"
        case _:
            return "字符型C"
