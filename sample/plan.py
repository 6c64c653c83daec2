"""The size of a sample city and its division into blocks, which keep memory flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

BLOCK = 50_000  # people generated at a time
MOST_BLOCKS = 80  # sequence numbers of resident ids are shared out between blocks


@dataclass(frozen=True)
class Plan:
    """What determines a city wholly: the same plan gives the same bytes."""

    people: int
    seed: int
    faults: bool
    day: date  # the city's first day; nothing in it is newer

    def blocks(self) -> Iterator[Block]:
        """The blocks in their order."""
        size = max(BLOCK, -(-self.people // MOST_BLOCKS))
        for index, start in enumerate(range(0, self.people, size)):
            yield Block(self, index, start, min(size, self.people - start))

    @property
    def block_count(self) -> int:
        return sum(1 for _ in self.blocks())


@dataclass(frozen=True)
class Block:
    """A quarter of the city with its own people, firms and money; no record crosses it."""

    plan: Plan
    index: int
    start: int  # number of its first person
    people: int

    @property
    def firms(self) -> int:
        return max(20, self.people // 10)

    def dice(self, purpose: int) -> np.random.Generator:
        """Random numbers of their own for each purpose, so that one cannot shift another."""
        return np.random.default_rng([self.plan.seed, self.index, purpose])
