"""A pair's weight in steps and words: the prior, then what each field speaks for or against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.linkage.model import Model


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall; the weights of all steps add up to the pair's weight."""

    field: str | None  # None: the prior, before any field is looked at
    level: int  # as in the table of pairs; 0 for the prior
    weight: float  # bits: log2 of how many times more likely
    zh: str
    en: str


def explain(model: Model, levels: Mapping[str, float | None]) -> tuple[Step, ...]:
    """The steps of one pair; `levels` is its row of `pair` (`level_<field>`, `tf_<field>`)."""
    raise NotImplementedError
