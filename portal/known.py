"""Shares that were looked up before: they never change, so that the ledger need not be asked again.

Whether a pass is good is not remembered here, nor anywhere.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from hub.records import Share

MOST = 2_000
Key = tuple[str, int, str]
"""Grant, version, kind."""


@dataclass(frozen=True)
class Known:
    """The shares asked for last."""

    _shares: OrderedDict[Key, Share] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Key) -> Share | None:
        """A share, if it is remembered."""
        with self._lock:
            if key in self._shares:
                self._shares.move_to_end(key)
            return self._shares.get(key)

    def put(self, key: Key, share: Share) -> None:
        """Remember a share, and forget the one that was not asked for longest."""
        with self._lock:
            self._shares[key] = share
            self._shares.move_to_end(key)
            while len(self._shares) > MOST:
                self._shares.popitem(last=False)
