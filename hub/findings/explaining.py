"""One finding in words: the question, what each source says, the law, what has become of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.ledger.finding_life import yuan

STATES = {
    "open": ("待核实", "open: the department has to look into it"),
    "confirmed": ("已确认", "confirmed"),
    "recovering": ("追回中", "money is being recovered"),
    "recovered": ("已追回", "recovered"),
    "dismissed": ("已排除", "dismissed: there is a reason why it is all right"),
    "cleared": ("已消除", "cleared: no later run found it"),
}
KINDS = {
    "found": ("首次命中", "found"),
    "changed": ("内容有变", "changed"),
    "confirmed": ("部门确认", "confirmed"),
    "recovered": ("追回", "money recovered"),
    "dismissed": ("排除", "dismissed"),
    "cleared": ("不再命中，自动消除", "no longer found: cleared by itself"),
    "reopened": ("再次命中，重新打开", "found again: opened again"),
}


def explained(found: dict[str, Any], language: str) -> Iterator[str]:
    """The lines of one language, of what `finding_shown` gives."""
    zh = language == "zh"
    side = 0 if zh else 1
    title = (found["title"] or {}).get(language, found["crosscheck"])
    yield f"{'比对模型' if zh else 'Cross-check'}: {title} ({found['crosscheck']})"
    if found["question"]:
        yield f"{'问题' if zh else 'Question'}: {found['question'][language]}"
    yield f"{'编号' if zh else 'Finding'}: {found['id'][:12]}…, {STATES[found['state']][side]}"
    name = (found["department_title"] or {}).get(language, found["department"])
    yield f"{'责任部门' if zh else 'Responsible'}: {name}"
    if found["due_on"]:
        late = ("，已逾期" if zh else ", overdue") if found["overdue"] else ""
        yield f"{'办理期限' if zh else 'To be answered by'}: {found['due_on']}{late}"
    if found["amount_fen"] is not None:
        at_stake, back = yuan(found["amount_fen"]), yuan(found["recovered_fen"])
        yield (
            f"涉及金额 {at_stake} 元，已追回 {back} 元"
            if zh
            else f"At stake: {at_stake} yuan; recovered: {back} yuan"
        )
    yield ""
    yield "证据" if zh else "Evidence"
    for piece in found["evidence"]:
        value = piece["value"] if piece["value"] is not None else ("（空）" if zh else "(nothing)")
        source = piece[f"source_{language}"]
        yield f"  {piece[language]}: {value}  ← {source}"
    yield ""
    yield "依据" if zh else "Legal basis"
    for basis in found["legal_basis"]:
        yield f"  {basis[language]}"
    yield ""
    seen = found["seen_in"]
    yield (
        f"最近一次命中：{seen['as_of']}，模型版本 {seen['version']}，读取"
        if zh
        else f"Last found as of {seen['as_of']} by version {seen['version']}, which read"
    )
    for name, stamp in seen["inputs"].items():
        if name not in ("question", "engine", "as_of"):
            yield f"  {name}: {stamp}"
    yield ""
    yield "经过" if zh else "What happened"
    for event in found["history"]:
        yield f"  {_event(event, side)}"


def _event(event: dict[str, Any], side: int) -> str:
    words = KINDS[event["kind"]][side]
    parts = [f"{event['at']:%Y-%m-%d %H:%M} UTC", words]
    if event["recovered_fen"] is not None:
        parts.append(yuan(event["recovered_fen"]))
    elif event["kind"] in ("found", "changed", "reopened") and event["amount_fen"] is not None:
        parts.append(yuan(event["amount_fen"]))
    parts.append(event["by"])
    if event["reason"]:
        parts.append(event["reason"])
    return " · ".join(parts)
