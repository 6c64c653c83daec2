"""The verdict on a batch, from what was found: a pure function of figures."""

from __future__ import annotations

from collections.abc import Sequence

from hub.records import Counts, Verdict
from quality.rule import Outcome
from schemas.properties import Thresholds

_ORDER = (Verdict.ACCEPT, Verdict.WARN, Verdict.HOLD, Verdict.REJECT, Verdict.FAULT)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The gravest of several verdicts; accept when there is none."""
    return max(verdicts, key=_ORDER.index, default=Verdict.ACCEPT)


def verdict(outcomes: Sequence[Outcome], counts: Counts, thresholds: Thresholds) -> Verdict:
    """A fault of ours first, then the share of quarantined rows, then rules about the table.

    A threshold is passed by more than its share. A failing rule of severity warning warns; one of
    severity error about the table holds; row rules of severity error act through the share. A file
    that cannot be read is rejected: there is nothing in it that a person could let pass.
    """
    if any(outcome.exception for outcome in outcomes):
        return Verdict.FAULT
    found = [_by_share(counts, thresholds)]
    for outcome in outcomes:
        if outcome.success:
            continue
        if outcome.rule.severity == "warning":
            found.append(Verdict.WARN)
        elif outcome.rule.code == "drift.file_unreadable":
            found.append(Verdict.REJECT)
        elif outcome.rule.severity == "error" and not outcome.rows:
            found.append(Verdict.HOLD)
    return worst(found)


def _by_share(counts: Counts, thresholds: Thresholds) -> Verdict:
    share = counts.quarantined / counts.landed if counts.landed else 0.0
    steps = (
        (thresholds.reject, Verdict.REJECT),
        (thresholds.hold, Verdict.HOLD),
        (thresholds.warn, Verdict.WARN),
    )
    for limit, reached in steps:
        if limit is not None and share > limit:
            return reached
    return Verdict.ACCEPT
