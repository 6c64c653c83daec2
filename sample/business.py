"""What five departments write down about firms, and three about money."""

from __future__ import annotations

import numpy as np

from sample.firms import CANCELLED, Firms
from sample.money import CAPITAL, KINDS, ORDINARY, SOCIAL, Lines, Payments
from sample.people import People
from sample.plan import Block
from sample.tables import Table, sometimes, update_times
from sample.text import chosen, days, moments, number_of, padded, plain, same, texts, yuan


def _numbered(prefix: str, block: Block, rows: int) -> np.ndarray:
    return f"{prefix}{block.index:03d}" + padded(np.arange(rows), 8)


def market(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = np.arange(firms.rows)
    columns = {
        "record_no": "9901" + padded(firms.number, 12),
        "uscc": firms.uscc,
        "registration_no": firms.registration_no,
        "name": firms.name,
        "legal_form": firms.legal_form,
        "legal_rep": people.name[firms.rep],
        "legal_rep_id": people.resident_id[firms.rep],
        "address": firms.address,
        "division": firms.division,
        "industry": firms.industry,
        "capital_wan": yuan(firms.capital_fen),
        "established_on": days(firms.established),
        "status": firms.status,
        "cancelled_on": days(firms.cancelled),
        "updated_at": update_times(block, dice, firms.rows),
    }
    return Table("market/enterprises", columns, who)


def tax(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    # Who does business is registered; of the others not all are on the books any more.
    who = np.flatnonzero(firms.active | (dice.random(firms.rows) < 0.8))
    rows = len(who)
    old = firms.old[who] & (dice.random(rows) < 0.3)
    gone = firms.status[who] == CANCELLED
    columns = {
        "record_no": _numbered("10119901", block, rows),
        "tax_id": chosen(old, firms.tax_id_15[who], firms.uscc[who]),
        "name": firms.name[who],
        "legal_rep": people.name[firms.rep[who]],
        "industry": firms.industry[who],
        "address": firms.address[who],
        "tax_status": chosen(gone, same("07", rows), same("3", rows)),
        "registered_on": days(firms.established[who] + 10),
        "updated_at": update_times(block, dice, rows),
    }
    return Table("tax/taxpayers", columns, who)


def quality(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = np.flatnonzero(firms.old & (dice.random(firms.rows) < 0.85))
    rows = len(who)
    dashed = texts([f"{c[:8]}-{c[8]}" for c in firms.org_code[who].tolist()])
    columns = {
        "certificate_no": _numbered("组代管990100-", block, rows),
        "org_code": chosen(dice.random(rows) < 0.3, dashed, firms.org_code[who]),
        "name": firms.name[who],
        "legal_rep": people.name[firms.rep[who]],
        "address": firms.address[who],
        "valid_from": days(firms.established[who] + 5),
        "valid_to": days(firms.established[who] + 5 + 4 * 365),
    }
    return Table("quality/organisation_codes", columns, who)


def seals(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = np.flatnonzero(dice.random(firms.rows) < 0.7)
    rows = len(who)
    unchanged = firms.old[who] & (dice.random(rows) < 0.5)  # still under the old number alone
    columns = {
        "seal_no": _numbered("9901", block, rows),
        "registration_no": firms.registration_no[who],
        "uscc": chosen(~unchanged, firms.uscc[who]),
        "name": firms.name[who],
        "legal_rep": people.name[firms.rep[who]],
        "legal_rep_id": people.resident_id[firms.rep[who]],
        "registered_on": days(firms.established[who] + 3),
    }
    return Table("police/seals", columns, who)


def statistics(block: Block, dice: np.random.Generator, people: People, firms: Firms) -> Table:
    who = np.flatnonzero(firms.active & (dice.random(firms.rows) < 0.6))
    rows = len(who)
    sections = {"01": "A01", "13": "C13", "51": "F51", "62": "H62"}  # written with their section
    columns = {
        "unit_no": _numbered("", block, rows),
        "uscc": firms.uscc[who],
        "name": firms.name[who],
        "industry": texts([sections.get(code, code) for code in firms.industry[who].tolist()]),
        "address": firms.address[who],
        "employees": plain(firms.employees[who]),
        "revenue_qian": yuan(firms.revenue_fen[who]),
        "year": same(str(block.plan.day.year - 1), rows),
    }
    return Table("statistics/units", columns, who)


def allocations(block: Block, dice: np.random.Generator, lines: Lines) -> Table:
    """Two rows per line: the base, then an adjustment that the line could do without."""
    count = len(lines.number)
    who = np.repeat(np.arange(count), 2)
    fen = np.stack([lines.base_fen, lines.extra_fen], axis=1).ravel()
    year = block.plan.day.year
    columns = {
        "allocation_no": f"样财预〔{year}〕{block.index:03d}"
        + padded(np.arange(2 * count), 6)
        + "号",
        "line_no": lines.number[who],
        "line_kind": KINDS[lines.kind[who]],
        "line_name": lines.title[who],
        "unit_code": lines.unit_code[who],
        "function_code": lines.function[who],
        "year": same(str(year), 2 * count),
        "amount": yuan(fen),
        "issued_on": days(number_of(block.plan.day) - 180 + dice.integers(0, 170, 2 * count)),
    }
    return Table("budget/allocations", columns, who)


def payments(
    block: Block, dice: np.random.Generator, lines: Lines, paid: Payments, people: People,
    firms: Firms,
) -> Table:  # fmt: skip
    rows = len(paid.number)
    to_person = paid.person >= 0
    # Only where nobody else reports the same payment: two spellings would be a difference.
    ordinary = paid.kind == ORDINARY
    old = ordinary & firms.old[paid.firm] & (dice.random(rows) < 0.1)
    firm_id = chosen(old, firms.tax_id_15[paid.firm], firms.uscc[paid.firm])
    person_id = sometimes(
        dice, 0.05, chosen(ordinary, people.legacy_id[paid.person]),
        people.resident_id[paid.person],
    )  # fmt: skip
    columns = {
        "payment_no": paid.number,
        "line_no": lines.number[paid.line],
        "line_kind": KINDS[paid.kind],
        "payee_uscc": chosen(~to_person, firm_id),
        "payee_resident_id": chosen(to_person, person_id),
        "payee_name": chosen(to_person, people.name[paid.person], firms.name[paid.firm]),
        "approved_amount": yuan(paid.amount_fen),
        "amount": yuan(paid.amount_fen),
        "purpose": paid.purpose,
        "method": texts(["1", "2"])[dice.integers(0, 2, rows)],
        "paid_at": moments(paid.paid_day, paid.paid_second),
        "updated_at": moments(paid.paid_day, np.minimum(paid.paid_second + 600, 86_399)),
    }
    return Table("treasury/payments", columns, np.arange(rows))


def benefits(
    block: Block, dice: np.random.Generator, lines: Lines, paid: Payments, people: People
) -> Table:
    """The fund centre's own list of what the treasury paid on its lines."""
    who = np.flatnonzero(paid.kind == SOCIAL)
    rows, person = len(who), paid.person[who]
    columns = {
        "benefit_no": _numbered("FF", block, rows),
        "payment_no": paid.number[who],
        "line_no": lines.number[paid.line[who]],
        "fund_type": texts(["11", "21", "31", "41", "61", "住房"])[dice.integers(0, 6, rows)],
        "resident_id": people.resident_id[person],
        "name": people.name[person],
        "payable": yuan(paid.amount_fen[who]),
        "paid": yuan(paid.amount_fen[who]),
        "paid_on": days(paid.paid_day[who]),
        "updated_at": moments(paid.paid_day[who], paid.paid_second[who]),
    }
    return Table("funds/benefits", columns, who)


def injections(
    block: Block, dice: np.random.Generator, lines: Lines, paid: Payments, firms: Firms
) -> Table:
    who = np.flatnonzero(paid.kind == CAPITAL)
    rows, firm = len(who), paid.firm[who]
    columns = {
        "injection_no": _numbered("GZ", block, rows),
        "payment_no": paid.number[who],
        "line_no": lines.number[paid.line[who]],
        "payee_uscc": firms.uscc[firm],
        "name": firms.name[firm],
        "amount": yuan(paid.amount_fen[who]),
        "share_ratio": "0." + padded(dice.integers(100_000, 1_000_000, rows), 6),
        "injected_on": days(paid.paid_day[who]),
    }
    return Table("state_assets/injections", columns, who)
