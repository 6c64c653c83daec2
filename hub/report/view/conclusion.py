"""The report in one sentence, and the few figures that a reader takes away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.report.document import Document
from hub.report.view.text import number, pick, share
from hub.report.view.words import WORDS, Speaker


def sentence(document: Document, say: Speaker) -> str:
    """What came of the rows, of the rules, and the score: one sentence, with full stop."""
    parts = list(_parts(document, say))
    zh = "；".join(parts) + "。"
    en = "; ".join(parts) + "."
    return pick(zh, en[:1].upper() + en[1:], say.language)


def _parts(document: Document, say: Speaker) -> Iterator[str]:
    zh = say.language == "zh"
    if verdict := document.subject.get("verdict"):
        words = say.verdict(verdict)
        yield f"批次结论为“{words}”" if zh else f"the verdict is “{words}”"
    if "rows" in document.counts:
        yield _release(document.counts, say)
    rows = _rows(document)
    if rows:
        accepted, quarantined, unchanged, source = (number(n) for n in rows)
        part = share(rows[1], rows[3])
        if zh:
            yield (
                f"源端 {source} 行，接收 {accepted} 行，未变 {unchanged} 行，"
                f"隔离 {quarantined} 行（{part}）"
            )
        else:
            yield (
                f"of {source} rows at the source {accepted} were accepted, "
                f"{unchanged} unchanged and {quarantined} quarantined ({part})"
            )
    if document.rules:
        broken = number(_broken(document))
        of = number(len(document.rules))
        yield f"{of} 条规则中 {broken} 条未满足" if zh else f"{broken} of {of} rules fail"
    if document.discrepancies:
        found = number(sum(line.rows for line in document.discrepancies))
        yield f"部门间差异 {found} 处" if zh else f"{found} discrepancies between departments"
    yield _score(document, say)


def _broken(document: Document) -> int:
    """Rules that fail; what only informs does not count."""
    return sum(not rule.success and rule.severity != "info" for rule in document.rules)


def _release(counts: Mapping[str, int], say: Speaker) -> str:
    rows, new, changed, gone = (
        number(counts.get(name, 0)) for name in ("rows", "inserted", "updated", "removed")
    )
    return pick(
        f"本版共 {rows} 行（新增 {new}，更新 {changed}，移除 {gone}）",
        f"the release holds {rows} rows ({new} new, {changed} changed, {gone} removed)",
        say.language,
    )


def _score(document: Document, say: Speaker) -> str:
    card = document.scorecard
    if card.score is None:
        return pick("质量未评估", "the quality was not assessed", say.language)
    grade = say.grade(card)
    zh = f"质量得分 {card.score}" + (f"，等级“{grade}”" if grade else "")
    en = f"the quality score is {card.score}" + (f" ({grade})" if grade else "")
    return pick(zh, en, say.language)


def _rows(document: Document) -> tuple[int, int, int, int] | None:
    """(accepted, quarantined, unchanged, source) of the report's scope; None: not about rows."""
    counts = document.counts
    if "source" in counts:
        return (
            counts.get("accepted", 0),
            counts.get("quarantined", 0),
            counts.get("unchanged", 0),
            counts["source"],
        )
    return None


def key_figures(document: Document, say: Speaker) -> list[tuple[str, str]]:
    """Label and figure, the most telling first; never more than five."""
    card = document.scorecard
    figures = [(say("score"), card.score or say("not_assessed"))]
    if verdict := document.subject.get("verdict"):
        short = f"short.{verdict}"
        figures.insert(0, (say("verdict"), say(short) if short in WORDS else verdict))
    rows = _rows(document)
    if "rows" in document.counts:
        figures.append((say("rows"), number(document.counts["rows"])))
    elif rows:
        figures.append((say("source"), number(rows[3])))
    if rows:
        figures.append((say("quarantined"), number(rows[1])))
    if document.rules:
        broken = _broken(document)
        figures.append((say("rules_failing"), f"{number(broken)} / {number(len(document.rules))}"))
    if document.discrepancies:
        found = sum(line.rows for line in document.discrepancies)
        figures.append((say("discrepancies"), number(found)))
    overdue = sum(part.orders_overdue for part in document.parts)
    waiting = sum(part.orders_open for part in document.parts)
    if waiting and len(figures) < 5:
        figures.append((say("orders_open"), number(waiting)))
    if overdue and len(figures) < 5:
        figures.append((say("orders_overdue"), number(overdue)))
    return figures[:5]
