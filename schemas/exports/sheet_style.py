"""How the 目录 spreadsheet looks and what its cells accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.exports.names import CYCLE, FORMAT, LEVEL, MODE, OPEN
from schemas.exports.sheet_columns import Column

_CHOICES: dict[str, Mapping[Any, tuple[str, str]]] = {
    "open": OPEN,
    "cycle": CYCLE,
    "level": LEVEL,
    "mode": MODE,
    "format": FORMAT,
}
_MOST_ROWS = 20_000
_INK, _PAPER, _LINE = "FF1F3A5F", "FFF2F5F9", "FFD0D7E2"


def dress(sheet: Any, columns: Sequence[Column], share_codes: Sequence[str]) -> None:
    """Widths, a fixed heading, a filter, thin lines, lists of allowed values, A4 landscape."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    line = Side(style="thin", color=_LINE)
    border = Border(left=line, right=line, top=line, bottom=line)
    wrapped = Alignment(vertical="top", wrap_text=True)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment, cell.border = wrapped, border
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        heading = sheet.cell(row=1, column=number)
        heading.font = Font(bold=True, color=_INK)
        heading.fill = PatternFill("solid", fgColor=_PAPER)
        heading.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        heading.border = border
        if choices := _choices(column, share_codes):
            rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            rule.error = f"{column.heading}：{'、'.join(choices)}"
            rule.showErrorMessage = True
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{_MOST_ROWS}")
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = sheet.cell(row=2, column=6)
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _choices(column: Column, share_codes: Sequence[str]) -> list[str]:
    if column.kind == "flag":
        return ["是", "否"]
    if column.kind == "share":
        return list(share_codes)
    words = _CHOICES.get(column.kind, {})
    return [zh for zh, _ in words.values()]
