"""The exact reading of a CSV file: every line belongs to one record, and no record is lost.

RFC 4180 with the freedoms that departments take: any one of the three line ends, rows of any
width, a quote inside an unquoted cell. A quote that is never closed costs its own line alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST_CELL = 8 << 20  # characters; a quote that stays open for longer was never meant as one


class Record(NamedTuple):
    """One logical record. `broken`: its quoting is malformed, and `cells` is its bare line."""

    cells: list[str]
    broken: bool = False

    @property
    def blank(self) -> bool:
        return not any(map(str.strip, self.cells))


def csv_records(lines: Iterable[str], delimiter: str, quote: str) -> Iterator[Record]:
    """All records in the file's order, blank ones included; lines keep their line ends."""
    source, again = iter(lines), deque[str]()
    while True:
        line = again.popleft() if again else next(source, None)
        if line is None:
            return
        if not quote or quote not in line:
            yield Record(_bare(line).split(delimiter))
            continue
        more: list[str] = []
        cells = _quoted(line, again, source, more, delimiter, quote)
        if cells is None:
            again.extendleft(reversed(more))
            yield Record([_bare(line)], broken=True)
        else:
            yield Record(cells)


def _quoted(
    line: str,
    again: deque[str],
    source: Iterator[str],
    more: list[str],
    delimiter: str,
    quote: str,
) -> list[str] | None:
    """The cells of a record that has quotes; None where its quoting is malformed.

    `more` receives the further lines that were read, so that they can be given back.
    """
    cells: list[str] = []
    place = 0
    while True:
        if not line.startswith(quote, place):
            end = line.find(delimiter, place)
            if end < 0:
                return [*cells, _bare(line[place:])]
            cells.append(line[place:end])
            place = end + len(delimiter)
            continue
        parts: list[str] = []
        length, place = 0, place + 1
        while True:
            end = line.find(quote, place)
            if end < 0:
                parts.append(line[place:])
                length += len(line) - place
                following = again.popleft() if again else next(source, None)
                if following is None:
                    return None
                more.append(following)
                if length > LONGEST_CELL:
                    return None
                line, place = following, 0
            elif line.startswith(quote, end + 1):
                parts.append(line[place : end + 1])
                place = end + 2
            else:
                parts.append(line[place:end])
                place = end + 1
                break
        cells.append("".join(parts))
        if line.startswith(delimiter, place):
            place += len(delimiter)
        elif not _bare(line[place:]):
            return cells
        else:
            return None


def _bare(line: str) -> str:
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line
