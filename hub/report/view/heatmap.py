"""Fields by indicator: cells in grids, one per supply, the lowest scores first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hub.report.document import Cell, Words
from quality.scorecard.score import Sum, add, indicator_score, percent
from quality.scorecard.standard import INDICATORS

# Background and ink by score, from which on each holds; darker is worse, in black and white too.
SHADES = (
    ("100", "#ffffff", "#1c2330"),
    ("99", "#f7e8d8", "#1c2330"),
    ("95", "#efcfae", "#1c2330"),
    ("80", "#dc9f74", "#1c2330"),
    ("60", "#a9573a", "#ffffff"),
    ("0", "#6b2417", "#ffffff"),
)
FIELDS, GRIDS, LINES = 40, 200, 400  # fields of one grid, grids, lines of all grids together
WIDE = 9  # indicators from which on a head names their codes alone
OPEN = 60  # lines that are shown without asking


@dataclass(frozen=True)
class Tile:
    """One cell as it is printed; `shade` is its place in SHADES, None without a score."""

    text: str
    shade: int | None
    score: str | None


@dataclass(frozen=True)
class Row:
    """One field, or one supply in the table of totals."""

    name: str | None
    title: Words
    tiles: tuple[Tile | None, ...]  # one per indicator of the grid
    least: Decimal | None


@dataclass(frozen=True)
class Grid:
    """The fields of one supply or dataset."""

    owner: str
    rows: tuple[Row, ...]
    hidden: int
    fields: int
    least: str | None
    open: bool


@dataclass(frozen=True)
class HeatMap:
    indicators: tuple[str, ...]
    totals: tuple[Row, ...]
    grids: tuple[Grid, ...]
    hidden: int  # owners that are not shown


@dataclass(frozen=True)
class Lines:
    """Every field of every owner, in the document's order."""

    indicators: tuple[str, ...]
    lines: tuple[tuple[str, Row], ...]


def every_line(cells: Sequence[Cell]) -> Lines:
    """All cells as one table, for views without a limit."""
    indicators, owners = _by_owner(cells)
    lines = tuple(
        (owner, _row(name, listed[0].title, _summed(listed), indicators))
        for owner, fields in owners.items()
        for name, listed in fields.items()
    )
    return Lines(indicators, lines)


Owners = dict[str, dict[str | None, list[Cell]]]


def _by_owner(cells: Sequence[Cell]) -> tuple[tuple[str, ...], Owners]:
    owners: Owners = {}
    for cell in cells:
        owners.setdefault(cell.owner, {}).setdefault(cell.field, []).append(cell)
    return tuple(sorted({cell.indicator for cell in cells})), owners


def heat_map(cells: Sequence[Cell]) -> HeatMap:
    """Grids and totals of the cells, lowest scores first, capped."""
    indicators, owners = _by_owner(cells)
    whole = all(cell.field is None for cell in cells)
    totals = [
        _row(
            owner,
            _title(fields) if whole else Words(owner, owner),
            _summed(c for line in fields.values() for c in line),
            indicators,
        )
        for owner, fields in owners.items()
    ]
    totals.sort(key=_worst_first)
    if whole:
        return HeatMap(indicators, tuple(totals[:LINES]), (), max(len(totals) - LINES, 0))
    grids, lines = [], 0
    for total in totals[:GRIDS]:
        if lines >= LINES:
            break
        fields = owners[total.name or ""]
        grid = _grid(total, fields, indicators, min(FIELDS, LINES - lines), lines)
        lines += len(grid.rows)
        grids.append(grid)
    return HeatMap(indicators, tuple(totals[:GRIDS]), tuple(grids), len(owners) - len(grids))


def _title(fields: Mapping[str | None, Sequence[Cell]]) -> Words:
    return next(iter(fields.values()))[0].title


def _grid(
    total: Row,
    fields: dict[str | None, list[Cell]],
    indicators: tuple[str, ...],
    room: int,
    before: int,
) -> Grid:
    rows = [
        _row(name, cells[0].title, _summed(cells), indicators) for name, cells in fields.items()
    ]
    rows.sort(key=_worst_first)
    shown = tuple(rows[:room])
    return Grid(
        owner=total.name or "",
        rows=shown,
        hidden=len(rows) - len(shown),
        fields=len(rows),
        least=None
        if total.least is None
        else str(min(r.least for r in rows if r.least is not None)),
        open=before + len(shown) <= OPEN,
    )


def _worst_first(row: Row) -> Decimal:
    return Decimal(101) if row.least is None else row.least


def _summed(cells: Iterable[Cell]) -> dict[str, Sum]:
    return add((cell.indicator, Sum(cell.numerator, cell.denominator)) for cell in cells)


def _row(name: str | None, title: Words, sums: dict[str, Sum], indicators: tuple[str, ...]) -> Row:
    scores = {code: percent(_score(code, counted)) for code, counted in sums.items()}
    found = [Decimal(score) for score in scores.values() if score is not None]
    tiles = tuple(
        _tile(code, sums[code], scores[code]) if code in sums else None for code in indicators
    )
    return Row(name, title, tiles, min(found, default=None))


def _score(code: str, counted: Sum) -> Fraction | None:
    return indicator_score(code, counted) if code in INDICATORS else None


def _tile(code: str, counted: Sum, score: str | None) -> Tile:
    if score is None:
        return Tile("—", None, None)
    exact = _score(code, counted)
    text = score.removesuffix(".00")
    if text == "100" and exact != 1:
        return Tile(">99.99", shade(Decimal("99.99")), score)
    return Tile(text, shade(Decimal(score)), score)


def shade(score: Decimal) -> int:
    """The place in SHADES of a score."""
    return next(n for n, (least, _, _) in enumerate(SHADES) if score >= Decimal(least) or n == 5)
