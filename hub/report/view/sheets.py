"""What the workbook's sheets hold: every line of the document, to be sorted and filtered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.report.document import Document, RuleLine, Words
from hub.report.view import conclusion, heatmap
from hub.report.view.page import command, facts, field, indicator
from hub.report.view.text import moment
from hub.report.view.words import Speaker
from quality.messages import mend

Value = str | int | Decimal | None


@dataclass(frozen=True)
class Column:
    """A head and the width of its column, in characters."""

    head: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """One sheet; lines are as long as there are columns. `filters`: its lines are alike."""

    title: str
    columns: Sequence[Column]
    lines: Sequence[Sequence[Value]]
    filters: bool = True


def sheets(document: Document, say: Speaker) -> list[Sheet]:
    """Overview and scorecard always, the others where they have lines."""
    listed = [
        _overview(document, say),
        _scorecard(document, say),
        _rules(document, say),
        _fields(document, say),
        _parts(document, say),
        _discrepancies(document, say),
        _samples(document, say),
        _trend(document, say),
    ]
    return [sheet for sheet in listed if sheet.lines]


def _score(score: str | None, say: Speaker) -> Value:
    return say("not_assessed") if score is None else Decimal(score)


def _share(part: int, whole: int) -> Value:
    return None if whole == 0 else (Decimal(100 * part) / whole).quantize(Decimal("0.0001"))


def _titles(document: Document) -> dict[tuple[str, str | None], Words]:
    return {(cell.owner, cell.field): cell.title for cell in document.heatmap}


def _overview(document: Document, say: Speaker) -> Sheet:
    lines: list[Sequence[Value]] = [
        (say("report"), say.of(document.title)),
        (say("conclusion"), conclusion.sentence(document, say)),
        *facts(document, say),
        (say("recompute"), command(document)),
        (say("weights_from"), say.of(document.scorecard.source)),
    ]
    return Sheet(say("overview"), [Column(say("item"), 22), Column(say("value"), 90)], lines, False)


def _scorecard(document: Document, say: Speaker) -> Sheet:
    card = document.scorecard
    columns = [
        Column(say("dimension"), 22),
        Column(say("indicator"), 34),
        Column(say("counts_wrong"), 10),
        Column(say("weight"), 10),
        Column(say("numerator"), 16),
        Column(say("denominator"), 16),
        Column(say("score_percent"), 14),
    ]
    lines: list[Sequence[Value]] = []
    for dimension in card.dimensions:
        name = f"{dimension.code} {say.of(dimension.name)}"
        score = _score(dimension.score, say)
        lines.append((name, None, None, Decimal(dimension.weight), None, None, score))
        lines += [
            (
                name,
                f"{figure.indicator} {say.of(figure.name)}",
                say("yes") if figure.inverted else None,
                Decimal(figure.weight),
                figure.numerator,
                figure.denominator,
                _score(figure.score, say),
            )
            for figure in dimension.figures
        ]
    lines.append((say("total"), say.grade(card), None, None, None, None, _score(card.score, say)))
    return Sheet(say("scorecard"), columns, lines, False)


def _rules(document: Document, say: Speaker) -> Sheet:
    titles = _titles(document)
    columns = [
        Column(say("supply"), 26),
        Column(say("field"), 26),
        Column(say("rule"), 52),
        Column(say("severity"), 10),
        Column(say("held"), 10),
        Column(say("evaluated"), 14),
        Column(say("failed"), 14),
        Column(f"{say('failed_share')} (%)", 14),
        Column(say("batches"), 10),
        Column(say("indicator"), 26),
        Column(say("clause"), 22),
        Column(say("mend"), 60),
        Column(say("code"), 28),
        Column(say("rule_id"), 44),
    ]

    def line(rule: RuleLine) -> Sequence[Value]:
        named = [field(titles.get((rule.supply, f)), f, say) for f in rule.fields]
        return (
            rule.supply,
            ", ".join(" ".join(filter(None, parts)) for parts in named) or say("whole_table"),
            say.of(rule.says),
            say.severity(rule.severity),
            say("yes") if rule.success else say("no"),
            rule.evaluated,
            rule.failed,
            _share(rule.failed, rule.evaluated),
            rule.batches,
            indicator(rule.indicator, say),
            rule.clause,
            mend(rule.code, say.language) if rule.failed or not rule.success else None,
            rule.code,
            rule.rule_id,
        )

    return Sheet(say("rules"), columns, [line(rule) for rule in document.rules])


def _fields(document: Document, say: Speaker) -> Sheet:
    titles = _titles(document)
    grid = heatmap.every_line(document.heatmap)
    columns = [
        Column(say("supply"), 28),
        Column(say("field"), 30),
        *(Column(indicator(code, say), 15) for code in grid.indicators),
    ]
    lines = [
        (
            owner,
            " ".join(filter(None, field(titles.get((owner, row.name)), row.name, say))),
            *(None if tile is None else _score(tile.score, say) for tile in row.tiles),
        )
        for owner, row in grid.lines
    ]
    return Sheet(say("fields_sheet"), columns, lines)


def _parts(document: Document, say: Speaker) -> Sheet:
    grades = {code: say.of(name) for code, name, _ in document.scorecard.grades}
    counted = ("batches", "source", "accepted", "quarantined", "unchanged")
    orders = ("orders_open", "orders_overdue")
    columns = [
        Column(say("name"), 40),
        Column(say("key"), 28),
        *(Column(say(name), 14) for name in counted),
        Column(say("score"), 12),
        Column(say("grade"), 12),
        *(Column(say(name), 14) for name in orders),
    ]
    lines = [
        (
            say.of(part.title),
            part.name,
            *(getattr(part, name) for name in counted),
            _score(part.score, say),
            grades.get(part.grade or "", part.grade),
            *(getattr(part, name) for name in orders),
        )
        for part in document.parts
    ]
    return Sheet(say("parts"), columns, lines)


def _discrepancies(document: Document, say: Speaker) -> Sheet:
    titles = _titles(document)
    columns = [
        Column(say("dataset"), 20),
        Column(say("kind"), 20),
        Column(say("field"), 28),
        Column(say("supply"), 28),
        Column(say("severity"), 10),
        Column(say("says"), 60),
        Column(say("rows"), 14),
    ]
    lines = [
        (
            line.dataset,
            line.kind,
            " ".join(filter(None, field(titles.get((line.dataset, line.field)), line.field, say)))
            if line.field
            else None,
            line.supply,
            say.severity(line.severity),
            say.of(line.says),
            line.rows,
        )
        for line in document.discrepancies
    ]
    return Sheet(say("discrepancies"), columns, lines)


def _samples(document: Document, say: Speaker) -> Sheet:
    names = ("supply", "field", "rule_id", "shape", "rows")
    columns = [Column(say(n), w) for n, w in zip(names, (28, 24, 44, 40, 12), strict=True)]
    lines = [(s.supply, s.field, s.rule_id, s.shape, s.rows) for s in document.samples]
    return Sheet(say("samples_sheet"), columns, lines)


def _trend(document: Document, say: Speaker) -> Sheet:
    names = ("at", "label", "verdict", "rows", "quarantined", "score")
    columns = [Column(say(n), w) for n, w in zip(names, (28, 30, 22, 14, 14, 12), strict=True)]
    lines = [
        (
            moment(point.at),
            point.label,
            say.verdict(point.verdict) if point.verdict else None,
            point.rows,
            point.quarantined,
            _score(point.score, say),
        )
        for point in document.trend
    ]
    return Sheet(say("trend"), columns, lines)
