"""Which bytes of an offered file have left the hub, so that a receipt says "whole" when it was."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

MOST = 10_000  # files in the making that are remembered; the oldest are forgotten
MOST_SPANS = 10_000  # of one file: who takes it in more pieces begins again
SLACK = 8  # bytes that no reader needs: the magic number at either end of a Parquet file

Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Progress:
    """Spans of bytes by who takes what; in memory alone: a lost one means a receipt later."""

    _spans: OrderedDict[tuple[str, str], Spans] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, who: str, what: str, start: int, end: int, size: int) -> bool:
        """Note that bytes [start, end) left; whether the file is whole by now, told once."""
        with self._lock:
            spans = joined([*self._spans.pop((who, what), []), (start, end)])
            if whole(spans, size):
                return True
            if len(spans) > MOST_SPANS:
                return False
            self._spans[who, what] = spans
            while len(self._spans) > MOST:
                self._spans.popitem(last=False)
            return False


def joined(spans: Spans) -> Spans:
    """The same bytes in the fewest spans, in order."""
    done: Spans = []
    for start, end in sorted(spans):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(done[-1][1], end))
        elif start < end:
            done.append((start, end))
    return done


def whole(spans: Spans, size: int) -> bool:
    """Whether spans hold every byte but a few at the ends."""
    left = size - sum(end - start for start, end in spans)
    return left <= min(SLACK, size // 2)
