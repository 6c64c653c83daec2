"""The states and acts of an objection in both languages."""

from __future__ import annotations

STATES = {
    "filed": "filed 待核实",
    "upheld": "upheld 属实待更正",
    "rejected": "rejected 核实无误",
    "disputed": "disputed 有争议",
    "mended": "mended 已更正",
    "dismissed": "dismissed 维持原值",
    "withdrawn": "withdrawn 已撤回",
}
ACTS = {
    "file": "filed 提出",
    "uphold": "upheld 认定属实",
    "reject": "rejected 认定无误",
    "dispute": "disputed 提出争议",
    "overturn": "overturned 改判属实",
    "dismiss": "dismissed 维持原值",
    "withdraw": "withdrawn 撤回",
    "mend": "mended by a release 由版本更正",
    "lapse": "not disputed in time 逾期未争议",
}
