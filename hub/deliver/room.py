"""From a grant and the newest release to rows at the subscriber, and a signed receipt."""

from __future__ import annotations

from dataclasses import dataclass

from hub.opened import Hub
from schemas.sharing import Way


@dataclass(frozen=True)
class Due:
    """One push that is to be made: the newest version has not been received this way."""

    grant_id: str
    way: Way
    version: int


@dataclass(frozen=True)
class Delivered:
    """What became of one push; `receipt` is the id of the receipt, `already`: nothing was new."""

    delivery_id: str
    grant_id: str
    subscriber: str
    dataset: str
    version: int
    base: int | None
    way: Way
    rows: int
    receipt: str
    already: bool


def due(hub: Hub, dataset: str) -> list[Due]:
    """Pushes of active grants on a dataset whose newest version has not been received."""
    raise NotImplementedError


def deliver(hub: Hub, grant_id: str, way: Way, whole: bool = False) -> Delivered | None:
    """Push the newest version of one grant one way; None before the first release.

    Delivered again, it is received once. `whole`: all rows, into a table made anew where needed.
    Raises `DeliveryError` (transient: out of reach) and `DecisionError` when the grant has ended.
    """
    raise NotImplementedError
