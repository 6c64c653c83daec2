"""How far two histograms lie apart, and how far chance alone may carry them."""

from __future__ import annotations

from math import log, sqrt

Z = 4.75  # standard deviations that chance passes about once in a million times
RARE = 5  # expected rows below which a bin tells nothing; the usual bound of a chi-square test
RECENT, REST = "recent", "rest"


def aligned(kind: str, bins: dict[str, int], whole: bool, year: int, now: int) -> dict[str, int]:
    """Bins as they compare between years; only those of dates depend on the day.

    Rows of this year and the last are recent. A whole table keeps its rows, so years are held
    against years; a part brings new ones, so they are counted from its own year.
    """
    if kind != "date":
        return bins
    found: dict[str, int] = {}
    for label, count in bins.items():
        name = label
        if label.isdigit():
            age = (now if whole else year) - int(label)
            name = RECENT if age in (0, 1) else label if whole else f"{age} years"
        found[name] = found.get(name, 0) + count
    return found


def psi(found: dict[str, int], before: dict[str, int]) -> tuple[float, float]:
    """Population stability index of two samples, and the index that chance may give them.

    Bins in which fewer than `RARE` rows are to be expected are joined. Half a row is added to each
    bin, so that an empty one makes no infinity. Neither sample may be empty.
    """
    rows, old = sum(found.values()), sum(before.values())
    now_bins: dict[str, float] = {}
    old_bins: dict[str, float] = {}
    for label in found.keys() | before.keys():
        share = (found.get(label, 0) / rows + before.get(label, 0) / old) / 2
        name = label if share * min(rows, old) >= RARE else REST
        now_bins[name] = now_bins.get(name, 0.0) + found.get(label, 0)
        old_bins[name] = old_bins.get(name, 0.0) + before.get(label, 0)
    count = len(now_bins)
    index = 0.0
    for label in sorted(now_bins):  # in one order, so that the sum is the same on every run
        p = (now_bins[label] + 0.5) / (rows + count / 2)
        q = (old_bins[label] + 0.5) / (old + count / 2)
        index += (p - q) * log(p / q)
    return index, noise(count, rows, old)


def noise(bins: int, rows: int, old: int) -> float:
    """The index that two samples of one distribution pass about once in a million times.

    Under no change the index times rows·old/(rows+old) is chi-square with bins - 1 degrees of
    freedom; the quantile is Wilson and Hilferty's (1931).
    """
    free = bins - 1
    if free < 1:
        return 0.0
    quantile = free * (1 - 2 / (9 * free) + Z * sqrt(2 / (9 * free))) ** 3
    return quantile * (1 / rows + 1 / old)
