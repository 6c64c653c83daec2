"""Who was not let in, for the audit log: one event a minute for each grant and reason, counted.

A flood of wrong tokens must fill neither the log nor the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from hub.ledger.audit import Event, note
from hub.ledger.passes import Pass
from hub.opened import Hub

PAUSE_S = 60
NOBODY = "portal"  # of tokens and addresses that were never given
MOST = 10_000

Key = tuple[str, str, str]
"""Reason, grant and subscriber; of nobody, where none is known."""


@dataclass
class Tally:
    """How often since the last event, and when that was."""

    times: int = 0
    told_s: int | None = None


@dataclass(frozen=True)
class TurnedAway:
    """Counts in memory, events in the log."""

    _tallies: dict[Key, Tally] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def count(self, why: str, held: Pass | None, now_s: int) -> bool:
        """Count one; whether it is time to tell."""
        with self._lock:
            if len(self._tallies) > MOST:
                self._forget(now_s)
            tally = self._tallies.setdefault(_key(why, held), Tally())
            tally.times += 1
            if tally.told_s is not None and now_s - tally.told_s < PAUSE_S:
                return False
            tally.told_s = now_s
            return True

    def tell(self, hub: Hub, why: str, held: Pass | None) -> None:
        """One event of everything counted since the last."""
        self._tell(hub, _key(why, held))

    def tell_all(self, hub: Hub) -> None:
        """What is left when the portal ends."""
        for key in list(self._tallies):
            self._tell(hub, key)

    def _tell(self, hub: Hub, key: Key) -> None:
        with self._lock:
            times, self._tallies[key].times = self._tallies[key].times, 0
        if not times:
            return
        why, grant, subscriber = key
        with hub.ledger.writing() as connection:
            note(
                connection,
                Event.ACCESS_REFUSED,
                subject=grant,
                by=subscriber,
                at=hub.now(),
                department=None if subscriber == NOBODY else subscriber,
                why=why,
                times=times,
            )

    def _forget(self, now_s: int) -> None:
        for key, tally in list(self._tallies.items()):
            if not tally.times and now_s - (tally.told_s or 0) >= PAUSE_S:
                del self._tallies[key]


def _key(why: str, held: Pass | None) -> Key:
    return (why, held.grant.id, held.grant.subscriber) if held else (why, NOBODY, NOBODY)
