"""Scorecards and heat maps out of counted sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.ledger.measures import Counted
from hub.report.document import Cell, Dimension, Figure, Scorecard, Words
from hub.report.words import field_order, field_words, owner_words
from quality.scorecard.configuration import Configuration
from quality.scorecard.score import (
    Sum,
    add,
    dimension_score,
    grade,
    indicator_score,
    percent,
    total_score,
)
from quality.scorecard.standard import DIMENSIONS, INDICATORS
from schemas.contract import Catalog

NOTHING = Sum(0, 0)


def sums_of(entries: Iterable[Counted]) -> dict[str, Sum]:
    """Numerators and denominators per indicator."""
    return add((entry.indicator, Sum(entry.numerator, entry.denominator)) for entry in entries)


def scorecard(sums: Mapping[str, Sum], configuration: Configuration) -> Scorecard:
    """Every indicator of the standard, assessed or not, with what it was computed from."""
    total = percent(total_score(sums, configuration))
    return Scorecard(
        configuration=configuration.label,
        source=Words(configuration.source.zh, configuration.source.en),
        grades=tuple(
            (g.code, Words(g.name.zh, g.name.en), str(g.least)) for g in configuration.grades
        ),
        dimensions=tuple(
            Dimension(
                code=entry.code,
                name=Words(*DIMENSIONS[entry.code]),
                score=percent(dimension_score(entry.code, sums, configuration)),
                weight=str(entry.weight),
                figures=tuple(
                    _figure(code, sums.get(code, NOTHING), str(weight))
                    for code, weight in sorted(entry.indicators.items())
                ),
            )
            for entry in configuration.dimensions
        ),
        score=total,
        grade=grade(total, configuration),
    )


def _figure(code: str, counted: Sum, weight: str) -> Figure:
    indicator = INDICATORS[code]
    return Figure(
        indicator=code,
        name=Words(indicator.zh, indicator.en),
        inverted=indicator.inverted,
        numerator=counted.numerator,
        denominator=counted.denominator,
        score=percent(indicator_score(code, counted)),
        weight=weight,
    )


def score_of(
    sums: Mapping[str, Sum], configuration: Configuration
) -> tuple[str | None, str | None]:
    """(score, grade) of some sums."""
    total = percent(total_score(sums, configuration))
    return total, grade(total, configuration)


def heatmap(catalog: Catalog, entries: Iterable[Counted], by_field: bool) -> tuple[Cell, ...]:
    """One cell per owner, field and indicator; whole tables alone when not `by_field`."""
    cells: dict[tuple[str, str | None, str], Sum] = {}
    for entry in entries:
        owner = entry.dataset or entry.supply or ""
        key = (owner, entry.field if by_field else None, entry.indicator)
        before = cells.get(key, NOTHING)
        cells[key] = Sum(before.numerator + entry.numerator, before.denominator + entry.denominator)
    words = {(owner, field) for owner, field, _ in cells}
    title = {
        (owner, field): field_words(catalog, owner, field)
        if by_field
        else owner_words(catalog, owner)
        for owner, field in words
    }
    place = {pair: field_order(catalog, *pair) for pair in words}
    order = sorted(cells, key=lambda k: (k[0], place[k[0], k[1]], k[1] or "", k[2]))
    return tuple(
        Cell(
            owner=key[0],
            field=key[1],
            title=title[key[0], key[1]],
            indicator=key[2],
            numerator=cells[key].numerator,
            denominator=cells[key].denominator,
            score=percent(indicator_score(key[2], cells[key])),
        )
        for key in order
    )
