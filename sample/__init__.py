"""The sample city: departments of any size, with planted faults and the truth about them."""

from __future__ import annotations

from sample.city import City, create
from sample.target import Target

__all__ = ["City", "Target", "create"]
