"""Plants what goes wrong with money, and works out which budget lines no longer balance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sample.faults import Fault, Planter
from sample.firms import Firms
from sample.money import ORDINARY, Lines, Payments
from sample.plan import Block
from sample.spoils import (
    EQUAL,
    GREATER,
    illegal,
    missing,
    rejected,
    to,
    unknown,
    uscc_digit,
    wrong_resident_id,
)
from sample.tables import Table
from sample.text import Mask, Numbers, yuan

NOBODY = "样例市查无此户商贸有限公司"
PAYMENTS = [
    rejected("amounts_do_not_tie", "approved_amount", GREATER, to("0.01")),
    rejected("wrong_check_digit", "payee_uscc", "tax_id.check_digit", uscc_digit),
    rejected("missing_required", "payee_name", "required", missing),
    unknown("method", "5"),
    rejected("out_of_range", "amount", "range", to("-88.00")),
    wrong_resident_id("payee_resident_id"),
]
BENEFITS = [
    rejected("amounts_do_not_tie", "payable", EQUAL, lambda cell: "1" + cell),
    wrong_resident_id(),
    unknown("fund_type", "99"),
]
ALLOCATIONS = [
    rejected("wrong_check_digit", "unit_code", "uscc.check_digit", uscc_digit),
    illegal("issued_on", "2026-02-30"),
    unknown("function_code", "999"),
]
INJECTIONS = [
    rejected("wrong_check_digit", "payee_uscc", "tax_id.check_digit", uscc_digit),
    rejected("out_of_range", "share_ratio", "range", to("1.500000")),
]


def plant_money(
    block: Block,
    planter: Planter,
    tables: Mapping[str, Table],
    firms: Firms,
    lines: Lines,
    paid: Payments,
    cancelled: Numbers,
    strangers: tuple[str, str],
) -> list[Fault]:
    """Spoil the four fund supplies.

    `cancelled` firms are to be paid although they are gone, and so are `strangers`: the valid
    numbers of a person and of a firm that nobody has registered.
    """
    treasury, funds = tables["treasury/payments"], tables["funds/benefits"]
    capital, budget = tables["state_assets/injections"], tables["budget/allocations"]
    ordinary = paid.kind == ORDINARY
    planter.spoil(treasury, "payment_no", PAYMENTS, ordinary)
    for row in planter.rows(treasury, planter.count(treasury), ordinary):
        treasury.append(int(row), purpose="重复上报")
        planter.note("duplicate_key", treasury, "payment_no", row, "payment_no", "quarantine",
                     "key.unique")  # fmt: skip
    planter.spoil(funds, "benefit_no", BENEFITS)
    planter.spoil(capital, "injection_no", INJECTIONS)
    _other_amount(planter, funds, "benefit_no", "paid", also="payable")
    _other_amount(planter, capital, "injection_no", "amount")
    _unknown_payees(planter, treasury, ordinary[treasury.who], *strangers)
    _cancelled_payees(planter, treasury, firms, paid, cancelled)
    _broken_sums(planter, funds, "social_funds")
    _broken_sums(planter, capital, "state_capital")
    over = _over_budget(planter, budget, lines, paid)
    spare = Planter(block.dice(53), over)
    adjustments = np.arange(budget.rows) % 2 == 1
    spare.spoil(budget, "allocation_no", ALLOCATIONS, adjustments)
    return [*planter.truth, *spare.truth]


def _other_amount(
    planter: Planter, table: Table, key: str, name: str, also: str | None = None
) -> None:
    """The receiving side books another amount than the treasury paid."""
    for row in planter.rows(table, planter.count(table)):
        wrong = "1" + table.columns[name][row]
        table.columns[name][row] = wrong
        if also:
            table.columns[also][row] = wrong
        planter.note("amount_differs", table, key, row, "amount", "discrepancy", "value_conflict")


def _unknown_payees(
    planter: Planter, treasury: Table, fits: Mask, person_id: str, firm_id: str
) -> None:
    """Money to a firm and a person that no register knows."""
    columns = treasury.columns
    for row in planter.rows(treasury, planter.count(treasury), fits):
        if columns["payee_uscc"][row] is None:
            columns["payee_resident_id"][row] = person_id
        else:
            columns["payee_uscc"][row] = firm_id
        columns["payee_name"][row] = NOBODY
        planter.note("payee_in_no_register", treasury, "payment_no", row, "payee_entity_id",
                     "discrepancy", "unresolved_reference")  # fmt: skip


def _cancelled_payees(
    planter: Planter, treasury: Table, firms: Firms, paid: Payments, cancelled: Numbers
) -> None:
    """Firms that were struck off and are still paid."""
    fits = ((paid.kind == ORDINARY) & (paid.firm >= 0))[treasury.who]
    for row, firm in zip(planter.rows(treasury, len(cancelled), fits), cancelled, strict=False):
        treasury.columns["payee_uscc"][row] = firms.uscc[firm]
        treasury.columns["payee_name"][row] = firms.name[firm]
        planter.note("cancelled_firm_paid", treasury, "payment_no", row, "payee_entity_id",
                     "discrepancy", "unfit_reference", firms.uscc[firm])  # fmt: skip


def _broken_sums(planter: Planter, table: Table, balance: str) -> None:
    """Lines of which a receipt was quarantined or booked wrongly: in and out differ."""
    mine = {
        fault.key for fault in planter.truth
        if fault.supply == table.supply and _moves_money(fault)
    }  # fmt: skip
    keys = table.columns[next(iter(table.columns))].tolist()
    broken = {str(table.columns["line_no"][row]) for row, key in enumerate(keys) if key in mine}
    for line in sorted(broken):
        planter.truth.append(
            Fault("line_does_not_tie", "", line, balance, "balance", "balance", table.supply)
        )


def _moves_money(fault: Fault) -> bool:
    return fault.stage == "quarantine" or fault.kind == "amount_differs"


def _over_budget(planter: Planter, budget: Table, lines: Lines, paid: Payments) -> Mask:
    """Lines that paid more than they were given; returns which."""
    count = len(lines.number)
    # A line with a quarantined payment has paid less than it seems to.
    touched = np.zeros(count, dtype=np.bool_)
    touched[paid.line[planter.used]] = True
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, paid.line, paid.amount_fen)
    fit = np.flatnonzero(~touched & (lines.kind == ORDINARY) & (total > 1_000_000))
    chosen = fit[planter.dice.permutation(len(fit))[: max(1, count // 50)]]
    over = np.zeros(count, dtype=np.bool_)
    over[chosen] = True
    for line in chosen.tolist():
        base, extra = np.flatnonzero(budget.who == line).tolist()
        budget.columns["amount"][base] = yuan(total[[line]] * 3 // 5)[0]
        budget.columns["amount"][extra] = "1.00"
        planter.truth.append(
            Fault("over_budget", "", str(lines.number[line]), "budget", "balance", "balance",
                  "budget/allocations")
        )  # fmt: skip
    return over
