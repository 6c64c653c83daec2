"""A trained model: what each level of agreement is worth, kept as files that never change."""

from __future__ import annotations

from dataclasses import dataclass

from hub.linkage.specification import Specification
from hub.store import Store


@dataclass(frozen=True)
class Level:
    """One level of agreement of one field; `value` -1: nothing to compare, 0: they differ."""

    value: int
    m: float  # share of this level among pairs that are one entity
    u: float  # share among pairs that are not


@dataclass(frozen=True)
class Trained:
    """What was estimated of one compared field, its levels from best to worst."""

    field: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Model:
    """The parameters of Fellegi and Sunter, with the files of frequencies that they rest on."""

    uri: str  # of the folder in the store; model.json lies in it
    specification: Specification
    prior: float  # probability that two profiles at random are one entity
    fields: tuple[Trained, ...]
    profiles: int  # how many it was estimated from
    rules: tuple[str, ...]  # blocking rules chosen
    method: str  # em, labelled or prior
    trained_on: str  # date that the caller gave


def load(store: Store, uri: str) -> Model:
    """The model kept under a URI; raises `NotFound`."""
    raise NotImplementedError
