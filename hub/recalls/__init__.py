"""Recalls: who received a value that has since been corrected is told, exactly once.

A correction is a fact of a release: cells that were wrong before it and why (an objection, a work
order, a merge or split of entities, a steward's word). A recall is one grant's share of it.
"""

from hub.recalls.asking import Asked, ask
from hub.recalls.making import make
from hub.recalls.telling import COLUMNS, acknowledge, recalls_of, rows_of, told, untold, write

__all__ = [
    "COLUMNS",
    "Asked",
    "acknowledge",
    "ask",
    "make",
    "recalls_of",
    "rows_of",
    "told",
    "untold",
    "write",
]
