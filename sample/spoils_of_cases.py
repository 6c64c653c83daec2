"""Cells that go wrong in the supplies that cross-checks read; no case and no near miss has one."""

from __future__ import annotations

from sample.cases import Casebook
from sample.faults import Spoil
from sample.projects import CONSTRUCTION
from sample.spoils import GREATER, rejected, to, unknown, uscc_digit, wrong_resident_id

PEOPLE: dict[str, list[Spoil]] = {
    "civil_affairs/allowances": [
        wrong_resident_id(), unknown("kind", "70"),
        rejected("bad_month", "month", "pattern", lambda cell: cell.replace("-", "/")),
    ],
    "staffing/employees": [wrong_resident_id(), unknown("kind", "5")],
}  # fmt: skip
FIRMS: dict[str, list[Spoil]] = {
    "market/shareholders": [
        wrong_resident_id("holder_id"), rejected("out_of_range", "share", "range", to("1.200000")),
        rejected("wrong_check_digit", "uscc", "uscc.check_digit", uscc_digit),
    ],
    "tax/filings": [
        rejected("wrong_check_digit", "tax_id", "tax_id.check_digit", uscc_digit),
        rejected("out_of_range", "quarter", "range", to("5")),
    ],
    "approval/licences": [
        rejected("order_of_dates", "valid_to", GREATER, to("1901-01-01")), unknown("status", "8"),
    ],
}  # fmt: skip


def spoil_cases(book: Casebook) -> None:
    """Spoil some rows about people and firms that have neither fault nor case."""
    for name, ways in PEOPLE.items():
        book.person.spoil(book.tables[name], book.keys[name], ways)
    for name, ways in FIRMS.items():
        table = book.tables[name]
        # Projects rely on what builders hold.
        spare = table.columns["kind"] != CONSTRUCTION if name == "approval/licences" else None
        book.firm.spoil(table, book.keys[name], ways, spare)
