"""Sums of multiples of points, for either curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def combined(
    add: Callable[[Any, Any], Any], zero: Any, one: int, first: Any, other: int, second: Any
) -> Any:
    """`one` times the first point plus `other` times the second, doubled together (Shamir).

    Nothing here is secret, so the time may depend on the numbers.
    """
    table = (None, first, second, add(first, second))
    total = zero
    for bit in range(max(one.bit_length(), other.bit_length()) - 1, -1, -1):
        total = add(total, total)
        chosen = (one >> bit & 1) + 2 * (other >> bit & 1)
        if chosen:
            total = add(total, table[chosen])
    return total
