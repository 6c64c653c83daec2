"""The profile of one batch: null counts of the footers, and one histogram per field of a sample.

No bin shows a value that somebody could be known by: codes are those of public code lists, numbers
lie in powers of two, dates in years, text is counted by its length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from quality import sql
from quality.drift import Profile
from schemas.arrow import ROW_COLUMN
from schemas.contract import Catalog, Field, LogicalType, Supply

SAMPLE_ROWS = 100_000
MANY_CODES = 64  # longer lists are counted by 16 groups of codes
SMALL = 16  # whole numbers up to this are counted one by one
LONG = 32  # texts up to this length, too
_GOLDEN = 2654435761  # Knuth's multiplier: neighbours scatter over the whole of 2^32
_NUMBERS = (LogicalType.INTEGER, LogicalType.NUMBER)
_DATES = (LogicalType.DATE, LogicalType.TIMESTAMP)


def profile(
    connection: duckdb.DuckDBPyConnection,
    supply: Supply,
    catalog: Catalog,
    rows: int,
    nulls: Mapping[str, int],
    whole: bool,
    year: int,
) -> Profile:
    """The profile of the relation `landing`; `nulls` as the Parquet footers count them.

    The sample is the same on every run: it follows from the row numbers.
    """
    binned = {field.name: how for field in supply.fields if (how := _bin(field, supply, catalog))}
    named = {field.name: nulls[field.name] for field in supply.fields if field.name in nulls}
    if not rows or not binned:
        return Profile(rows, whole, year, 0, named, {})
    where = "true"
    if rows > SAMPLE_ROWS:
        part = 2**32 * SAMPLE_ROWS // rows
        where = f"({ROW_COLUMN} * {_GOLDEN}) % {2**32} < {part}"
    histograms = ", ".join(f"histogram({expression})" for _, expression in binned.values())
    found = connection.execute(
        f"SELECT count(*), {histograms} FROM landing WHERE {where}"
    ).fetchone() or (0,)
    return Profile(
        rows=rows,
        whole=whole,
        year=year,
        sampled=found[0],
        nulls=named,
        bins={
            name: (kind, {str(k): int(v) for k, v in sorted((bins or {}).items())})
            for (name, (kind, _)), bins in zip(binned.items(), found[1:], strict=True)
        },
    )


def _bin(field: Field, supply: Supply, catalog: Catalog) -> tuple[str, str] | None:
    """(kind, SQL of the bin's label); None for what numbers rows or moves on with time alone."""
    name, logical = sql.name(field.name), field.type.logical
    if field.key_position is not None or field.name == supply.pull.watermark:
        return None
    listed = catalog.codelists.get(field.properties.codelist or "")
    if listed is not None:
        return "code", _code(f"{name}::VARCHAR", sorted(listed.canonical))
    if field.unique and logical in (*_NUMBERS, *_DATES):
        return None
    if logical is LogicalType.BOOLEAN:
        return "code", f"{name}::VARCHAR"
    if logical in _NUMBERS:
        return "number", _number(name, logical is LogicalType.INTEGER)
    if logical in _DATES:
        year = f"year({name})"
        return "date", (
            f"CASE WHEN {year} < 1900 THEN 'before 1900' WHEN {year} > 2200 THEN 'after 2200' "
            f"ELSE {year}::VARCHAR END"
        )
    length = f"length({name})"
    return (
        "length",
        f"CASE WHEN {length} <= {LONG} THEN {length}::VARCHAR ELSE {_octave(length)} END",
    )


def _code(name: str, codes: list[str]) -> str:
    label = name if len(codes) <= MANY_CODES else f"'group ' || left(md5({name}), 1)"
    known = sql.member(name, [sql.text(code) for code in codes])
    return f"CASE WHEN {known} THEN {label} WHEN {name} IS NOT NULL THEN 'other' END"


def _number(name: str, integer: bool) -> str:
    value = f"{name}::DOUBLE"
    small = f"WHEN abs({value}) <= {SMALL} THEN {name}::VARCHAR " if integer else ""
    return (
        f"CASE WHEN {name} IS NULL OR NOT isfinite({value}) THEN NULL {small}"
        f"WHEN {value} = 0 THEN '0' WHEN {value} < 0 THEN '-' || {_octave(f'-{value}')} "
        f"ELSE {_octave(value)} END"
    )


def _octave(value: str) -> str:
    return f"'2^' || floor(log2({value}))::INTEGER::VARCHAR"


def as_json(found: Profile) -> dict[str, Any]:
    """A profile as a report keeps it."""
    return {
        "rows": found.rows,
        "whole": found.whole,
        "year": found.year,
        "sampled": found.sampled,
        "nulls": found.nulls,
        "bins": {name: {"kind": kind, "rows": bins} for name, (kind, bins) in found.bins.items()},
    }


def from_json(kept: Mapping[str, Any]) -> Profile:
    """The profile that a report kept."""
    return Profile(
        rows=kept["rows"],
        whole=kept["whole"],
        year=kept["year"],
        sampled=kept["sampled"],
        nulls=dict(kept["nulls"]),
        bins={name: (bins["kind"], dict(bins["rows"])) for name, bins in kept["bins"].items()},
    )
