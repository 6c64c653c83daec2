"""From counts to scores, exactly: fractions all the way, rounded once, at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from quality.scorecard.configuration import Configuration
from quality.scorecard.standard import INDICATORS


class Sum(NamedTuple):
    """Numerator and denominator of one indicator on some scope: sums of what was counted."""

    numerator: int
    denominator: int


def add(sums: Iterable[tuple[str, Sum]]) -> dict[str, Sum]:
    """Numerators and denominators added up per indicator; the order does not matter."""
    total: dict[str, Sum] = {}
    for code, (numerator, denominator) in sums:
        before = total.get(code, Sum(0, 0))
        total[code] = Sum(before.numerator + numerator, before.denominator + denominator)
    return total


def indicator_score(code: str, counted: Sum) -> Fraction | None:
    """A / B, or 1 - A / B where A counts what is wrong; None: not assessed, as B is 0."""
    if counted.denominator == 0:
        return None
    share = Fraction(counted.numerator, counted.denominator)
    return 1 - share if INDICATORS[code].inverted else share


def dimension_score(
    code: str, sums: Mapping[str, Sum], configuration: Configuration
) -> Fraction | None:
    """The weighted mean of a dimension's assessed indicators; None when none is."""
    weights = configuration.dimension(code).indicators
    return _mean(
        (weight, indicator_score(indicator, sums.get(indicator, Sum(0, 0))))
        for indicator, weight in weights.items()
    )


def total_score(sums: Mapping[str, Sum], configuration: Configuration) -> Fraction | None:
    """The weighted mean of the assessed dimensions; None when none is."""
    return _mean(
        (dimension.weight, dimension_score(dimension.code, sums, configuration))
        for dimension in configuration.dimensions
    )


def _mean(parts: Iterable[tuple[Decimal, Fraction | None]]) -> Fraction | None:
    assessed = [(Fraction(weight), score) for weight, score in parts if score is not None]
    weight = sum((weight for weight, _ in assessed), Fraction(0))
    if weight == 0:
        return None
    return sum((w * score for w, score in assessed), Fraction(0)) / weight


def percent(score: Fraction | None) -> str | None:
    """A score in percent, rounded half even to two places: `99.87`; None: not assessed."""
    if score is None:
        return None
    hundredths = round(score * 10_000)  # of a Fraction: exact, half to even
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def grade(printed: str | None, configuration: Configuration) -> str | None:
    """The best grade that a printed score reaches: what is printed decides, nothing hidden."""
    if printed is None:
        return None
    found = Decimal(printed)
    return next((g.code for g in configuration.grades if found >= g.least), None)
