"""Drift: a batch held against the last accepted ones of its supply, as rules about the table.

Whole tables are compared with whole tables, and parts (increments, files of additions) with parts.
Parts differ from day to day by nature: they have drifted only when they leave what the earlier ones
spanned. What cannot be told from chance is no drift. Nothing here reads a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from math import sqrt
from statistics import median

from quality.drift_bins import Z, aligned, psi
from quality.rule import Outcome, Rule, batch_rule
from schemas.contract import Supply
from schemas.properties import DriftLimits

PARTS_NEEDED = 3  # increments before the next can be called unusual
SPREAD = 2.0  # parts: times the difference that the earlier ones show among themselves


@dataclass(frozen=True)
class Profile:
    """The shape of one batch: counts alone, nothing personal.

    `nulls` per field over all rows; `bins` per field, over `sampled` rows, as (kind, counts).
    """

    rows: int
    whole: bool  # all rows of the table, or a part of them
    year: int  # of the batch
    sampled: int
    nulls: dict[str, int]
    bins: dict[str, tuple[str, dict[str, int]]]


@dataclass(frozen=True)
class Past:
    """One batch that has moved on: when it was pulled, and when its content was written, if known.

    Times are aware.
    """

    batch_id: str
    at: datetime
    written_at: datetime
    profile: Profile | None


def drift_outcomes(
    now: Profile, at: datetime, history: Sequence[Past], supply: Supply
) -> Iterator[Outcome]:
    """Row count, then null rate and distribution per field; `history` is oldest first.

    What could not be assessed (too few rows, nothing to compare with) has `evaluated` 0.
    """
    limits = supply.properties.drift
    if limits is None:
        return
    alike = [p for p in history if p.profile is not None and p.profile.whole == now.whole]
    past = [p.profile for p in alike[-limits.baseline :] if p.profile is not None]
    if not now.whole and len(past) < min(PARTS_NEEDED, limits.baseline):
        past = []
    if limits.row_count is not None:
        pace = 1.0 if supply.properties.files else _pace(at, history[-limits.baseline - 1 :])
        yield row_count(now, past, limits, pace)
    for field in supply.fields:
        nulled, shaped = limits.null_rate, limits.distribution
        if nulled is not None and (nulled.fields is None or field.name in nulled.fields):
            yield null_rate(field.name, now, past, limits)
        if shaped is not None and field.name in (shaped.fields or now.bins):
            yield distribution(field.name, now, past, limits)


def _pace(at: datetime, history: Sequence[Past]) -> float:
    """How long this batch's window is beside the usual one; 1.0 where nothing tells."""
    spans = [(later.at - one.at).total_seconds() for one, later in pairwise(history)]
    usual = median(spans) if spans else 0.0
    return (at - history[-1].at).total_seconds() / usual if usual > 0 else 1.0


def row_count(
    now: Profile, past: Sequence[Profile], limits: DriftLimits, pace: float = 1.0
) -> Outcome:
    """Fewer or more rows than before. `pace`: length of the window beside the usual one.

    A part pulled sooner than half the usual time is not assessed; a longer window may hold more.
    """
    wanted = limits.row_count
    assert wanted is not None
    kwargs = {"drop": wanted.drop, "rise": wanted.rise}
    rule = _rule("drift.row_count", None, kwargs, wanted.severity, limits)
    counts = [profile.rows for profile in past]
    if not counts or (now.whole and now.rows == 0):  # an empty table is `batch.empty`
        return _not_assessed(rule)
    usual = median(counts)
    least, most = (usual, usual) if now.whole else (min(counts), max(counts))
    if least < limits.minimum_rows or (not now.whole and pace < 0.5):
        return _not_assessed(rule)
    low = least * (1 - wanted.drop)
    high = most * (1 + wanted.rise) * (1.0 if now.whole else max(1.0, pace))
    return _assessed(rule, low <= now.rows <= high, f"{now.rows} rows, {usual:g} before")


def null_rate(field: str, now: Profile, past: Sequence[Profile], limits: DriftLimits) -> Outcome:
    """Another share of empty cells than before, by more than `change` and more than chance."""
    wanted = limits.null_rate
    assert wanted is not None
    rule = _rule("drift.null_rate", field, {"change": wanted.change}, wanted.severity, limits)
    known = [p for p in past if field in p.nulls and p.rows >= limits.minimum_rows]
    if not known or field not in now.nulls or now.rows < limits.minimum_rows:
        return _not_assessed(rule)
    rate = now.nulls[field] / now.rows
    rates = [p.nulls[field] / p.rows for p in known]
    usual = median(rates)
    low, high = (usual, usual) if now.whole else (min(rates), max(rates))
    change = max(low - rate, rate - high, 0.0)
    rows = median(p.rows for p in known)
    share = (rate * now.rows + usual * rows) / (now.rows + rows)
    chance = Z * sqrt(share * (1 - share) * (1 / now.rows + 1 / rows))
    seen = f"{rate:.1%} empty, {usual:.1%} before"
    return _assessed(rule, change <= wanted.change or change <= chance, seen)


def distribution(field: str, now: Profile, past: Sequence[Profile], limits: DriftLimits) -> Outcome:
    """Values spread otherwise than before: population stability index above `psi` and chance."""
    wanted = limits.distribution
    assert wanted is not None
    rule = _rule("drift.distribution", field, {"psi": wanted.psi}, wanted.severity, limits)
    if field not in now.bins:
        return _not_assessed(rule)
    kind = now.bins[field][0]
    known = [p for p in past if field in p.bins and p.bins[field][0] == kind]
    enough = limits.minimum_rows
    spread = [aligned(kind, p.bins[field][1], now.whole, p.year, now.year) for p in known]
    spread = [bins for bins in spread if sum(bins.values()) >= enough]
    found = aligned(kind, now.bins[field][1], now.whole, now.year, now.year)
    if not spread or sum(found.values()) < enough:
        return _not_assessed(rule)
    index, noise = _between(found, spread)
    bound = max(wanted.psi, noise)
    if not now.whole and len(spread) > 1:
        usual = [_between(one, [s for s in spread if s is not one])[0] for one in spread]
        bound = max(bound, SPREAD * max(usual))
    return _assessed(rule, index <= bound, f"PSI {index:.2f}, at most {bound:.2f}")


def _between(found: dict[str, int], others: Sequence[dict[str, int]]) -> tuple[float, float]:
    """The median index against several batches, so that one odd batch is no measure; its noise."""
    indexes, bounds = zip(*(psi(found, other) for other in others), strict=True)
    return median(indexes), median(bounds)


def _rule(
    code: str, field: str | None, kwargs: dict[str, float], severity: str, limits: DriftLimits
) -> Rule:
    fields = (field,) if field else ()
    bounds = {**kwargs, "baseline": limits.baseline, "minimum_rows": limits.minimum_rows}
    path = "customProperties.drift"
    return batch_rule(code, field or "table", fields, severity, bounds, path)


def _not_assessed(rule: Rule) -> Outcome:
    return Outcome(rule, 0, 0, True, "duckdb", rows=False)


def _assessed(rule: Rule, steady: bool, seen: str) -> Outcome:
    found = replace(_not_assessed(rule), evaluated=1, observed=seen)
    return found if steady else replace(found, failed=1, success=False)
