"""What a rule compiles to, and what compiling needs to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from quality import sql
from quality.identifiers import Reference
from schemas.contract import Catalog, Field, LogicalType, Supply

DIVISION_LISTS = ("division", "divisions", "gbt2260", "gbt_2260", "gb_t_2260")


class Uncompilable(Exception):
    """The rule means something that SQL would not mean exactly: it runs on Great Expectations."""


class BadArgument(ValueError):
    """The rule's arguments cannot mean anything for this field."""


@dataclass(frozen=True)
class RowTest:
    """`failing`: SQL over one row, TRUE where it breaks the rule. `domain`: rows looked at.

    `counted` names the column whose non-null cells are the domain, which the Parquet footer
    counts for nothing.
    """

    failing: str
    domain: str | None = None
    counted: str | None = None


@dataclass(frozen=True)
class UniqueTest:
    """No two rows of the whole table are equal in all `columns`; rows outside `domain` are free."""

    columns: tuple[str, ...]
    domain: str | None = None
    counted: str | None = None


@dataclass(frozen=True)
class TableTest:
    """One SELECT over `{table}` of one row, judged in Python as (success, observed).

    `whole`: the table is what the batch makes of it, not the batch alone. An increment without
    rows leaves a full table behind.
    """

    select: str
    judge: Callable[[tuple[Any, ...]], tuple[bool, Any]]
    whole: bool = False


@dataclass(frozen=True)
class FaultTest:
    """Cells that were not of their type, from the landing's `_faults`; `field` or the whole row."""

    field: str


@dataclass(frozen=True)
class RowsTest:
    """`select`: the `_row` of every failing row, by a SELECT of its own over `landing`.

    For what one row alone cannot tell: its neighbours, or a query of the contract.
    """

    select: str
    domain: str | None = None
    counted: str | None = None


Form = RowTest | RowsTest | UniqueTest | TableTest | FaultTest


@dataclass(frozen=True)
class Context:
    """The table that the rules are about, the day of the batch, and the other supplies' tables.

    `references`: SELECT of the current rows by supply name; a supply that has delivered nothing yet
    is not in it. None: rules are only read, there are no rows.
    """

    supply: Supply
    catalog: Catalog
    as_of: date
    references: Mapping[str, str] | None = None

    def rows_of(self, name: Any) -> tuple[Supply, str | None]:
        """Another supply and the SQL of its current rows; None where it has none yet."""
        if name == self.supply.name:
            other: Supply | None = self.supply
        else:
            other = self.catalog.supplies.get(name) if isinstance(name, str) else None
        if other is None:
            raise BadArgument(f"the catalog has no supply {name!r}")
        known = {other.name: "SELECT NULL"} if self.references is None else self.references
        return other, known.get(other.name)

    def field(self, name: Any) -> Field:
        """A field by name; raises `BadArgument` when the contract has none."""
        if not isinstance(name, str) or name not in self.supply.by_name:
            raise BadArgument(f"the contract has no field {name!r}")
        return self.supply.by_name[name]

    @property
    def reference(self) -> Reference:
        """What identifiers are judged against: the catalog's divisions, if it lists them."""
        for name in DIVISION_LISTS:
            if name in self.catalog.codelists:
                return Reference(self.as_of, self.catalog.codelists[name].canonical)
        return Reference(self.as_of)


def is_float(field: Field) -> bool:
    return field.type.logical is LogicalType.NUMBER and field.type.scale is None


def is_number(field: Field) -> bool:
    return field.type.logical in (LogicalType.INTEGER, LogicalType.NUMBER)


def is_text(field: Field) -> bool:
    return field.type.logical in (
        LogicalType.STRING,
        LogicalType.TIME,
        LogicalType.OBJECT,
        LogicalType.ARRAY,
    )


def missing(field: Field) -> str:
    """SQL: the cell holds nothing. NaN is nothing, as it is to pandas."""
    column = sql.name(field.name)
    return f"({column} IS NULL OR isnan({column}))" if is_float(field) else f"{column} IS NULL"


def present(field: Field) -> str:
    """SQL: the cell holds something."""
    return f"NOT {missing(field)}" if is_float(field) else f"{sql.name(field.name)} IS NOT NULL"
