"""Supplies as generated: columns by field name, and whom each row is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample.plan import Block
from sample.text import Columns, Mask, Numbers, Text, chosen, moments, number_of


@dataclass
class Table:
    """One block of one supply. `who` is the row of the person, firm or payment it is about."""

    supply: str
    columns: Columns
    who: Numbers

    @property
    def rows(self) -> int:
        return len(self.who)

    def append(self, row: int, **cells: str | None) -> int:
        """Add a copy of one row with some cells changed; returns its place."""
        for name, column in self.columns.items():
            grown = np.append(column, [None])
            grown[-1] = cells[name] if name in cells else column[row]
            self.columns[name] = grown
        self.who = np.append(self.who, self.who[row])
        return self.rows - 1

    def keep(self, rows: Mask) -> None:
        """Drop all other rows."""
        self.columns = {name: column[rows] for name, column in self.columns.items()}
        self.who = self.who[rows]


def update_times(block: Block, dice: np.random.Generator, rows: int) -> Text:
    """When each row was last touched: some time in the year before the city's first day."""
    back = 1 + (dice.random(rows) ** 2 * 364).astype(np.int64)
    return moments(number_of(block.plan.day) - back, dice.integers(0, 86_400, rows))


def sometimes(dice: np.random.Generator, share: float, yes: Text, no: Text) -> Text:
    """`yes` in the given share of rows where it is filled, else `no`."""
    filled: Mask = np.array([cell is not None for cell in yes.tolist()], dtype=np.bool_)
    return chosen(filled & (dice.random(len(yes)) < share), yes, no)
