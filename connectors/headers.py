"""A delivered file's header held against the contract: which column is which field."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.protocol import Drift
from connectors.text_file import shown
from schemas.contract import Field, Supply

Names = Callable[[Field], Sequence[str]]
TRAILING = " .:;,*。：；，、?？"  # what departments put behind a heading without meaning it


@dataclass(frozen=True)
class Header:
    """`positions` maps a field's name to the place of its column; fields that are absent lack."""

    cells: tuple[str, ...]
    positions: dict[str, int]
    drift: tuple[Drift, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings, fit to be shown: numbers where none is known, since it may be a row."""
        if not self.positions:
            return tuple(f"#{place + 1}" for place in range(len(self.cells)))
        return tuple(shown(cell.strip()) for cell in self.cells)

    @property
    def unnamed(self) -> tuple[int, ...]:
        """Places of columns without a heading; they hold nothing, or drift."""
        return tuple(place for place, cell in enumerate(self.cells) if not folded(cell))


def folded(heading: str) -> str:
    """The heading without what varies from file to file: width, case, white space, full stops."""
    text = unicodedata.normalize("NFKC", heading.replace("\ufeff", "")).casefold()
    return " ".join(text.split()).rstrip(TRAILING)


def match_header(cells: Sequence[str], supply: Supply) -> Header:
    """Give each field its column; what is left over on either side is drift.

    A field's own names win over its title, and its title over its aliases. Of two columns for one
    field the first is read and the second is unknown.
    """
    names = [folded(cell) for cell in cells]
    positions: dict[str, int] = {}
    taken: dict[int, str] = {}
    drift: list[Drift] = []
    for rank, wanted in enumerate(_ranks(supply)):
        for place, name in enumerate(names):
            field = wanted.get(name)
            if name and field and place not in taken and field not in positions:
                positions[field], taken[place] = place, field
                if rank == 2:
                    drift.append(Drift("column_alias", cells[place].strip(), f"read as {field}"))
    known = {name: field for wanted in _ranks(supply) for name, field in wanted.items()}
    for place, name in enumerate(names):
        if name and place not in taken and positions:  # else it may be a row of a headless file
            twice = f"a second column for {known[name]}" if name in known else "not in the contract"
            drift.append(Drift("column_unknown", shown(cells[place].strip()), twice))
    for absent in supply.fields:
        if absent.name not in positions:
            detail = f"field {absent.name} has no column"
            drift.append(Drift("column_missing", absent.column, detail))
    return Header(tuple(cells), positions, tuple(drift))


def unnamed_drift(place: int) -> Drift:
    """A column that has content but no heading."""
    return Drift("column_unknown", f"#{place + 1}", "a column with content and no heading")


def _ranks(supply: Supply) -> Iterator[dict[str, str]]:
    yield _by_name(supply, lambda field: (field.name, field.column))
    yield _by_name(supply, lambda field: (field.title,))
    yield _by_name(supply, lambda field: field.properties.aliases)


def _by_name(supply: Supply, names: Names) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in supply.fields:
        for name in names(field):
            found.setdefault(folded(name), field.name)
    return found
