"""What one pull asks of a table: columns, order, bounds; the SQL that all dialects share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from connectors.drift import match
from connectors.protocol import Drift, LiveColumn, SourceMissing
from schemas.contract import Field, LogicalType, Supply

Literal = Callable[[str, LiveColumn], str]
"""The SQL of a value shown as text, in the type of its column."""


@dataclass(frozen=True)
class Plan:
    """A supply laid over its live table. Names are quoted for the dialect."""

    supply: Supply
    table: str
    found: dict[str, LiveColumn]  # by field name
    drift: tuple[Drift, ...]
    watermark: LiveColumn | None
    key: tuple[LiveColumn, ...]
    quote: Callable[[str], str]
    literal: Literal
    rank: Callable[[LiveColumn], str]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that the live table has, in the contract's order."""
        return tuple(field for field in self.supply.fields if field.name in self.found)

    @property
    def order(self) -> tuple[LiveColumn, ...]:
        """The columns that order the pull; empty: rows come as they lie, and nothing resumes."""
        marks = (self.watermark,) if self.watermark else ()
        return marks + tuple(column for column in self.key if column != self.watermark)

    @property
    def summed(self) -> tuple[Field, ...]:
        """The money-like fields: their source sum and their landed sum can be compared."""
        return tuple(
            field
            for field in self.fields
            if field.type.logical is LogicalType.NUMBER
            and field.type.scale is not None
            and null_values(field, self.supply) in ((), ("",))
            and not field.properties.formats
            and not field.properties.decimal_comma
        )

    @property
    def digested(self) -> tuple[Field, ...]:
        """The key's fields, if their text is the same on every server; else empty."""
        kinds = (LogicalType.STRING, LogicalType.INTEGER)
        key = self.supply.key
        same = all(field.name in self.found and field.type.logical in kinds for field in key)
        return key if same else ()

    def column(self, field: Field) -> str:
        return self.quote(self.found[field.name].name)

    def for_keys(self) -> Plan:
        """The same table, read for nothing but its key, in the key's order."""
        return replace(self, supply=replace(self.supply, fields=self.supply.key), watermark=None)


@dataclass(frozen=True)
class Bounds:
    """The watermark's bounds as SQL literals. `low` None: from the first row on."""

    low: str | None
    high: str


@dataclass(frozen=True)
class Query:
    """The rows of one part of a pull: `FROM` table `WHERE` condition `ORDER BY` columns."""

    plan: Plan
    conditions: tuple[str, ...]
    order: tuple[LiveColumn, ...]

    def sql(self, expressions: list[str]) -> str:
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        names = ", ".join(self.plan.rank(column) for column in self.order)
        order = f" ORDER BY {names}" if names else ""
        return f"SELECT {', '.join(expressions)} FROM {self.plan.table}{where}{order}"


def plan_of(
    supply: Supply,
    table: str,
    live: list[LiveColumn],
    quote: Callable[[str], str],
    literal: Literal,
    rank: Callable[[LiveColumn], str],
) -> Plan:
    """The plan of a supply; a key that is gone from the table orders nothing."""
    found, drift = match(supply, live)
    name = supply.pull.watermark if supply.pull.mode == "increment" else None
    key = tuple(found[field.name] for field in supply.key if field.name in found)
    whole = len(key) == len(supply.key)
    primary = {column for column in live if column.key}
    if primary and primary <= set(key):
        rank = _by_name(quote)  # no two rows are equal in it, whatever the collation
    watermark = found.get(name) if name else None
    if name and watermark is None:
        raise SourceMissing(f"{supply.name}: no column for the watermark {name}")
    return Plan(supply, table, found, drift, watermark, key if whole else (), quote, literal, rank)


def null_values(field: Field, supply: Supply) -> tuple[str, ...]:
    """The words that stand for no value in a field."""
    words = field.properties.null_values
    return supply.properties.null_values if words is None else words


def _by_name(quote: Callable[[str], str]) -> Callable[[LiveColumn], str]:
    return lambda column: quote(column.name)


def window_condition(plan: Plan, bounds: Bounds | None) -> str | None:
    """What belongs to the window: rows within the bounds, and those without a watermark.

    A row whose watermark is null can never be told to be old, so every window takes it.
    """
    if plan.watermark is None:
        return None
    mark = plan.quote(plan.watermark.name)
    if bounds is None:
        return f"{mark} IS NULL"
    inside = _inside(plan, bounds)
    return f"({inside} OR {mark} IS NULL)" if plan.watermark.nullable else inside


def queries(plan: Plan, bounds: Bounds | None, after: tuple[str, ...] | None) -> list[Query]:
    """The parts of a pull, in their order.

    First, unordered, what has no place in the order because its watermark or key is null; it was
    landed whole before any chunk that can be resumed after. Then the ordered rest.
    """
    order = plan.order
    nullable = [plan.quote(column.name) for column in order if column.nullable]
    parts = []
    if nullable and after is None:
        lost = " OR ".join(f"{name} IS NULL" for name in nullable)
        window = window_condition(plan, bounds)
        parts.append(Query(plan, (f"({lost})", *([window] if window else [])), ()))
    conditions = [f"{name} IS NOT NULL" for name in nullable]
    if plan.watermark is not None:
        if bounds is None:
            return parts
        conditions.append(_inside(plan, bounds))
    if after is not None:
        conditions.append(_behind(plan, order, after))
    return [*parts, Query(plan, tuple(conditions), order)]


def _inside(plan: Plan, bounds: Bounds) -> str:
    assert plan.watermark is not None
    mark = plan.quote(plan.watermark.name)
    upper = f"{mark} <= {bounds.high}"
    return upper if bounds.low is None else f"({mark} > {bounds.low} AND {upper})"


def _behind(plan: Plan, order: tuple[LiveColumn, ...], after: tuple[str, ...]) -> str:
    """`(a, b) > (x, y)`, spelled so that every server can use an index on its first column."""
    values = [plan.literal(text, column) for text, column in zip(after, order, strict=True)]
    names = [plan.rank(column) for column in order]
    condition = f"{names[-1]} > {values[-1]}"
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        condition = f"({name} >= {value} AND ({name} > {value} OR {condition}))"
    return condition
