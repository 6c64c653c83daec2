"""The levels of agreement of each kind, from best to worst, with what is expected of them.

Conditions are SQL over the prepared columns of two profiles, `{p}_l` and `{p}_r` and so on; the
first that holds counts. `m` is the share of a level among pairs that are one entity, as a start of
the estimation and for data too few to learn from.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.linkage.prepare import BITS, WORDED
from hub.linkage.specification import Compared, Specification
from schemas.linkage import Kind


@dataclass(frozen=True)
class Agreement:
    """One level: its condition, its share among matches to begin with, and its name in words."""

    sql: str
    m: float
    zh: str
    en: str
    frequency: bool = False  # the rarer the value, the more it says


EXACT = "{p}_l = {p}_r"


def _edit(limit: int, guard: float) -> str:
    """Few typing mistakes; the cheap similarity spares the dear one for most pairs."""
    return (
        f"(abs(length({{p}}_l) - length({{p}}_r)) <= {limit} "
        f"AND jaro_similarity({{p}}_l, {{p}}_r) >= {guard} "
        f"AND damerau_levenshtein({{p}}_l, {{p}}_r) <= {limit})"
    )


def _alike(least: float) -> str:
    return f"jaro_winkler_similarity({{p}}_l, {{p}}_r) >= {least}"


_DICE = "{d}"
_INSIDE = "(least(len({t}_l), len({t}_r)) >= 2 AND {i} >= 0.9)"
_NUMBERS = "(len({n}_l) = 0 OR len({n}_r) = 0 OR list_has_any({n}_l, {n}_r))"
_SAME_NUMBERS = "{n}_l = {n}_r"
_INITIAL = (
    "(left({p}_l, 1) = left({p}_r, 1) AND (length({p}_l) = 1 OR length({p}_r) = 1 "
    "OR starts_with({p}_l, {p}_r) OR starts_with({p}_r, {p}_l)))"
)
_PART = (
    "(contains({p}_l || {p}_r, ' ') AND len(list_intersect(string_split({p}_l, ' '), "
    "string_split({p}_r, ' '))) >= least(len(string_split({p}_l, ' ')), "
    "len(string_split({p}_r, ' '))))"
)
_SHARED_PART = (
    "(contains({p}_l || {p}_r, ' ') AND "
    "list_has_any(string_split({p}_l, ' '), string_split({p}_r, ' ')))"
)

_KINDS: dict[Kind, tuple[Agreement, ...]] = {
    "person_name": (
        Agreement(EXACT, 0.74, "姓名相同", "same name", True),
        Agreement("{k}_l = {k}_r", 0.02, "姓名各部分相同，次序不同", "same parts, other order"),
        Agreement(
            f"CASE WHEN {{c}}_l THEN length({{p}}_l) >= 3 AND {_edit(1, 0.6)} "
            f"ELSE {_alike(0.92)} END",
            0.11,
            "仅有一处书写差异",
            "one slip of the pen",
        ),
        Agreement(
            f"NOT {{c}}_l AND ({_INITIAL} OR {_PART})",
            0.03,
            "缩写或部分姓名",
            "initial or part of the name",
        ),
        Agreement(f"NOT {{c}}_l AND {_alike(0.85)}", 0.03, "姓名相近", "similar names"),
        Agreement(
            f"NOT {{c}}_l AND {_SHARED_PART}", 0.01, "姓名有一部分相同", "one part in common"
        ),
        Agreement("ELSE", 0.06, "姓名不同", "different names"),
    ),
    "organisation_name": (
        Agreement(
            EXACT, 0.60, "名称相同（不计组织形式）", "same name but for the legal form", True
        ),
        Agreement(
            f"{_DICE} >= 0.9 OR {_alike(0.96)}", 0.12, "名称几乎相同", "almost the same name"
        ),
        Agreement(
            f"{_DICE} >= 0.7 OR {_INSIDE} OR {_alike(0.92)}",
            0.12,
            "名称大部分相同",
            "most of the name agrees",
        ),
        Agreement(
            f"{_DICE} >= 0.5 OR {_alike(0.87)}", 0.07, "名称有相近之处", "much of the name agrees"
        ),
        Agreement(f"{_DICE} >= 0.3", 0.04, "名称略有相同", "some of the name agrees"),
        Agreement("ELSE", 0.05, "名称不同", "different names"),
    ),
    "identifier": (
        Agreement(EXACT, 0.90, "号码相同", "same number", True),
        Agreement(_edit(1, 0.7), 0.05, "号码仅有一处录入差异", "one typing mistake apart"),
        Agreement(_edit(2, 0.7), 0.02, "号码有两处录入差异", "two typing mistakes apart"),
        Agreement("ELSE", 0.03, "号码不同", "different numbers"),
    ),
    "date": (
        Agreement(EXACT, 0.86, "日期相同", "same date", True),
        Agreement(
            "(left({p}_l, 4) = left({p}_r, 4) AND substr({p}_l, 5, 2) = substr({p}_r, 7, 2) "
            f"AND substr({{p}}_l, 7, 2) = substr({{p}}_r, 5, 2)) OR {_edit(1, 0.8)}",
            0.08,
            "日月颠倒或仅有一位数字不同",
            "day and month swapped, or one digit wrong",
        ),
        Agreement(
            "(left({p}_l, 6) = left({p}_r, 6)) OR (substr({p}_l, 5) = substr({p}_r, 5)) OR "
            "(left({p}_l, 4) = left({p}_r, 4) AND right({p}_l, 2) = right({p}_r, 2))",
            0.03,
            "年、月、日中有两项相同",
            "two of year, month and day agree",
        ),
        Agreement("left({p}_l, 4) = left({p}_r, 4)", 0.01, "年份相同", "same year"),
        Agreement("ELSE", 0.02, "日期不同", "different dates"),
    ),
    "address": (
        Agreement(EXACT, 0.50, "地址相同", "same address", True),
        Agreement(
            f"{_DICE} >= 0.8 AND {_SAME_NUMBERS}",
            0.10,
            "地址几乎相同，门牌相同",
            "almost the same address, same numbers",
        ),
        Agreement(
            f"({_DICE} >= 0.5 OR {_INSIDE} OR {_alike(0.92)}) AND {_NUMBERS}",
            0.14,
            "地址大部分相同",
            "most of the address agrees",
        ),
        Agreement(
            f"{_DICE} >= 0.5 OR {_alike(0.9)}",
            0.05,
            "同一地点，门牌不同",
            "same place, other number",
        ),
        Agreement(f"{_DICE} >= 0.25", 0.06, "地址略有相同", "some of the address agrees"),
        Agreement("ELSE", 0.15, "地址不同", "different addresses"),
    ),
    "phone": (
        Agreement(EXACT, 0.75, "电话相同", "same phone", True),
        Agreement(
            "length({p}_l) >= 7 AND length({p}_r) >= 7 AND right({p}_l, 7) = right({p}_r, 7)",
            0.05,
            "电话后七位相同",
            "same last seven digits",
        ),
        Agreement(_edit(1, 0.8), 0.05, "电话仅有一位不同", "one digit apart"),
        Agreement("ELSE", 0.15, "电话不同", "different phones"),
    ),
    "code": (
        Agreement(EXACT, 0.90, "代码相同", "same code", True),
        Agreement(
            f"length({{p}}_l) >= 4 AND {_edit(1, 0.6)}",
            0.03,
            "代码仅有一位不同",
            "one character apart",
        ),
        Agreement("ELSE", 0.07, "代码不同", "different codes"),
    ),
    "number": (
        Agreement(EXACT, 0.82, "数值相同", "same number", True),
        Agreement(
            "abs({p}_l - {p}_r) <= 0.001 * greatest(abs({p}_l), abs({p}_r)) OR "
            "(abs({p}_l - {p}_r) = 1 AND floor({p}_l) = {p}_l AND floor({p}_r) = {p}_r)",
            0.05,
            "数值几乎相同",
            "almost the same number",
        ),
        Agreement(
            "abs({p}_l - {p}_r) <= 0.01 * greatest(abs({p}_l), abs({p}_r))",
            0.04,
            "数值相差百分之一以内",
            "within one per cent",
        ),
        Agreement(
            "abs({p}_l - {p}_r) <= 0.1 * greatest(abs({p}_l), abs({p}_r))",
            0.04,
            "数值相差百分之十以内",
            "within ten per cent",
        ),
        Agreement("ELSE", 0.05, "数值不同", "different numbers"),
    ),
    "text": (
        Agreement(EXACT, 0.50, "内容相同", "same text", True),
        Agreement(
            f"{_DICE} >= 0.8 OR {_alike(0.95)}", 0.16, "内容几乎相同", "almost the same text"
        ),
        Agreement(
            f"{_DICE} >= 0.6 OR {_INSIDE} OR {_alike(0.9)}",
            0.12,
            "内容大部分相同",
            "most of the text agrees",
        ),
        Agreement(f"{_DICE} >= 0.4", 0.08, "内容有相近之处", "much of the text agrees"),
        Agreement(f"{_DICE} >= 0.2", 0.05, "内容略有相同", "some of the text agrees"),
        Agreement("ELSE", 0.09, "内容不同", "different text"),
    ),
}


def agreements(spec: Specification, field: Compared) -> tuple[Agreement, ...]:
    """The levels of one field; names in several columns may have been swapped with each other."""
    levels = _KINDS[field.kind]
    others = [other.place for other in spec.of("person_name") if other.place != field.place]
    if field.kind != "person_name" or not others:
        return levels
    swapped = " OR ".join(
        f"(jaro_winkler_similarity({{p}}_l, p{o}_r) >= 0.85 "
        f"AND jaro_winkler_similarity({{p}}_r, p{o}_l) >= 0.85 "
        f"AND jaro_winkler_similarity({{p}}_l, {{p}}_r) < 0.85)"
        for o in others
    )
    order = levels[1]
    return (
        levels[0],
        Agreement(f"({order.sql}) OR {swapped}", order.m, order.zh, order.en),
        *levels[2:],
    )


def nothing(field: Compared) -> str:
    """SQL: there is nothing to compare, a value is missing or the scripts differ."""
    missing = "{p}_l IS NULL OR {p}_r IS NULL"
    return f"{missing} OR {{c}}_l <> {{c}}_r" if field.kind == "person_name" else missing


def shared(field: Compared) -> str:
    """SQL of what a field's levels look at more than once: the share of words in common, `d` of
    the words of both and `i` of those of the shorter one, by weight."""
    if field.kind not in WORDED:
        return ""
    common = f"list_sum([x & {(1 << BITS) - 1} FOR x IN list_intersect(l.{{t}}, r.{{t}})])"
    same = f"CASE WHEN l.{{p}} = r.{{p}} THEN l.{{w}} ELSE {common} END"
    sql = f", coalesce({same}, 0) AS {{s}}, 2.0 * {{s}} / (l.{{w}} + r.{{w}}) AS {{d}}"
    return filled(f"{sql}, {{s}} / least(l.{{w}}, r.{{w}}) AS {{i}}", field)


def columns(field: Compared) -> tuple[str, ...]:
    """The prepared columns of a field that its levels look at."""
    letters = {"person_name": "pkc", "address": "ptn"}
    return tuple(
        f"{x}{field.place}" for x in letters.get(field.kind, "pt" if field.kind in WORDED else "p")
    )


def filled(sql: str, field: Compared) -> str:
    """A condition with the columns of one field in it."""
    for letter in "pkcntwsdi":
        sql = sql.replace(f"{{{letter}}}", f"{letter}{field.place}")
    return sql
