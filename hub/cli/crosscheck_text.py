"""Cross-checks, findings and policies on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hub.cli.context import Context
from hub.ledger.finding_life import yuan
from hub.summary import Asked

if TYPE_CHECKING:
    from hub.report.findings.document import FindingsDocument

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
        # What an older run asked and carried over is no news of this one.
        hidden = ("asked", "carried") if asked.status == "unchanged" else ()
        told = ", ".join(
            f"{count:,} {WORDS.get(k, k)}" for k, count in asked.counts.items() if k not in hidden
        )
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


def print_check(context: Context, found: dict[str, Any]) -> None:
    """Print one cross-check."""
    run = found["run"]
    print_facts(
        {
            "cross-check 比对模型": f"{found['name']} {found['version']}",
            "title 名称": f"{found['title']['zh']} {found['title']['en']}",
            "question 问题": found["question"]["zh"],
            "": found["question"]["en"],
            "reads 读取": ", ".join([*found["datasets"], *found["supplies"]]),
            "key 标识": ", ".join(found["key"]),
            "severity 级别": found["severity"],
            "last run 最近运行": run and f"{run['at']:%Y-%m-%d %H:%M} UTC, {run['findings']} found",
            "fault 故障": found["fault"],
        }
    )
    for basis in found["legalBasis"]:
        print(f"{'basis 依据':<20}{basis['zh']} {basis['en']}")
    print(f"\n{found['sql'].strip()}\n")
    context.show(
        [
            {**tally, "stake": money(tally["amount_fen"]), "back": money(tally["recovered_fen"])}
            for tally in found["tallies"]
        ],
        {
            "department": "department 责任部门",
            "state": "state 状态",
            "findings": "findings",
            "stake": "yuan at stake 涉及金额",
            "back": "recovered 已追回",
            "overdue": "overdue 逾期",
        },
        "Findings 命中",
    )


def print_finding(context: Context, found: dict[str, Any]) -> None:
    """Print one finding with its evidence and its history."""
    department = found["department_title"] or {}
    title = found["title"] or {}
    print_facts(
        {
            "finding 编号": found["id"],
            "cross-check 比对模型": " ".join([found["crosscheck"], *title.values()]),
            "department 责任部门": " ".join([found["department"], *department.values()]),
            "state 状态": found["state"],
            "yuan at stake 涉及金额": money(found["amount_fen"]),
            "recovered 已追回": money(found["recovered_fen"]),
            "due 期限": found["due_on"]
            and f"{found['due_on']}{'  overdue 逾期' * found['overdue']}",
        }
    )
    context.show(
        found["evidence"],
        {"zh": "evidence 证据", "en": "", "value": "value 值", "source_zh": "source 来源"},
        "\nEvidence 证据",
    )
    context.show(
        [
            {**event, "amount": money(event["recovered_fen"] or event["amount_fen"])}
            for event in found["history"]
        ],
        {
            "at": "at",
            "by": "by",
            "kind": "event 事件",
            "state": "state 状态",
            "amount": "yuan 元",
            "reason": "reason 理由",
        },
        "\nHistory 经过",
    )


def print_standing(context: Context, document: FindingsDocument) -> None:
    """Print the figures of a report of findings."""
    context.show(
        [
            {
                "name": line.name,
                "title": f"{line.title.zh} {line.title.en}",
                "findings": line.stands.findings,
                "unanswered": line.stands.unanswered,
                "overdue": line.stands.overdue,
                "stake": money(line.stands.amount_fen),
                "back": money(line.stands.recovered_fen),
            }
            for line in document.checks
        ],
        {
            "name": "cross-check 比对模型",
            "title": "title 名称",
            "findings": "found 命中",
            "unanswered": "open 未结",
            "overdue": "overdue 逾期",
            "stake": "yuan at stake 涉及金额",
            "back": "recovered 已追回",
        },
        f"{document.title.zh} · {document.title.en}",
    )
