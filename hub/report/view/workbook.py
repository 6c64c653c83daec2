"""The document as a workbook for the department's clerk."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from hub.report.document import Document
from hub.report.view.sheets import Sheet, Value, sheets
from hub.report.view.text import plain
from hub.report.view.words import Speaker
from quality.messages import Language

LONGEST = 32_767  # characters that a cell holds
LINES = 1_048_575  # that a sheet holds below its head
A4 = "9"
HEAD = PatternFill("solid", fgColor="FFE6EAEF")
UNDER = Border(bottom=Side(style="thin", color="FF1C2330"))
BOLD = Font(bold=True)
WRAP = Alignment(wrap_text=True, vertical="top")
TOP = Alignment(vertical="top")
FORMULA = ("=", "+", "-", "@")  # what makes a spreadsheet take a text for a formula


def workbook(document: Document, language: Language) -> bytes:
    """The bytes of an .xlsx. Text is text, whatever it begins with; counts and scores are numbers.

    Sheets without content are left out.
    """
    return book_of(sheets(document, Speaker(language)))


def book_of(listed: Sequence[Sheet]) -> bytes:
    """The bytes of an .xlsx with these sheets."""
    book = Workbook(write_only=True)
    for sheet in listed:
        _write(book, sheet)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _write(book: Workbook, content: Sheet) -> None:
    """One sheet: a head that stays in sight and is printed on each page, filters, widths."""
    sheet: Any = book.create_sheet(content.title)
    lines = content.lines[:LINES]
    sheet.freeze_panes = "A2"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    for n, column in enumerate(content.columns, start=1):
        sheet.column_dimensions[get_column_letter(n)].width = column.width
    if content.filters:
        last = get_column_letter(len(content.columns))
        sheet.auto_filter.ref = f"A1:{last}{len(lines) + 1}"
    styles = _styles(sheet)
    sheet.append(_text(styles.head, column.head) for column in content.columns)
    for line in lines:
        sheet.append(_cell(styles, value) for value in line)


class _Styles(NamedTuple):
    """One cell of each kind. A row is written cell by cell, so that each serves again and again:
    openpyxl takes ten times as long to give every cell its style."""

    head: Any
    text: Any
    guarded: Any
    count: Any
    score: Any


def _styles(sheet: Any) -> _Styles:
    styles = _Styles(*(WriteOnlyCell(sheet) for _ in _Styles._fields))
    for cell in (styles.head, styles.text, styles.guarded):
        cell.alignment = WRAP
    styles.head.font, styles.head.fill, styles.head.border = BOLD, HEAD, UNDER
    styles.guarded.quotePrefix = True
    styles.count.alignment = styles.score.alignment = TOP
    styles.count.number_format, styles.score.number_format = "#,##0", "0.00"
    return styles


def _cell(styles: _Styles, value: Value) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return _text(styles.guarded if value.startswith(FORMULA) else styles.text, value)
    cell = styles.score if isinstance(value, Decimal) else styles.count
    cell.value = value
    return cell


def _text(cell: Any, text: str) -> Any:
    """A cell of text: never a formula, whatever it begins with, nor after someone edits it."""
    cell.value = plain(text)[:LONGEST]
    cell.data_type = "s"
    return cell
