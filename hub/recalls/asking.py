"""A steward's own recall: a value was wrong, and nobody but a person knows it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.opened import Hub
from hub.records import Recall


@dataclass(frozen=True)
class Asked:
    """What a steward's recall came to."""

    correction: str
    dataset: str
    mended_in: int
    recalls: tuple[Recall, ...]


def ask(
    hub: Hub, dataset: str, entity_id: str, field: str | None, wrong_in: int, by: str, reason: str
) -> Asked:
    """Recall one field of an entity (None: all) as release `wrong_in` had it.

    By a supervisor, or an approver of the provider. Raises `DecisionError` when no later release
    has another value: mend it first.
    """
    raise NotImplementedError
