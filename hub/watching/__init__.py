"""The watch: what time alone brings about, once an hour."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.opened import Hub
from hub.records import Clock, Grant, Objection, Recall


@dataclass
class Watched:
    """What one watch found and did; `faults` are sentences on what could not be done."""

    warned: list[Clock] = field(default_factory=list)
    breached: list[Clock] = field(default_factory=list)
    ended: list[Grant] = field(default_factory=list)
    mended: list[Objection] = field(default_factory=list)
    recalls: list[Recall] = field(default_factory=list)
    late: list[str] = field(default_factory=list)  # supplies
    pruned: int = 0
    checkpoint: int | None = None  # number of the event that it stands on
    faults: list[str] = field(default_factory=list)


def watch(hub: Hub) -> Watched:
    """Do everything that is due now; again changes nothing. What fails stops nothing else."""
    raise NotImplementedError
