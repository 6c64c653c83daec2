"""What each item says, in Chinese and English: the rule's words, its standard, how to mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.orders.desk import Desk
from hub.orders.rows import QUARANTINE, RELEASE, TABLE, checked_in
from quality.messages import clause, mend

KINDS: dict[str, tuple[str, str, str, str]] = {
    "value_conflict": (
        "{field}：与其他部门的值不一致",
        "{field}: differs from another department's value",
        "请核对原始材料：有误的请在源头更正；无误的请回复“确认”，并说明依据。",
        "Check your files: mend it at the source, or confirm the value and say why.",
    ),
    "identity_conflict": (
        "{field}：同一号码下登记了明显不同的对象",
        "{field}: the number belongs to somebody clearly different",
        "请核对该记录的号码是否录错。",
        "Check whether the number was typed in wrongly.",
    ),
    "possible_duplicate": (
        "{field}：疑似同一对象使用了两个号码",
        "{field}: seemingly one and the same under two numbers",
        "请核对是否重复登记；号码有误的请更正，确为两个对象的请回复“确认”。",
        "Check whether it was registered twice; if they really are two, confirm it.",
    ),
    "duplicate_in_supply": (
        "同一对象在本资源中出现多次",
        "the same one stands in this supply several times",
        "请保留一条，删除或合并其余记录。",
        "Keep one row; delete or merge the others.",
    ),
    "no_key": (
        "{field}：号码缺失或不是有效号码",
        "{field}: the number is missing or is none",
        "请补录正确的号码。",
        "Fill in the right number.",
    ),
    "unresolved_reference": (
        "{field}：所填号码查无此人或此单位",
        "{field}: the number leads to nobody known",
        "请核对所填号码。",
        "Check the number.",
    ),
    "unfit_reference": (
        "{field}：所填号码指向不应引用的对象（如已注销单位）",
        "{field}: the number leads to one that must not be meant, e.g. a cancelled firm",
        "请核对该笔业务的对象是否正确。",
        "Check whom this row is really about.",
    ),
    "balance": (
        "{field}：该科目收支不平",
        "{field}: what came in and what went out of this line do not tie out",
        "请核对该科目的全部入账与出账。",
        "Check everything booked on this line.",
    ),
}


@dataclass(frozen=True)
class RuleWords:
    """One rule in words; `clause` names the standard behind it."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str
    clause: str | None
    severity: str | None
    fields: tuple[str, ...]


def words_of(desk: Desk, shown_in: str) -> dict[str, RuleWords]:
    """The words of all rules of a batch, as they were when it was checked; of a release: {}."""
    if RELEASE in shown_in:
        return {}
    found = {}
    for rule in desk.store.read_json(checked_in(desk, shown_in).report)["rules"]:
        kwargs = rule["expectation"].get("kwargs", {})
        found[rule["rule_id"]] = RuleWords(
            zh=rule["message"]["zh"],
            en=rule["message"]["en"],
            mend_zh=mend(rule["code"], "zh"),
            mend_en=mend(rule["code"], "en"),
            clause=clause(rule["code"], kwargs),
            severity=rule["severity"],
            fields=tuple(rule["fields"]),
        )
    return found


def kind_words(kind: str, field: str | None) -> RuleWords:
    """The words of a kind of discrepancy."""
    zh, en, mend_zh, mend_en = KINDS.get(kind, ("{field}：{kind}", "{field}: {kind}", "", ""))
    values: dict[str, Any] = {"field": field or "", "kind": kind}
    return RuleWords(
        zh.format(**values),
        en.format(**values),
        mend_zh,
        mend_en,
        None,
        None,
        (field,) if field else (),
    )


def about_rows(kind: str) -> bool:
    """Whether an item of this kind names rules; the others are named by their kind."""
    return kind in (QUARANTINE, TABLE)
