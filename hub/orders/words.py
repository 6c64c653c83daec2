"""What each item says, in Chinese and English: the rule's words, its standard, how to mend."""

from __future__ import annotations

from dataclasses import dataclass

from hub.orders.desk import Desk
from hub.orders.rows import QUARANTINE, RELEASE, TABLE, checked_in
from hub.rule_words import said, titles
from quality.messages import DISCREPANCY, clause, mend, message


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
    """The words of all rules of a batch, with the fields' titles; of a release: {}."""
    if RELEASE in shown_in:
        return {}
    found = {}
    checked = checked_in(desk, shown_in)
    for rule in desk.store.read_json(checked.report)["rules"]:
        expectation = rule["expectation"]
        kwargs = expectation.get("kwargs", {})
        zh, en = said(
            desk.catalog, checked.supply, rule["code"], rule["fields"], kwargs, expectation["type"]
        )
        found[rule["rule_id"]] = RuleWords(
            zh=rule["title"] or zh,
            en=en,
            mend_zh=mend(rule["code"], "zh"),
            mend_en=mend(rule["code"], "en"),
            clause=clause(rule["code"], kwargs),
            severity=rule["severity"],
            fields=tuple(rule["fields"]),
        )
    return found


def kind_words(desk: Desk, dataset: str | None, kind: str, field: str | None) -> RuleWords:
    """The words of a kind of discrepancy, its field's title in front."""
    words = message(DISCREPANCY + kind)
    table = desk.catalog.datasets.get(dataset or "")
    entry = table.by_name.get(field or "") if table else None
    zh, en = titles(entry) if entry else (field, field)
    return RuleWords(
        zh=f"{zh}：{words.zh}" if zh else words.zh,
        en=f"{en}: {words.en}" if en else words.en,
        mend_zh=words.mend_zh,
        mend_en=words.mend_en,
        clause=None,
        severity=None,
        fields=(field,) if field else (),
    )


def about_rows(kind: str) -> bool:
    """Whether an item of this kind names rules; the others are named by their kind."""
    return kind in (QUARANTINE, TABLE)
