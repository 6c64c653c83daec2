"""Compacts the fold of a supply, so that reading its current table stays quick."""

from __future__ import annotations

from hub.fold import BATCH, HASH, OP, SOURCE_KEY, CurrentTable
from hub.ledger import Ledger
from hub.ledger.releases import compact, fold_of
from hub.store import COPY_PARQUET, Store, identifier, literal

MOST_SEGMENTS = 12
CHANGED_SHARE = 0.5  # of the base; more changes than that make every read fold most of the table


def compact_when_due(table: CurrentTable, store: Store, ledger: Ledger) -> bool:
    """Write the fold as one base when it has many or large changes; the rows stay the same."""
    if len(table.segments) < 2:
        return False
    base, *changes = table.segments
    changed = sum(segment.rows for segment in changes)
    if len(changes) < MOST_SEGMENTS and changed <= base.rows * CHANGED_SHARE:
        return False
    uri = f"current/{table.supply.name}/{table.last_batch_id}.parquet"
    columns = [*(field.name for field in table.supply.fields), HASH, SOURCE_KEY, BATCH]
    wanted = ", ".join(identifier(name) for name in columns)
    with store.writing(uri) as temporary, store.connect() as connection:
        row = connection.execute(
            f"COPY (SELECT {wanted}, 'insert' AS {OP} FROM ({table.sql})) "
            f"TO {literal(temporary)} ({COPY_PARQUET})"
        ).fetchone()
    compact(ledger, fold_of(ledger, table.supply.name), uri, int(row[0]) if row else 0)
    return True
