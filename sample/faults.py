"""Planted faults: what is wrong, where, and what the hub should say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np

from sample.tables import Table
from sample.text import Mask, Numbers, Text

Stage = Literal["quarantine", "discrepancy", "drift", "balance", "batch", "link"]
Change = Callable[[str], "str | None"]

RATE = 1 / 2_500  # rows per fault of one kind
FEWEST_ROWS = 40  # a supply carries at most one kind of fault per so many rows


@dataclass(frozen=True)
class Fault:
    """One planted fault. `key` is the source key as the supply shows it (a file's name for batches,
    a budget line for balances); `expect` is the rule's code or the kind of discrepancy."""

    kind: str
    supply: str
    key: str
    field: str
    stage: Stage
    expect: str
    other: str = ""  # the second number involved, or the cell as it should be
    day: int = 1  # of the city, on which it was planted
    until: int = 0  # the day on which the department mended it; 0: never


@dataclass(frozen=True)
class Spoil:
    """One way to spoil a cell; `change` returns the cell itself where it does not fit."""

    kind: str
    field: str
    stage: Stage
    expect: str
    change: Change


@dataclass
class Planter:
    """Plants at most one fault per person, firm and payment, so that each has one consequence."""

    dice: np.random.Generator
    used: Mask  # over the block's people, firms or payments
    truth: list[Fault] = field(default_factory=list)

    def count(self, table: Table) -> int:
        return max(1, round(table.rows * RATE))

    def rows(
        self,
        table: Table,
        count: int,
        allowed: Mask | None = None,
        fits: Callable[[int], bool] | None = None,
    ) -> list[int]:
        """Some rows about nobody who has a fault yet; they have one from now on."""
        free = ~self.used[table.who]
        rows = np.flatnonzero(free if allowed is None else free & allowed)
        taken: list[int] = []
        for row in rows[self.dice.permutation(len(rows))].tolist():
            if len(taken) == count:
                break
            # A person may stand in several rows of a table; the first drawn counts.
            if not self.used[table.who[row]] and (fits is None or fits(row)):
                self.used[table.who[row]] = True
                taken.append(row)
        return taken

    def free(self, fits: Mask, count: int) -> Numbers:
        """Some who fit and have no fault yet; they have one from now on."""
        rows = np.flatnonzero(fits & ~self.used)
        taken: Numbers = rows[self.dice.permutation(len(rows))[:count]]
        self.used[taken] = True
        return taken

    def spoil(
        self, table: Table, key: str, spoils: list[Spoil], allowed: Mask | None = None
    ) -> None:
        """Apply each kind to its few rows; small supplies get the first kinds alone."""
        for one in spoils[: table.rows // FEWEST_ROWS]:
            column = table.columns[one.field]
            fits = partial(_fits, column, one.change)
            for row in self.rows(table, self.count(table), allowed, fits):
                right = column[row]
                column[row] = one.change(right)
                self.note(one.kind, table, key, row, one.field, one.stage, one.expect, right)

    def duplicate(self, table: Table, key: str, **cells: str) -> None:
        """Deliver some rows twice, the second time with other cells."""
        for row in self.rows(table, self.count(table)):
            table.append(int(row), **cells)
            self.note("duplicate_key", table, key, row, key, "quarantine", "key.unique")

    def note(
        self, kind: str, table: Table, key: str, row: int, name: str, stage: Stage, expect: str,
        other: str = "",
    ) -> None:  # fmt: skip
        """Write one fault into the truth."""
        self.truth.append(
            Fault(kind, table.supply, str(table.columns[key][row]), name, stage, expect, other)
        )


def _fits(column: Text, change: Change, row: int) -> bool:
    return column[row] is not None and change(column[row]) != column[row]
