"""Cross-checks, findings and policies on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.ledger.finding_life import yuan
from hub.summary import Asked

STATUS = {
    "ran": "ran 已运行",
    "unchanged": "unchanged 无变化",
    "waits": "waits 等待",
    "failed": "failed 失败",
}
COLUMNS = {
    "name": "question 模型",
    "status": "status 状态",
    "result": "result 结果",
}
WORDS = {
    "findings": "found 命中",
    "found": "new 新增",
    "changed": "changed 有变",
    "cleared": "cleared 消除",
    "reopened": "reopened 重现",
    "eligible": "eligible 符合",
    "not_eligible": "not eligible 不符合",
    "unknown": "unknown 无法判断",
    "asked": "asked 本次计算",
    "carried": "carried over 沿用",
}


def question_rows(questions: Iterable[Asked]) -> list[dict[str, str]]:
    """One line per question: what came of it in words."""
    rows = []
    for asked in questions:
        told = ", ".join(f"{count:,} {WORDS.get(k, k)}" for k, count in asked.counts.items())
        if asked.lacking:
            told = f"no release or batch yet 尚无数据: {', '.join(asked.lacking)}"
        rows.append(
            {"name": asked.name, "status": STATUS[asked.status], "result": asked.message or told}
        )
    return rows


def money(fen: int | None) -> str:
    """An amount in yuan, or nothing."""
    return "" if fen is None else yuan(fen)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Label and value, one a line."""
    for name, value in facts.items():
        if value not in (None, ""):
            print(f"{name:<22}{value}")
