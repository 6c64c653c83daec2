"""Cells of an .xlsx sheet that its fast reader shows otherwise than Excel does.

Error values (`#N/A`), formulas that were never calculated, and numbers that a format pads with
zeros (a code 000123 kept as 123). The sheet's XML is read for them only where its bytes hold one.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath
from typing import IO

from connectors.cells.faults import FaultCode

Marks = dict[tuple[int, int], tuple[str, FaultCode | None]]
"""(row, column) from 0 -> the text that is shown, and a fault where none can be shown."""

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
PADDED = re.compile(r"0{2,}")
SUSPECT = re.compile(rb't="e"|<f[ >/]')
BLOCK = 1 << 20


def marks_of(path: Path, sheet: str) -> Marks:
    """The marks of one sheet; empty for workbooks that are not .xlsx."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as book:
        part = _part(book, sheet)
        if part is None:
            return {}
        padded = _padded_styles(book)
        with book.open(part) as xml:
            if not padded and not _suspect(xml):
                return {}
        with book.open(part) as xml:
            return dict(_marks(xml, padded))


def _part(book: zipfile.ZipFile, sheet: str) -> str | None:
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    targets = {r.get("Id"): r.get("Target", "") for r in _xml(book, "xl/_rels/workbook.xml.rels")}
    for found in _xml(book, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet"):
        if found.get("name") == sheet:
            target = targets.get(found.get(RELATION), "")
            part = normpath(join("xl", target)).lstrip("/")
            return part if part in names else None
    return None


def _padded_styles(book: zipfile.ZipFile) -> dict[str, int]:
    """Style index -> the number of digits that its format shows at least."""
    if "xl/styles.xml" not in book.namelist():
        return {}
    root = _xml(book, "xl/styles.xml")
    widths = {
        f.get("numFmtId"): len(f.get("formatCode", ""))
        for f in root.iterfind("{*}numFmts/{*}numFmt")
        if PADDED.fullmatch(f.get("formatCode", ""))
    }
    styles = enumerate(root.iterfind("{*}cellXfs/{*}xf"))
    return {str(i): widths[x.get("numFmtId")] for i, x in styles if x.get("numFmtId") in widths}


def _suspect(xml: IO[bytes]) -> bool:
    tail = b""
    while block := xml.read(BLOCK):
        if SUSPECT.search(tail + block):
            return True
        tail = block[-8:]
    return False


def _marks(
    xml: IO[bytes], padded: dict[str, int]
) -> Iterator[tuple[tuple[int, int], tuple[str, FaultCode | None]]]:
    for _, element in ET.iterparse(xml):
        tag = element.tag.rpartition("}")[2]
        if tag == "c":
            mark = _mark(element, padded)
            if mark and (place := element.get("r")):
                yield _place(place), mark
        if tag == "row":
            element.clear()


def _mark(cell: ET.Element, padded: dict[str, int]) -> tuple[str, FaultCode | None] | None:
    value, formula = cell.findtext("{*}v"), cell.findtext("{*}f")
    if cell.get("t") == "e":
        return value or "#ERROR", "not_text"
    if formula is not None and not value and cell.get("t") not in ("str", "inlineStr"):
        return f"={formula}", "not_text"
    width = padded.get(cell.get("s", ""))
    if width and value and value.isdigit() and cell.get("t", "n") == "n":
        return value.zfill(width), None
    return None


def _place(reference: str) -> tuple[int, int]:
    """`C12` as (11, 2)."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, column - 1


def _xml(book: zipfile.ZipFile, name: str) -> ET.Element:
    with book.open(name) as part:
        return ET.parse(part).getroot()
