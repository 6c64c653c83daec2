"""A large sheet of text as an Excel file with equal bytes for equal rows, written as it is read.

The libraries write every cell through objects of their own: openpyxl takes 12 times as long as
this, XlsxWriter 7 times. A full sheet of ten columns is 22 seconds here and 4 minutes there, and a
portal answers nobody while a thread of it computes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

CHARACTERS = 32_767  # of one cell, in UTF-16; Excel holds no more
_STRANGE = r"[\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"
"""What a sheet cannot hold as it is: XML has no control characters and takes CR for LF, and
spreadsheets read `_x0041_` as one character."""

_BEYOND = r"[\x{10000}-\x{10ffff}]"  # characters that are two in UTF-16
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every member: the moment of writing is no content
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def write_texts(path: Path, title: str, rows: Iterator[Sequence[str | None]]) -> None:
    """Write rows as one sheet; every cell is text, so that nothing runs as a formula.

    `title` names the sheet: at most 31 characters, none of `[]:*?/\\`. No text is longer than
    `too_long` allows, or `strange`.
    """
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in {**_PARTS, "xl/workbook.xml": book}.items():
            archive.writestr(_member(name), _HEAD + text)
        with archive.open(_member("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in rows:
                sheet.write(_row(row).encode())
            sheet.write(b"</sheetData></worksheet>")


def too_long(texts: pa.Array) -> bool:
    """Whether one of the texts has more characters than a cell holds."""
    units = pc.add(pc.utf8_length(texts), pc.count_substring_regex(texts, _BEYOND))
    longest = pc.max(units).as_py()
    return longest is not None and longest > CHARACTERS


def strange(texts: pa.Array) -> bool:
    """Whether one of the texts would read otherwise in a sheet."""
    return bool(pc.any(pc.match_substring_regex(texts, _STRANGE)).as_py())


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0  # the same on every system
    return member


def _row(cells: Sequence[str | None]) -> str:
    return f"<row>{''.join(_cell(text) for text in cells)}</row>"


def _cell(text: str | None) -> str:
    if not text:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
