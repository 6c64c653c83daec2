"""Planted cases of the cross-checks, and near misses that must not be found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sample.faults import Fault, Planter
from sample.tables import Table

Place = tuple[str, str]  # supply, source key


@dataclass(frozen=True)
class Case:
    """One case of one cross-check. `key` is what a finding is known by, its parts joined by "|";
    a near miss looks like a case and is none: `why` says what saves it."""

    check: str
    key: str
    rows: tuple[Place, ...] = ()  # those that were written or changed for it
    amount_fen: int | None = None
    why: str = ""  # empty: planted to be found
    day: int = 1  # of the city, on which it was planted
    until: int = 0  # the day on which it was put right; 0: never


@dataclass
class Casebook:
    """Writes cases into the block's tables; `keys` is each supply's key column."""

    tables: Mapping[str, Table]
    keys: Mapping[str, str]
    person: Planter
    firm: Planter
    cases: list[Case] = field(default_factory=list)

    def column(self, supply: str, name: str) -> list[str | None]:
        """The cells of one column."""
        cells: list[str | None] = self.tables[supply].columns[name].tolist()
        return cells

    def insert(self, supply: str, row: int, who: int | None = None, **cells: str | None) -> Place:
        """Append a copy of a row with other cells; `who` it is about, if somebody else."""
        table = self.tables[supply]
        place = table.append(row, **cells)
        if who is not None:
            table.who[place] = who
        return self.place(supply, place)

    def change(self, supply: str, row: int, **cells: str | None) -> Place:
        """Overwrite some cells of a row."""
        for name, cell in cells.items():
            self.tables[supply].columns[name][row] = cell
        return self.place(supply, row)

    def place(self, supply: str, row: int) -> Place:
        return supply, str(self.tables[supply].columns[self.keys[supply]][row])

    def found(self, check: str, key: str, *rows: Place, amount_fen: int | None = None) -> None:
        """Note what the cross-check must find."""
        self.cases.append(Case(check, key, rows, amount_fen))

    def missed(self, check: str, why: str, *rows: Place) -> None:
        """Note what the cross-check must leave alone."""
        self.cases.append(Case(check, "", rows, why=why))


def known_cases(truth: Iterable[Fault]) -> list[Case]:
    """Faults that are cases of a cross-check by themselves."""
    cases = []
    for fault in truth:
        place = (fault.supply, fault.key)
        if fault.kind == "cancelled_firm_paid":
            cases.append(Case("cancelled_but_paid", fault.key, (place,)))
        elif fault.kind == "payee_in_no_register":
            cases.append(Case("payee_in_no_register", fault.key, (place,)))
        elif fault.kind == "over_budget":
            cases.append(Case("over_budget_line", fault.key))
        elif fault.supply in REGISTERS and fault.kind in ("legal_rep_differs", "address_differs"):
            key = "|".join((*place, fault.field))
            cases.append(Case("registers_differ", key, (place,)))
    return cases


REGISTERS = ("tax/taxpayers", "quality/organisation_codes", "police/seals")
