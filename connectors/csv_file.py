"""CSV drops: counted by one reader and streamed by another, so that neither is believed alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from connectors.cells import type_rows
from connectors.csv_records import csv_records
from connectors.csv_survey import Survey, survey_csv
from connectors.headers import unnamed_drift
from connectors.opened import OpenedFile, TextRow, shaped, typed
from connectors.protocol import LiveColumn, SourceError
from connectors.text_file import choose_encoding, open_text, shown
from schemas.contract import Supply
from schemas.properties import Files

BLOCK = 2 << 20  # bytes that the fast reader takes at a time; one record must fit
CHUNK_BYTES = 20 << 20  # of text; typing holds it some six times over
EXACT_ROWS = 50_000  # rows of a chunk of the exact reader, which holds Python strings


def open_csv(path: Path, supply: Supply, timezone: str) -> OpenedFile:
    """Survey the file, then stream it typed in chunks of the supply's `chunkRows`."""
    files = supply.properties.files or Files(pattern="*")
    encoding = choose_encoding(path, files.encodings)
    survey = survey_csv(path, supply, files, encoding)
    if survey.regular and survey.totals.rows:
        batches = _fast(path, supply, files, survey, timezone)
    else:
        batches = _exact(path, supply, files, survey, timezone)
    unnamed = tuple(map(unnamed_drift, sorted(survey.filled)))
    return OpenedFile(
        columns=tuple(LiveColumn(name, "text") for name in survey.header.headings),
        drift=survey.header.drift + unnamed,
        totals=survey.totals,
        batches=batches,
    )


def _exact(
    path: Path, supply: Supply, files: Files, survey: Survey, timezone: str
) -> Iterator[pa.RecordBatch]:
    size = min(EXACT_ROWS, supply.pull.chunk_rows)
    with open_text(path, survey.encoding.name) as text:
        lines = islice(text, files.skip_rows, None)
        records = (r for r in csv_records(lines, files.delimiter, files.quote) if not r.blank)
        if survey.header.positions:
            next(records, None)
        rows = (
            TextRow((), (("", "bad_quote", shown(record.cells[0])),))
            if record.broken
            else shaped(record.cells, survey.header, files.delimiter)
            for record in records
        )
        while chunk := list(islice(rows, size)):
            yield typed(chunk, survey.header, supply, timezone)


def _fast(
    path: Path, supply: Supply, files: Files, survey: Survey, timezone: str
) -> Iterator[pa.RecordBatch]:
    places = [str(place) for place in range(len(survey.header.cells))]
    wanted = [str(place) for place in survey.header.positions.values()]
    try:
        reader = pa.csv.open_csv(
            path,
            read_options=pa.csv.ReadOptions(
                skip_rows=survey.header_lines,
                column_names=places,
                block_size=BLOCK,
                encoding=survey.encoding.name.replace("utf-8-sig", "utf8"),
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=files.delimiter,
                quote_char=files.quote or False,
                newlines_in_values=survey.multiline,
            ),
            convert_options=pa.csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
        for chunk in _chunks(reader, supply.pull.chunk_rows):
            yield type_rows(chunk.rename_columns(list(survey.header.positions)), supply, timezone)
    except pa.ArrowInvalid as error:
        # The survey found every record regular: a reader that disagrees is a fault of ours.
        raise SourceError(f"{path.name}: the fast reader stopped: {error}") from error


def _chunks(reader: pa.csv.CSVStreamingReader, rows: int) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in reader:
        while batch.num_rows:
            part = batch.slice(0, rows - sum(b.num_rows for b in held))
            batch = batch.slice(part.num_rows)
            held.append(part)
            full = sum(b.num_rows for b in held) >= rows
            if full or sum(b.nbytes for b in held) >= CHUNK_BYTES:
                yield pa.Table.from_batches(held)
                held = []
    if held:
        yield pa.Table.from_batches(held)
