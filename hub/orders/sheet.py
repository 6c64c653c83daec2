"""The file of an order: exactly the rows to mend, in the department's own columns.

It holds personal data: it is for the department alone, and only its owner may read it (0600).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection
from sqlalchemy import Row

from hub.digests import bring_key
from hub.errors import DecisionError, NotFound
from hub.fold import SOURCE_KEY, Segment, fold_sql
from hub.ledger.orders import UNRESOLVED, items_of, order_of
from hub.ledger.releases import fold_of
from hub.orders import rows
from hub.orders.cells import cell_sql, safe_sql
from hub.orders.desk import Desk
from hub.orders.words import RuleWords, kind_words, words_of
from hub.rowfile import hand_over, require_known, write_rows
from hub.sides import departments_sql
from hub.store import identifier, literal
from schemas.arrow import FAULTS_COLUMN
from schemas.contract import Supply

WORDS = pa.schema(
    [("digest", pa.string()), ("zh", pa.string()), ("en", pa.string()), ("clause", pa.string())]
)


def write_order(desk: Desk, order_id: str, out: Path) -> int:
    """Write the rows of an order that are still to be mended; returns how many there are.

    The columns are the department's own; those of the hub begin with `hub_`. Raises
    `DecisionError` when no row is to be mended: the order is closed, or about the table alone.
    """
    require_known(out)
    order = order_of(desk.ledger, order_id)
    supply = desk.catalog.supplies.get(order.supply)
    if supply is None:
        raise NotFound(f"work order {order_id}: the catalog has no supply {order.supply} any more")
    items = [i for i in items_of(desk.ledger, order_id, UNRESOLVED) if i.kind != rows.TABLE]
    if not items:
        raise DecisionError(f"work order {order_id} has no row that is still to be mended")
    with desk.store.connect() as connection, desk.store.scratch() as folder:
        bring_key(connection, desk.key)
        parts = [
            _part(desk, connection, supply, shown_in, group, number)
            for number, (shown_in, group) in enumerate(rows.by_shown(items).items())
        ]
        query = f"SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}) ORDER BY hub_key, hub_item"
        if out.suffix != ".parquet":
            query = f"SELECT {safe_sql('COLUMNS(*)')} FROM ({query})"
        written = folder / f"order{out.suffix}"
        count = write_rows(connection, query, written)
        hand_over(written, out)
    return count


def _part(
    desk: Desk,
    connection: DuckDBPyConnection,
    supply: Supply,
    shown_in: str,
    items: Sequence[Row[Any]],
    number: int,
) -> str:
    words = f"words_{number}"
    connection.register(words, _words(desk, shown_in, items))
    if rows.RELEASE in shown_in:
        return _discrepancies(desk, supply, shown_in, words)
    return _quarantined(desk, supply, shown_in, words)


def _words(desk: Desk, shown_in: str, items: Sequence[Row[Any]]) -> pa.Table:
    spoken = words_of(desk, shown_in)

    def of(item: Row[Any]) -> list[RuleWords]:
        if rows.RELEASE in shown_in:
            return [kind_words(desk, item.dataset, item.kind, item.field)]
        return [spoken[rule] for rule in item.rules or () if rule in spoken]

    lines = [
        {
            "digest": item.digest,
            "zh": "；".join(w.zh for w in of(item)),
            "en": "; ".join(w.en for w in of(item)),
            "clause": "; ".join(dict.fromkeys(w.clause for w in of(item) if w.clause)) or None,
        }
        for item in items
    ]
    return pa.Table.from_pylist(lines, schema=WORDS)


_SAID = "words.zh AS hub_rules_zh, words.en AS hub_rules_en, words.clause AS hub_standard"


def _quarantined(desk: Desk, supply: Supply, batch_id: str, words: str) -> str:
    checked = rows.checked_in(desk, batch_id)
    path = desk.store.path(checked.quarantined)
    present = set(pq.read_schema(path).names)
    fields = ", ".join(
        f"{cell_sql(f, supply, FAULTS_COLUMN) if f.name in present else 'NULL::VARCHAR'} "
        f"AS {identifier(f.column)}"
        for f in supply.fields
    )
    illegal = (
        f"array_to_string(list_transform({FAULTS_COLUMN}, "
        "lambda f: coalesce(nullif(f.field, ''), 'row') || '=' || f.text), '; ')"
    )
    return (
        f"SELECT shown.digest AS hub_item, {SOURCE_KEY} AS hub_key, {fields}, "
        f"array_to_string(_rules, '; ') AS hub_rules, {_SAID}, {illegal} AS hub_illegal "
        f"FROM read_parquet({literal(path)}) AS row "
        f"JOIN ({rows.quarantined_sql(checked, path)}) AS shown "
        f"ON shown.source_key = row.{SOURCE_KEY} JOIN {words} AS words USING (digest)"
    )


def _discrepancies(desk: Desk, supply: Supply, release_id: str, words: str) -> str:
    fold = fold_of(desk.ledger, supply.name)
    segments = [Segment(desk.store.path(uri), batch, count) for uri, batch, count in fold.segments]
    fields = ", ".join(f"{cell_sql(f, supply)} AS {identifier(f.column)}" for f in supply.fields)
    told = (
        "digest", "kind", "words.zh", "words.en", "clause", "field", "value", "surviving_value",
        "surviving_supply", "department_zh", "department_en",
    )  # fmt: skip
    several = ", ".join(
        f"string_agg(coalesce({name}, ''), '; ' ORDER BY field, digest) "
        f"AS {name.removeprefix('words.')}"
        for name in told
    )
    # Who holds the other value: a department settles a difference with another, not with the hub.
    other = (
        "SELECT supply AS surviving_supply, zh AS department_zh, en AS department_en "
        f"FROM ({departments_sql(desk.catalog)})"
    )
    # One line per row, whatever it is found fault with: sent back twice, its key would be doubled.
    shown = (
        f"SELECT source_key, {several} FROM ({rows.release_sql(desk, release_id)}) "
        f"JOIN {words} AS words USING (digest) LEFT JOIN ({other}) USING (surviving_supply) "
        f"WHERE supply = {literal(supply.name)} GROUP BY source_key"
    )
    return (
        f"SELECT shown.digest AS hub_item, shown.source_key AS hub_key, {fields}, "
        "shown.kind AS hub_rules, shown.zh AS hub_rules_zh, shown.en AS hub_rules_en, "
        "shown.clause AS hub_standard, shown.field AS hub_field, shown.value AS hub_value, "
        "shown.surviving_value AS hub_surviving_value, "
        "shown.surviving_supply AS hub_surviving_supply, "
        "shown.department_zh AS hub_surviving_department_zh, "
        f"shown.department_en AS hub_surviving_department_en FROM ({shown}) AS shown "
        f"LEFT JOIN ({fold_sql(supply, segments)}) AS row "
        f"ON row.{SOURCE_KEY} = shown.source_key"
    )
