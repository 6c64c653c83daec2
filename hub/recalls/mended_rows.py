"""Rows that were delivered, later found to break a rule, and came back mended.

A rule that was made stricter, or a batch that was read again, puts a row into quarantine whose
very content stands in a release already. When its work order closes with a mended row, the fields
that the rule was about were wrong all the time. A row that never was in a release is none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection
from sqlalchemy import Row, select

from hub.digests import bring_key
from hub.fold import SOURCE_KEY
from hub.ledger.orders import STEP, ItemState
from hub.ledger.releases import segments_between
from hub.ledger.tables import work_item, work_order
from hub.ledger.verdicts import checked_of
from hub.opened import Hub
from hub.orders import Desk, rows
from hub.released import ENTITY, relation
from hub.store import identifier, literal
from schemas.arrow import FAULTS_COLUMN
from schemas.contract import Dataset


def find(
    hub: Hub,
    desk: Desk,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    wrong_in: int,
) -> None:
    """Add to `cell` the golden fields that such rows gave the last release."""
    bring_key(connection, desk.key)
    for supply in dataset.supplies:
        closed = _closed(hub, supply, _folded(hub, supply, before, after))
        for shown_in, items in rows.by_shown(closed).items():
            _of_batch(hub, connection, dataset, before, supply, shown_in, items, wrong_in)


def _folded(
    hub: Hub, supply: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[str]:
    """The batches of a supply that the release read and the last one had not."""
    old, new = (
        next((one for one in manifest["inputs"] if one["supply"] == supply), None)
        for manifest in (before, after)
    )
    if old is None or new is None or new.get("changed_by") is None:
        return []
    found = segments_between(hub.ledger, supply, old.get("changed_by"), new["changed_by"])
    return [batch_id for _, batch_id, _ in found or ()]


def _closed(hub: Hub, supply: str, batches: list[str]) -> list[Row[Any]]:
    """The rows' items that these batches closed."""
    found: list[Row[Any]] = []
    item = work_item.c
    with hub.ledger.reading() as connection:
        for start in range(0, len(batches), STEP):
            query = (
                select(item.digest, item.order_id, item.rules, item.shown_in)
                .join(work_order, work_order.c.id == item.order_id)
                .where(work_order.c.supply == supply, item.kind == rows.QUARANTINE)
                .where(item.state == ItemState.CORRECTED)
                .where(item.closed_by.in_(batches[start : start + STEP]))
            )
            found += connection.execute(query.order_by(item.digest))
    return found


def _of_batch(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    before: Mapping[str, Any],
    supply: str,
    shown_in: str,
    items: list[Row[Any]],
    wrong_in: int,
) -> None:
    """The items that one batch showed, held against what each of their rows was in the release."""
    checked = checked_of(hub.ledger, shown_in)
    path = hub.store.path(checked.quarantined)
    fields = {
        rule["rule_id"]: rule["fields"] for rule in hub.store.read_json(checked.report)["rules"]
    }
    broken = [(i.digest, i.order_id, f) for i in items for r in i.rules for f in fields.get(r, ())]
    if not broken:
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE item (digest VARCHAR, order_id VARCHAR, given VARCHAR)"
    )
    connection.execute(
        "INSERT INTO item SELECT DISTINCT unnest(?), unnest(?), unnest(?)",
        [list(column) for column in zip(*broken, strict=True)],
    )
    links = relation(hub.store, before, "links")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE doubted AS SELECT l.{ENTITY}, l.batch_id, q.source_key, "
        f"i.order_id, i.given FROM ({rows.quarantined_sql(checked, path)}) AS q "
        f"JOIN item AS i USING (digest) JOIN ({links}) AS l "
        f"ON l.supply = {literal(supply)} AND l.source_key = q.source_key"
    )
    came = connection.execute("SELECT DISTINCT batch_id, given FROM doubted ORDER BY 1, 2")
    for batch_id, given in came.fetchall():
        accepted = hub.store.path(checked_of(hub.ledger, batch_id).accepted)
        if not {given} <= _both(accepted, path):
            continue
        for golden in _fed(dataset, supply, given):
            _compare(
                hub, connection, before, supply, batch_id, given, golden, accepted, path, wrong_in
            )


def _both(accepted: Path, quarantined: Path) -> set[str]:
    """Columns that a row has wherever it lies."""
    if not (accepted.is_file() and quarantined.is_file()):
        return set()
    return {*pq.read_schema(accepted).names} & {*pq.read_schema(quarantined).names}


def _fed(dataset: Dataset, supply: str, given: str) -> Iterator[str]:
    """The golden fields that a supply's field feeds."""
    plan = dataset.reconcile
    keys = {space.name: space.field or space.name for space in plan.keys}
    for source in plan.sources:
        if source.supply != supply:
            continue
        yield from (golden for golden, own in source.fields.items() if own == given)
        for space, own in source.keys.items():
            if given in ((own,) if isinstance(own, str) else own) and space in keys:
                yield keys[space]


def _compare(
    hub: Hub,
    connection: DuckDBPyConnection,
    before: Mapping[str, Any],
    supply: str,
    batch_id: str,
    given: str,
    golden: str,
    accepted: Path,
    quarantined: Path,
    wrong_in: int,
) -> None:
    """Add a cell where the row in doubt says what the released one said, and that survived.

    A cell that could not be read says nothing.
    """
    lineage, origins = (relation(hub.store, before, name) for name in ("lineage", "origins"))
    column = identifier(given)
    faulty = (
        f"coalesce(list_contains(list_transform(q.{FAULTS_COLUMN}, lambda f: f.field), "
        f"{literal(given)}), false)"
    )
    connection.execute(
        f"INSERT INTO cell SELECT DISTINCT d.{ENTITY}, {literal(golden)}, {wrong_in}, "
        "'work_order', d.order_id, NULL FROM doubted AS d "
        f"JOIN read_parquet({literal(quarantined)}) AS q ON q.{SOURCE_KEY} = d.source_key "
        f"JOIN read_parquet({literal(accepted)}) AS a ON a.{SOURCE_KEY} = d.source_key "
        f"AND CAST(a.{column} AS VARCHAR) IS NOT DISTINCT FROM CAST(q.{column} AS VARCHAR) "
        f"JOIN ({lineage}) AS l ON l.{ENTITY} = d.{ENTITY} "
        f"LEFT JOIN ({origins}) AS o ON o.index = l.{identifier(golden)} "
        f"WHERE d.batch_id = {literal(batch_id)} AND d.given = {literal(given)} AND NOT {faulty} "
        f"AND coalesce(o.supply, {literal(supply)}) = {literal(supply)}"
    )
