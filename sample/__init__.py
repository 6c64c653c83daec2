"""The sample city: departments of any size, with planted faults and the truth about them."""

from __future__ import annotations

from sample.cases import Case
from sample.city import City, create
from sample.evolution import evolve
from sample.faults import Fault
from sample.target import Target
from sample.truth import planted, planted_cases

__all__ = ["Case", "City", "Fault", "Target", "create", "evolve", "planted", "planted_cases"]
