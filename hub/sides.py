"""The department on each side of a discrepancy, as a relation beside the discrepancies."""

from __future__ import annotations

from hub.store import literal, rows_sql
from schemas.contract import Catalog

BALANCE = "balance"


def with_sides(catalog: Catalog, discrepancies: str) -> str:
    """The discrepancies of all datasets, with both departments by name, Chinese and English title.

    `department` answers for the value, `surviving_department` for the one that stands against it.
    Of a balance these are who reports the money out and who reports it in: `discrepancies` must
    have a column `dataset`.
    """
    return (
        "SELECT d.*, "
        "own.name AS department, own.zh AS department_zh, own.en AS department_en, "
        "other.name AS surviving_department, other.zh AS surviving_department_zh, "
        f"other.en AS surviving_department_en FROM ({discrepancies}) AS d "
        f"LEFT JOIN ({_balances(catalog)}) AS b "
        f"ON d.kind = {literal(BALANCE)} AND b.dataset = d.dataset AND b.balance = d.field "
        f"LEFT JOIN ({departments_sql(catalog)}) AS own "
        "ON own.supply = coalesce(d.supply, b.outgoing) "
        f"LEFT JOIN ({departments_sql(catalog)}) AS other "
        "ON other.supply = coalesce(d.surviving_supply, b.incoming)"
    )


def departments_sql(catalog: Catalog) -> str:
    """supply, name, zh, en: the department of every supply."""
    return rows_sql(
        ("supply", "name", "zh", "en"),
        (
            (s.name, s.department.name, s.department.title.zh, s.department.title.en)
            for s in catalog.supplies.values()
        ),
    )


def _balances(catalog: Catalog) -> str:
    return rows_sql(
        ("dataset", "balance", "outgoing", "incoming"),
        (
            (dataset.name, balance.name, balance.out[0].supply, balance.into[0].supply)
            for dataset in catalog.datasets.values()
            for balance in dataset.reconcile.balance
        ),
    )
