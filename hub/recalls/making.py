"""From corrections and deliveries to the notices that are missing."""

from __future__ import annotations

from hub.opened import Hub
from hub.records import Recall


def make(hub: Hub, dataset: str | None = None) -> list[Recall]:
    """Find what each release corrected and make the notices that are missing; those made now.

    Again changes nothing. Called after each release, and by the watch for what a crash left out
    and for old versions that were received after their correction.
    """
    raise NotImplementedError
