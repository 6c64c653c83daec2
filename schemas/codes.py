"""Reads code lists: `codelists/<name>.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Literal, cast

from schemas.contract import Code, CodeList
from schemas.messages import found
from schemas.problems import Problem

COLUMNS = ("code", "canonical", "label", "label_en", "kind", "valid_from", "valid_to")
_OPTIONAL = {"label_en", "kind", "valid_from", "valid_to"}
_KINDS = ("canonical", "fixable", "ignorable")
_ALWAYS = (date.min.isoformat(), date.max.isoformat())


def read_codelists(root: Path, problems: list[Problem]) -> Iterator[tuple[str, CodeList | None]]:
    """Every code list of the catalog; None stands for a file with problems."""
    for path in sorted((root / "codelists").glob("*.csv")):
        before = len(problems)
        codes = _read(path, problems)
        sound = all(problem.severity == "warning" for problem in problems[before:])
        yield path.stem, CodeList(path.stem, tuple(codes)) if sound else None


def _read(path: Path, problems: list[Problem]) -> list[Code]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(found(path, "", "codelist_encoding", line=line))
        return []
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    missing = [name for name in COLUMNS if name not in header and name not in _OPTIONAL]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown:
        problems.append(
            found(
                path,
                "",
                "codelist_header",
                line=1,
                expected=", ".join(COLUMNS),
                missing=", ".join(missing) or "-",
                unknown=", ".join(unknown) or "-",
            )
        )
        return []
    codes: list[tuple[int, Code]] = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            problems.append(
                found(
                    path,
                    f"line {reader.line_num}",
                    "codelist_row",
                    line=reader.line_num,
                    found=len(cells),
                    expected=len(header),
                )
            )
            continue
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        code = _code(row, path, reader.line_num, problems)
        if code:
            codes.append((reader.line_num, code))
    if not codes:
        problems.append(found(path, "", "codelist_empty", line=1))
    _together(codes, path, problems)
    return [code for _, code in codes]


def _code(row: Mapping[str, str], path: Path, line: int, problems: list[Problem]) -> Code | None:
    def report(code: str, /, **values: object) -> None:
        problems.append(found(path, f"line {line}", code, line=line, **values))

    kind = row.get("kind") or "canonical"
    if kind not in _KINDS:
        report("code_kind", found=kind)
        return None
    # An ignorable code may be the empty one: "no value" as a department writes it.
    if not row["code"] and kind != "ignorable":
        report("code_missing")
        return None
    canonical: str | None = row["canonical"] or (row["code"] if kind == "canonical" else None)
    wrong = (
        (kind == "canonical" and canonical != row["code"])
        or (kind == "ignorable" and canonical is not None)
        or (kind == "fixable" and canonical is None)
    )
    if wrong:
        report("code_canonical_self", kind=kind, code=row["code"], canonical=canonical or "")
    if not row["label"] and kind == "canonical":
        report("code_label", code=row["code"])
    for column in ("valid_from", "valid_to"):
        if row.get(column) and not _is_date(row[column]):
            report("code_date", column=column, found=row[column])
            return None
    since, until = row.get("valid_from") or None, row.get("valid_to") or None
    if since and until and until <= since:
        report("code_date_order", since=since, until=until)
    return Code(
        code=row["code"],
        canonical=canonical,
        label=row["label"],
        label_en=row.get("label_en") or "",
        kind=cast(Literal["canonical", "fixable", "ignorable"], kind),
        valid_from=since,
        valid_to=until,
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _together(codes: list[tuple[int, Code]], path: Path, problems: list[Problem]) -> None:
    """Codes may come back with another meaning (GB/T 2260 did), but not at the same time."""
    canonical = {code.code for _, code in codes if code.kind == "canonical"}
    periods: dict[str, list[tuple[str, str, int]]] = {}
    for line, code in codes:
        since, until = code.valid_from or _ALWAYS[0], code.valid_to or _ALWAYS[1]
        for other_since, other_until, other in periods.get(code.code, []):
            if since < other_until and other_since < until:
                problems.append(
                    found(
                        path,
                        f"line {line}",
                        "code_duplicate",
                        line=line,
                        code=code.code,
                        other=other,
                    )
                )
                break
        periods.setdefault(code.code, []).append((since, until, line))
        if code.kind == "fixable" and code.canonical and code.canonical not in canonical:
            problems.append(
                found(
                    path,
                    f"line {line}",
                    "code_canonical",
                    line=line,
                    code=code.code,
                    canonical=code.canonical,
                )
            )
