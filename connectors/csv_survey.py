"""The first pass over a CSV file: header, number of records, sums of money, and its regularity."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from connectors.csv_records import csv_records
from connectors.headers import Header, match_header
from connectors.opened import Sums
from connectors.protocol import Totals
from connectors.text_file import Encoding, open_text
from schemas.contract import Supply
from schemas.properties import Files

STEP = 10_000  # records that are counted and added up at a time


@dataclass(frozen=True)
class Survey:
    """What is known of a CSV file before its rows are typed.

    `regular`: its quoting is strict, and every record has content and the header's width, so that
    a fast reader cannot see anything else than the exact one. `filled`: columns that have content
    but no heading. `header_lines`: physical lines up to the end of the header.
    """

    encoding: Encoding
    header: Header
    totals: Totals
    filled: frozenset[int]
    regular: bool
    header_lines: int = 0
    multiline: bool = False


def survey_csv(path: Path, supply: Supply, files: Files, encoding: Encoding) -> Survey:
    """Read the file once with the standard library's strict reader, or else with the exact one.

    The header is the first record with content behind `skipRows` lines. A file whose first record
    names no field of the contract has no header: then all its records are rows.
    """
    if encoding.exact and len(files.delimiter) == 1:
        with suppress(csv.Error), open_text(path, encoding.name) as text:
            return _strict(text, supply, files, encoding)
    with open_text(path, encoding.name) as text:
        lines = islice(text, files.skip_rows, None)
        records = csv_records(lines, files.delimiter, files.quote)
        counted = _Count((record.cells for record in records), supply)
        return replace(counted.survey(encoding), regular=False)


def _strict(text: Iterable[str], supply: Supply, files: Files, encoding: Encoding) -> Survey:
    lines = islice(text, files.skip_rows, None)
    reader = csv.reader(
        lines,
        delimiter=files.delimiter,
        quotechar=files.quote or None,
        quoting=csv.QUOTE_MINIMAL if files.quote else csv.QUOTE_NONE,
        strict=True,
    )
    counted = _Count(reader, supply)
    header_lines = reader.line_num
    survey = counted.survey(encoding)
    return replace(
        survey,
        regular=survey.regular and not encoding.bare_returns,
        header_lines=files.skip_rows + header_lines,
        multiline=reader.line_num - header_lines != counted.records + counted.empty_lines,
    )


class _Count:
    """Finds the header when made, counts and adds up the rest in `survey`."""

    def __init__(self, rows: Iterable[list[str]], supply: Supply) -> None:
        self._rows = iter(rows)
        first = next((row for row in self._rows if _has_content(row)), [])
        self.header = match_header(first, supply)
        self._headless = [first] if first and not self.header.positions else []
        self._sums = Sums(self.header, supply)
        self._unnamed = self.header.unnamed
        self._filled: set[int] = set()
        self._regular = not self._headless
        self.records = len(self._headless)
        self.empty_lines = 0

    def survey(self, encoding: Encoding) -> Survey:
        while rows := list(islice(self._rows, STEP)):
            self._add(rows)
        return Survey(
            encoding=encoding,
            header=self.header,
            totals=Totals(self.records, self._sums.sums),
            filled=frozenset(self._filled),
            regular=self._regular,
        )

    def _add(self, rows: list[list[str]]) -> None:
        records = [row for row in rows if row and (row[0].strip() or _has_content(row))]
        empty = rows.count([])
        self.empty_lines += empty
        if len(records) + empty < len(rows) or {*map(len, records)} - {len(self.header.cells)}:
            self._regular = False
        self.records += len(records)
        self._sums.add(records)
        for place in self._unnamed:
            if place not in self._filled and any(
                place < len(row) and row[place].strip() for row in records
            ):
                self._filled.add(place)


def _has_content(row: Sequence[str]) -> bool:
    return any(map(str.strip, row))
