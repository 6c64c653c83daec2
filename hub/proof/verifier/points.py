"""Multiplication of points, for either curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def times(add: Callable[[Any, Any], Any], zero: Any, number: int, point: Any) -> Any:
    """`number` times a point, by doubling and adding; nothing here is secret."""
    total = zero
    for bit in bin(number)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total
