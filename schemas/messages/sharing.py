"""Findings about sharing.yaml, officers, inboxes and the rule sets of clocks."""

from __future__ import annotations

from schemas.messages.message import Message, warning

SHARING = {
    "clocks_name": Message(
        "the file is {file}.yaml; by its name and first day it must be {name}.yaml",
        "文件名为 {file}.yaml；按其名称和施行日期应为 {name}.yaml",
    ),
    "clocks_unknown": Message(
        "there are no clock rules called {name}{hint_en}", "没有名为 {name} 的时限规则{hint_zh}"
    ),
    "supervisor_unknown": Message(
        "the supervising department {name} is not in departments/{hint_en}",
        "departments/ 中没有共享主管部门 {name}{hint_zh}",
    ),
    "supervisor_lacking": Message(
        "{name} supervises sharing and has no officer with the role supervisor",
        "{name} 是共享主管部门，却没有角色为 supervisor 的经办人",
    ),
    "supervisor_elsewhere": warning(
        "{officer} is a supervisor, but {name} does not supervise sharing: the role has no effect",
        "{officer} 的角色为 supervisor，但 {name} 不是共享主管部门，该角色不起作用",
    ),
    "sharing_missing": warning(
        "departments have officers, but without sharing.yaml nobody supervises sharing",
        "部门已有经办人，但没有 sharing.yaml，无人主管共享",
    ),
    "provider_unknown": Message(
        "the provider {name} is not in departments/{hint_en}",
        "departments/ 中没有提供部门 {name}{hint_zh}",
    ),
    "approver_lacking": warning(
        "{name} decides on requests for {dataset} and has no officer with the role approver",
        "{name} 负责审批 {dataset} 的共享申请，却没有角色为 approver 的经办人",
    ),
    "officer_name": Message(
        "an officer's name has 1 to {most} characters, without spaces at its ends, and is not "
        "{reserved!r}",
        "经办人姓名为 1 至 {most} 个字符，首尾无空格，且不得为 {reserved!r}",
    ),
    "inbox_url": Message(
        "the hub cannot push to {found!r}; it knows: {expected}",
        "平台无法推送到 {found!r}；可用的地址类型：{expected}",
    ),
}
