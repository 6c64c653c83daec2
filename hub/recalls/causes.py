"""What a release corrected, as far as the hub knows by itself: work orders and entities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duckdb import DuckDBPyConnection
from sqlalchemy import Row, select

from hub.digests import bring_key
from hub.ledger.orders import ItemState
from hub.ledger.tables import work_item
from hub.opened import Hub
from hub.orders import Desk, rows
from hub.recalls import mended_rows, references
from hub.recalls.cells import RECORD, TABLE, correction_id
from hub.records import Release
from hub.released import ENTITY, relation
from hub.store import literal
from schemas.contract import Dataset


def find(
    hub: Hub,
    desk: Desk,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    release: Release,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Fill `cell` with what a release corrected; `before` is the manifest of the last one."""
    connection.execute(TABLE)
    own, wrong_in = correction_id(dataset.name, release.version), release.version - 1
    _orders(hub, desk, connection, dataset, release, before)
    mended_rows.find(hub, desk, connection, dataset, before, after, wrong_in)
    _entities(hub, connection, dataset, release, after)
    references.find(hub, connection, dataset, before, after, wrong_in, own)


def _orders(
    hub: Hub,
    desk: Desk,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    release: Release,
    before: Mapping[str, Any],
) -> None:
    """Fields on which departments disagreed until this release: the work order closed with it.

    The entity is the one that the row stood in before.
    """
    closed_by = f"{dataset.name}/{release.version}"
    query = select(work_item.c.digest, work_item.c.order_id, work_item.c.shown_in).where(
        work_item.c.closed_by == closed_by,
        work_item.c.state == ItemState.CORRECTED,
        work_item.c.dataset == dataset.name,
        work_item.c.field.in_(list(dataset.by_name)),
    )
    with hub.ledger.reading() as ledger:
        items: list[Row[Any]] = list(
            ledger.execute(query.order_by(work_item.c.shown_in, work_item.c.digest))
        )
    if not items:
        return
    bring_key(connection, desk.key)
    links = relation(hub.store, before, "links")
    for shown_in, shown in rows.by_shown(items).items():
        connection.execute("CREATE OR REPLACE TEMP TABLE item (digest VARCHAR, order_id VARCHAR)")
        connection.execute(
            "INSERT INTO item SELECT unnest(?), unnest(?)",
            [[one.digest for one in shown], [one.order_id for one in shown]],
        )
        connection.execute(
            f"INSERT INTO cell SELECT DISTINCT l.{ENTITY}, d.field, {release.version - 1}, "
            f"'work_order', item.order_id, NULL FROM ({rows.release_sql(desk, shown_in)}) AS d "
            f"JOIN item USING (digest) JOIN ({links}) AS l "
            "ON l.supply = d.supply AND l.source_key = d.source_key"
        )


def _entities(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    release: Release,
    after: Mapping[str, Any],
) -> None:
    """Records that this release joined or parted: any value of theirs may have been another's."""
    if "events" not in after["files"]:
        return
    events = relation(hub.store, after, "events")
    own = (
        f"{release.version - 1}, 'entity', {literal(correction_id(dataset.name, release.version))}"
    )
    connection.execute(
        f"INSERT INTO cell WITH event AS (FROM ({events}) WHERE since = {release.version}) "
        f"SELECT old_id, {literal(RECORD)}, {own}, new_id FROM event WHERE kind = 'merge' "
        f"UNION SELECT unnest([old_id, new_id]), NULL, {own}, NULL FROM event"
    )
