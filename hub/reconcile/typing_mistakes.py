"""How far two numbers are apart on a keyboard."""

from __future__ import annotations

MOST_EDITS = 2
"""A slip of one place, and the check digit that was made to fit."""

SHORTEST = 8
"""Shorter numbers are too close to each other for a slip to mean anything."""


def mistyped(a: str, b: str) -> bool:
    """Whether one number may be the other one with a typing mistake."""
    if min(len(a), len(b)) < SHORTEST or abs(len(a) - len(b)) > MOST_EDITS:
        return False
    return edits(a, b) <= MOST_EDITS


def edits(a: str, b: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours between two texts."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
