"""Money that must tie out: per budget line what came in, what went out, exact to the fen."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from hub.errors import CatalogError
from hub.reconcile.discrepancies import add
from hub.reconcile.inputs import InputTable
from hub.reconcile.plan import Plan
from hub.store import identifier, literal
from schemas.contract import FieldType, LogicalType
from schemas.properties import Balance, Flow

FEN = "DECIMAL(38, 4)"
"""Hundredths of the currency. Sources may keep more decimals: four places of a fen are exact."""

_BROKEN = {"out<=in": "out_fen > into_fen", "out==in": "out_fen <> into_fen"}


def build_balance(
    connection: DuckDBPyConnection, plan: Plan, tables: Mapping[str, InputTable]
) -> bool:
    """Create `balance` (balance, line, into_fen, out_fen, difference_fen, rule, ties_out).

    Rows without a line form the line null, so that the lines add up to the inputs. Returns False
    when the contract has no balance.
    """
    if not plan.reconcile.balance:
        return False
    parts = " UNION ALL ".join(_balance(plan, tables, entry) for entry in plan.reconcile.balance)
    connection.execute(f"CREATE TEMP TABLE balance AS {parts}")
    add(
        connection,
        kind="'balance'",
        field="balance",
        source_key="line",
        value="CAST(CAST(out_fen / 100 AS DECIMAL(38, 6)) AS VARCHAR)",
        surviving_value="CAST(CAST(into_fen / 100 AS DECIMAL(38, 6)) AS VARCHAR)",
        severity="'error'",
        query="FROM balance WHERE NOT ties_out",
    )
    return True


def _balance(plan: Plan, tables: Mapping[str, InputTable], balance: Balance) -> str:
    flows = [_flow(plan, tables, flow, "into") for flow in balance.into]
    flows += [_flow(plan, tables, flow, "out") for flow in balance.out]
    return (
        f"SELECT {literal(balance.name)} AS balance, line, into_fen, out_fen, "
        f"into_fen - out_fen AS difference_fen, {literal(balance.rule)} AS rule, "
        f"line IS NOT NULL AND NOT ({_BROKEN[balance.rule]}) AS ties_out FROM ("
        f"SELECT line, CAST(coalesce(sum(fen) FILTER (side = 'into'), 0) AS {FEN}) AS into_fen, "
        f"CAST(coalesce(sum(fen) FILTER (side = 'out'), 0) AS {FEN}) AS out_fen "
        f"FROM ({' UNION ALL '.join(flows)}) GROUP BY line)"
    )


def _flow(plan: Plan, tables: Mapping[str, InputTable], flow: Flow, side: str) -> str:
    supply = plan.catalog.supplies.get(flow.supply)
    field = supply.by_name.get(flow.amount) if supply else None
    if field is None or flow.supply not in tables:
        raise CatalogError(
            f"dataset {plan.dataset.name}: balance names {flow.supply}.{flow.amount}, "
            f"which does not exist"
        )
    in_fen = field.name.endswith("_fen") or field.properties.unit == "fen"
    factor = 1 if in_fen else 100
    _refuse_inexact(plan, flow, field.type, in_fen)
    where = f" WHERE {flow.where}" if flow.where else ""
    return (
        f"SELECT nullif(trim(CAST({identifier(flow.line)} AS VARCHAR)), '') AS line, "
        f"CAST({identifier(flow.amount)} AS {FEN}) * {factor} AS fen, {literal(side)} AS side "
        f"FROM ({tables[flow.supply].sql}){where}"
    )


def _refuse_inexact(plan: Plan, flow: Flow, kind: FieldType, in_fen: bool) -> None:
    exact = kind.logical is LogicalType.INTEGER or (
        kind.logical is LogicalType.NUMBER and kind.scale is not None and kind.scale <= 4
    )
    if not exact:
        raise CatalogError(
            f"dataset {plan.dataset.name}: balance amount {flow.supply}.{flow.amount} must be an "
            f"integer or a decimal of at most 4 places, found {kind.logical}"
        )
