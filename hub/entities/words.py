"""What is said of an entity, in Chinese and English, each sentence in one place."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("实体说明", "Who this is, and why"),
    "entity": ("实体", "Entity"),
    "redirected": (
        "{asked} 已并入 {entity}，以下说明后者。",
        "{asked} was merged into {entity}, of which this speaks.",
    ),
    "lead": (
        "来自 {supplies} 个归集资源的 {records} 条记录被认定为同一对象。",
        "{records} records of {supplies} supplies are held to be one and the same.",
    ),
    "lead_one": (
        "仅有一条记录，来自{supply}。",
        "There is one record, of {supply}.",
    ),
    "records": ("所属记录", "The records"),
    "fields": ("各字段取值及理由", "The values, and why they are these"),
    "links": ("无共同号码而认定为同一对象的依据", "Why records without a common number are one"),
    "near": ("比对过但未合并的其他实体", "Others that were weighed and not joined"),
    "history": ("沿革", "History"),
    "decisions": ("人工决定", "Decisions of stewards"),
    "supply": ("归集资源", "Supply"),
    "department": ("部门", "Department"),
    "source_key": ("来源键", "Source key"),
    "batch": ("批次", "Batch"),
    "because": ("归入依据", "Belongs here because"),
    "field": ("字段", "Field"),
    "value": ("取值", "Value"),
    "from": ("来源", "From"),
    "why": ("理由", "Why"),
    "others": ("其他来源", "What others say"),
    "said": ("各来源的值", "What the sources say"),
    "bits": ("证据（比特）", "Evidence (bits)"),
    "finding": ("比对结果", "Finding"),
    "prior": ("起点", "Start"),
    "kin": ("亲属或关联", "Kin"),
    "total": ("合计", "Total"),
    "threshold": ("认定线", "Match from here"),
    "review_line": ("待核线", "Review from here"),
    "key_shared": (
        "{number} {value}，与{others}相同",
        "bears {number} {value}, like {others}",
    ),
    "key_alone": ("{number} {value}", "bears {number} {value}"),
    "disowned": (
        "{number} {value} 属于另一对象（{entity}），且内容明显矛盾，不作为依据",
        "bears {number} {value}, but contradicts {entity}, whose number it is: no proof",
    ),
    "by_link": (
        "与{other}比对，可能性 {probability}",
        "linked to {other}, probability {probability}",
    ),
    "by_steward": ("经人工确认，与{other}为同一对象", "a steward confirmed it to be {other}"),
    "no_key": ("无有效号码", "has no valid number"),
    "alone": ("独立记录", "stands alone"),
    "changed": ("发布后已有新批次更新该记录", "a later batch has changed the record since"),
    "gone": ("发布后该记录已从来源删除", "the record has left its source since"),
    "authority": (
        "按部门权威顺序，{supply}最先给出该字段",
        "{supply} is the first in authority that gives this field",
    ),
    "recency": ("{supply}的记录最新", "the record of {supply} is the freshest"),
    "agreement": (
        "与{supply}相同的来源最多",
        "most sources agree with {supply}",
    ),
    "only": ("仅{supply}提供该字段", "{supply} alone gives this field"),
    "referred": ("由号码解析得到", "found by the number referred to"),
    "empty": ("无来源给出", "nobody gives it"),
    "agrees": ("{supplies}一致", "also given by {supplies}"),
    "differs": ("{supply}：{value}", "{supply} says {value}"),
    "none_else": ("无", "nobody"),
    "merge": (
        "第 {release} 版：{old} 并入 {new}",
        "release {release}: {old} was merged into {new}",
    ),
    "split": (
        "第 {release} 版：{new} 自 {old} 分出",
        "release {release}: {new} left {old}",
    ),
    "no_history": ("自首次发布以来未曾合并或拆分。", "Never merged or split since it is known."),
    "confirm": ("确认为同一对象", "confirmed to be one"),
    "forbid": ("禁止合并", "forbidden to be one"),
    "undo": ("撤销决定", "takes back"),
    "holds": ("有效", "holds"),
    "taken_back": ("已撤销", "was taken back"),
    "decided": (
        "{by}，{at}：{what}（{holds}）。{reason}",
        "{by}, {at}: {what} ({holds}). {reason}",
    ),
    "probability": ("可能性", "Probability"),
    "weight": ("证据合计", "Evidence"),
    "bits_of": ("{weight} 比特", "{weight} bits"),
    "linked": ("已认定为同一对象", "held to be one"),
    "confirmed": ("经人工确认", "confirmed by a steward"),
    "review": ("证据不足，待人工核定", "not sure enough: for a steward to decide"),
    "ambiguous": (
        "另有几乎同样相近的对象，待人工核定",
        "another one is almost as likely: for a steward to decide",
    ),
    "once": (
        "同一归集资源中每个对象只有一条记录，故不合并",
        "not joined: the supply holds everybody once",
    ),
    "keys": ("号码不同，故不合并", "not joined: their numbers differ"),
    "evidence": (
        "同号但内容明显矛盾，故不合并",
        "not joined: under one number they contradict each other",
    ),
    "forbidden": ("经人工禁止合并", "forbidden by a steward"),
    "overtaken": (
        "人工确认后号码又出现矛盾，待重新核定",
        "confirmed once, but numbers have since come to contradict it",
    ),
    "reading": (
        "证据以比特计：每多 1 比特，是同一对象的可能性翻一番。向右支持，向左反对，到认定线即合并。",
        "In bits: each doubles the odds that both are one; from the match line on they are joined.",
    ),
    "privacy": (
        "本页含个人信息，仅供有权核验的管理人员使用，请勿外传。",
        "This page holds personal data. It is for stewards who may see them, and for nobody else.",
    ),
    "of_release": (
        "{dataset} 第 {release} 版",
        "{dataset}, release {release}",
    ),
}


def say(key: str, language: Language, **values: object) -> str:
    """One sentence in one language."""
    return WORDS[key][0 if language == "zh" else 1].format(**values)


def listing(names: list[str], language: Language) -> str:
    """Several names in a row."""
    return ("、" if language == "zh" else ", ").join(names)


def percent(probability: float | None, language: Language) -> str:
    """A probability as people read it: never more sure than it is."""
    if probability is None:
        return "—"
    share = min(probability, 0.999999)
    digits = 1 if share < 0.99 else 4 if share > 0.9999 else 2
    return f"{share * 100:.{digits}f} %"
