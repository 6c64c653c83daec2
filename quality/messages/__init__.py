"""What every rule says, in Chinese and English, by rule code or expectation type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quality.messages import batches, cells, contract, discrepancies, identifiers, tables
from quality.messages.message import Language, Message
from quality.rule import Rule

__all__ = [
    "DISCREPANCY",
    "MESSAGES",
    "OTHER",
    "Language",
    "Message",
    "clause",
    "mend",
    "message",
    "says",
    "title",
]

OTHER = Message(
    "{field}：不满足规则 {type}",
    "{field}: does not meet {type}",
    "请按规则说明核对相关记录并更正。",
    "Check the rows against the rule's description and correct them.",
)
DISCREPANCY = "discrepancy."  # begins the code of a kind of discrepancy
ROW = "_row_"  # the field of a fault that belongs to the whole row
LISTED = 8  # values of a set that a sentence names
CODELISTS = {  # standards behind the code lists that every catalog names alike
    "division": "GB/T 2260",
    "divisions": "GB/T 2260",
    "ethnicity": "GB/T 3304",
    "industry": "GB/T 4754-2017",
    "marital_status": "GB/T 2261.2",
    "sex": "GB/T 2261.1",
}


def _catalog() -> dict[str, Message]:
    sections = (
        contract.DERIVED,
        contract.METRICS,
        identifiers.IDENTIFIERS,
        identifiers.WHOLE,
        batches.BATCHES,
        cells.CELLS,
        tables.TABLES,
        discrepancies.DISCREPANCIES,
    )
    messages: dict[str, Message] = {}
    for section in sections:
        if twice := messages.keys() & section.keys():
            raise ValueError(f"messages defined twice: {sorted(twice)}")
        messages |= section
    return messages


MESSAGES = _catalog()


def message(code: str) -> Message:
    """The sentences of a code; general ones where the catalog has none."""
    return MESSAGES.get(code, OTHER)


def title(rule: Rule, language: Language) -> str:
    """The rule's sentence: the contract's own words where it has them."""
    if rule.title and language == "zh":
        return rule.title
    return says(rule.code, rule.fields, rule.kwargs, language, rule.type)


def says(
    code: str, fields: Sequence[str], kwargs: Mapping[str, Any], language: Language, kind: str = ""
) -> str:
    """The catalog's sentence for a rule that is known by code, fields and arguments only."""
    words = message(code)
    return _filled(
        words.zh if language == "zh" else words.en, fields, kwargs, language, kind or code
    )


def mend(code: str, language: Language) -> str:
    """How the department's clerk mends what broke the rule, in one sentence."""
    words = message(code)
    return words.mend_zh if language == "zh" else words.mend_en


def clause(code: str, kwargs: Mapping[str, Any]) -> str | None:
    """The standard behind a rule: that of its kind, or of the code list that it names."""
    return message(code).clause or CODELISTS.get(str(kwargs.get("codelist")))


class _Lenient(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


def _filled(
    template: str, fields: Sequence[str], kwargs: Mapping[str, Any], language: Language, kind: str
) -> str:
    values = _Lenient({name: _text(value, language) for name, value in kwargs.items()})
    table, row = ("表", "整行") if language == "zh" else ("table", "the whole row")
    between = "、" if language == "zh" else ", "
    values |= {
        "field": between.join(row if name == ROW else name for name in fields) or table,
        "type": kind,
        "bounds": _bounds(kwargs, language),
        "greater_zh": "不小于" if kwargs.get("or_equal") else "大于",
        "greater_en": "not less than" if kwargs.get("or_equal") else "greater than",
    }
    return template.format_map(values)


def _text(value: Any, language: Language) -> str:
    if value is None:
        return "…"
    if isinstance(value, list | tuple | set | frozenset):
        shown = [str(one) for one in list(value)[:LISTED]]
        return ("、" if language == "zh" else ", ").join(shown + ["…"] * (len(value) > LISTED))
    return str(value)


def _bounds(kwargs: Mapping[str, Any], language: Language) -> str:
    """A range in words, e.g. `应在 1 至 9 之间`; strict bounds are named so."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    above, below = bool(kwargs.get("strict_min")), bool(kwargs.get("strict_max"))
    if low is not None and high is not None and not above and not below:
        return f"应在 {low} 至 {high} 之间" if language == "zh" else f"between {low} and {high}"
    if language == "zh":
        parts = [f"{'大于' if above else '不小于'} {low}"] * (low is not None)
        parts += [f"{'小于' if below else '不大于'} {high}"] * (high is not None)
        return "应" + (" 且".join(parts) or "在约定的范围之内")
    parts = [f"{'greater than' if above else 'at least'} {low}"] * (low is not None)
    parts += [f"{'less than' if below else 'at most'} {high}"] * (high is not None)
    return " and ".join(parts) or "in its range"
