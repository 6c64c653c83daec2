"""A pair's weight in steps and words: the prior, then what each field speaks for or against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from hub.linkage.levels import agreements
from hub.linkage.model import Model


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall; the weights of all steps add up to the pair's weight."""

    field: str | None  # None: the prior, and what kin would share, too
    level: int  # as in the table of pairs; 0 without a field
    weight: float  # bits: log2 of how many times more likely
    zh: str
    en: str


def explain(model: Model, levels: Mapping[str, float | None]) -> tuple[Step, ...]:
    """The steps of one pair; `levels` is its row of `pair` (`level_<field>`, `tf_<field>`)."""
    steps = [
        Step(
            None,
            0,
            log2(model.prior / (1 - model.prior)),
            "任意两条记录属于同一实体的可能性",
            "how likely any two records are one entity",
        )
    ]
    kin = model.kin
    for field, trained in model.compared:
        value = int(levels.get(f"level_{field.field}") or 0)
        rareness = float(levels.get(f"tf_{field.field}") or 0.0)
        if value < 0:
            zh, en, weight = "缺失，不作判断", "missing, says nothing", 0.0
        else:
            place = len(trained.levels) - 1 - value
            agreement, level = agreements(model.specification, field)[place], trained.levels[place]
            zh, en, weight = agreement.zh, agreement.en, log2(level.m / level.u) + rareness
            if rareness >= 1:
                zh, en = f"{zh}，且该值少见", f"{en}, and the value is rare"
            elif rareness <= -1:
                zh, en = f"{zh}，但该值常见", f"{en}, but the value is common"
        steps.append(Step(field.field, value, weight, zh, en))
        kin *= 1 + trained.shared * (2**weight - 1)
    if (less := log2(1 + kin)) >= 0.01:
        steps.append(
            Step(None, 0, -less, "同一家庭或关联主体也会如此相同", "kin would share as much")
        )
    return tuple(steps)
