"""Update cycles (更新周期) by speed."""

from __future__ import annotations

from schemas.properties import UpdateCycle

SPEED = (
    UpdateCycle.REALTIME,
    UpdateCycle.DAILY,
    UpdateCycle.WEEKLY,
    UpdateCycle.TEN_DAYS,
    UpdateCycle.MONTHLY,
    UpdateCycle.QUARTERLY,
    UpdateCycle.HALF_YEARLY,
    UpdateCycle.YEARLY,
    UpdateCycle.OTHER,
    UpdateCycle.IRREGULAR,
    UpdateCycle.NEVER,
)
"""The fastest first; what says nothing about time comes last."""


def slower(old: UpdateCycle, new: UpdateCycle) -> bool:
    """Whether `new` promises less than `old`."""
    return SPEED.index(new) > SPEED.index(old)
