"""What cross-checks and policies have in common: the day asked about, parameters, inputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.crosscheck import AS_OF, Moment, Question

VERSION = 1
"""Raise it when the engine would answer the same question otherwise."""


def asked_on(moment: Moment, day: date) -> date:
    """`$as_of` of a run on `day`."""
    if moment == "year":
        return day.replace(month=1, day=1)
    return day.replace(day=1) if moment == "month" else day


def parameters(asked: Question, day: date | None) -> dict[str, Any]:
    """The values of all parameters that SQL may name; None: any day, to read types by."""
    return {**asked.parameters, AS_OF: asked_on(asked.as_of, day or date(2000, 1, 1))}


def inputs_of(
    asked: Question, day: date, named: frozenset[str], stamps: Mapping[str, str]
) -> dict[str, str]:
    """Everything that an answer follows from: equal inputs, equal answer."""
    found = {"question": asked.digest, "engine": str(VERSION), **stamps}
    if AS_OF in named:
        found[AS_OF] = asked_on(asked.as_of, day).isoformat()
    return found
