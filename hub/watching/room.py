"""The duties of the watch, in their order; each is independent of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hub import clocks, grants, objections, proof, recalls, requests, shares
from hub.errors import HubError, in_words, unforeseen
from hub.lateness import LateSupply
from hub.opened import Hub
from hub.records import Clock, Grant, Objection, Recall, Request
from hub.watching.freshness import look


@dataclass
class Watched:
    """What one watch found and did; `faults` are sentences on what could not be done."""

    warned: list[Clock] = field(default_factory=list)
    breached: list[Clock] = field(default_factory=list)
    lapsed: list[Request] = field(default_factory=list)
    ended: list[Grant] = field(default_factory=list)
    mended: list[Objection] = field(default_factory=list)
    dismissed: list[Objection] = field(default_factory=list)
    recalls: list[Recall] = field(default_factory=list)
    late: list[LateSupply] = field(default_factory=list)
    newly_late: list[LateSupply] = field(default_factory=list)  # noted now
    pruned: list[str] = field(default_factory=list)  # grants whose files were removed
    checkpoint: int | None = None  # number of the event that it stands on
    faults: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How much there was of everything."""
        return {name: len(value) for name, value in vars(self).items() if isinstance(value, list)}


def _lapses(hub: Hub, watched: Watched) -> None:
    if hub.catalog.sharing is not None:  # else nobody has a clock
        watched.lapsed = requests.lapse(hub)
        watched.dismissed = objections.lapse(hub)


def _clocks(hub: Hub, watched: Watched) -> None:
    if hub.catalog.sharing is not None:
        watched.warned, watched.breached = clocks.warn_and_breach(hub)


def _grants(hub: Hub, watched: Watched) -> None:
    watched.ended = grants.end_expired(hub)


def _objections(hub: Hub, watched: Watched) -> None:
    watched.mended = objections.close_mended(hub)


def _recalls(hub: Hub, watched: Watched) -> None:
    watched.recalls = recalls.make(hub)


def _freshness(hub: Hub, watched: Watched) -> None:
    watched.late, watched.newly_late = look(hub)


def _files(hub: Hub, watched: Watched) -> None:
    watched.pruned = shares.prune(hub, hub.now())


def _checkpoint(hub: Hub, watched: Watched) -> None:
    signed = proof.checkpoint(hub)
    watched.checkpoint = int(signed["document"]["seq"]) if signed else None


Do = Callable[[Hub, Watched], None]
DUTIES: dict[str, Do] = {
    "lapses": _lapses,  # ends clocks that nobody has to be warned of any more
    "grants": _grants,  # so does the end of a grant that nothing was delivered under
    "clocks": _clocks,
    "objections": _objections,
    "recalls": _recalls,  # after the objections: they say what was corrected
    "freshness": _freshness,
    "files": _files,  # after the grants: what has ended is removed
    "checkpoint": _checkpoint,  # last: it covers what the others did
}


def watch(hub: Hub) -> Watched:
    """Do everything that is due now; again changes nothing. What fails stops nothing else."""
    watched = Watched()
    for name, do in DUTIES.items():
        try:
            do(hub, watched)
        except HubError as error:
            watched.faults.append(f"{name}: {in_words(error)}")
        except Exception as error:
            watched.faults.append(f"{name}: {unforeseen(error)}")
    return watched
