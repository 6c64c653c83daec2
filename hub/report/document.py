"""What a report says: every printed figure with the counts that it follows from.

A document is plain values, so that JSON holds all of it and each view only lays it out. Nothing in
it is personal: rows are counted, never shown, and samples are masked before they come here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["batch", "department", "release", "hub"]
FORMAT = 1


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Figure:
    """An indicator of GB/T 36344-2018 on some scope: X = numerator / denominator.

    `score` is in percent, higher is better, rounded half even to two places: 100 A / B, or
    100 (1 - A / B) for the two indicators that count what is wrong (`inverted`). None: not
    assessed, because the denominator is 0.
    """

    indicator: str  # four digits
    name: Words
    inverted: bool
    numerator: int
    denominator: int
    score: str | None  # decimal text, e.g. "99.87"
    weight: str  # within its dimension, as configured


@dataclass(frozen=True)
class Dimension:
    """A dimension (规范性 …) as the weighted mean of its assessed indicators."""

    code: str  # two digits
    name: Words
    score: str | None
    weight: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Scorecard:
    """The scorecard of one scope, with the configuration that it was computed by."""

    configuration: str  # name and version, e.g. "gbt36344-2018 1.0.0"
    source: Words  # where weights and grades come from
    grades: tuple[tuple[str, Words, str], ...]  # (code, name, least score), best first
    dimensions: tuple[Dimension, ...]
    score: str | None  # weighted mean of the assessed dimensions
    grade: str | None


@dataclass(frozen=True)
class Cell:
    """One field (of a supply or dataset) by one indicator: a cell of the heat map.

    The cells of an indicator add up to its figure. In the hub's report a cell is a whole supply.
    """

    owner: str  # supply or dataset
    field: str | None  # None: the table as a whole
    title: Words
    indicator: str
    numerator: int
    denominator: int
    score: str | None


@dataclass(frozen=True)
class RuleLine:
    """One rule over all batches of the report's scope."""

    supply: str
    rule_id: str
    code: str
    fields: tuple[str, ...]
    severity: str
    dimension: str | None
    indicator: str | None
    says: Words
    clause: str | None  # of the standard behind the rule, e.g. "GB 11643-1999 6.1"
    evaluated: int
    failed: int
    batches: int  # in which it ran
    success: bool  # in every batch


@dataclass(frozen=True)
class Sample:
    """Failing values of one shape: digits 9, letters A and a, Han characters 文, runs as `9{18}`.

    `∅` stands for missing values, `…` for all shapes that fewer than three rows share.
    """

    supply: str
    rule_id: str
    field: str
    shape: str
    rows: int  # of this shape


@dataclass(frozen=True)
class Point:
    """One point of the trend: a batch, a release, or a month."""

    at: str  # ISO 8601 with zone
    label: str  # batch id, dataset and version, or YYYY-MM
    score: str | None
    rows: int
    quarantined: int
    verdict: str | None


@dataclass(frozen=True)
class Line:
    """One row of the table of parts: supplies of a department, departments of the hub."""

    name: str
    title: Words
    batches: int
    source: int
    accepted: int
    quarantined: int
    unchanged: int
    score: str | None
    grade: str | None
    orders_open: int
    orders_overdue: int


@dataclass(frozen=True)
class DiscrepancyLine:
    """Discrepancies of a release, counted."""

    dataset: str
    kind: str
    field: str | None
    supply: str | None
    severity: str
    says: Words
    rows: int


@dataclass(frozen=True)
class Document:
    """One report. `made_at` and the period are aware ISO 8601; `until` is exclusive."""

    kind: Kind
    id: str  # "batch:<id>", "department:<name>:2026-11", "release:<dataset>:3", "hub:2026-11"
    title: Words
    subject: dict[str, str]  # facts in reading order, e.g. {"batch_id": …, "verdict": …}
    since: str | None
    until: str | None
    made_at: str
    hub_version: str
    scorecard: Scorecard
    heatmap: tuple[Cell, ...]
    rules: tuple[RuleLine, ...]  # failing ones first, most failing rows first
    samples: tuple[Sample, ...]
    trend: tuple[Point, ...]  # oldest first
    parts: tuple[Line, ...]
    discrepancies: tuple[DiscrepancyLine, ...]
    counts: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT
