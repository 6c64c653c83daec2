"""What the quarantine still holds, per supply, batch and rule; and its rows for their owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hub.fold import SOURCE_KEY, key_sql, sql_type
from hub.ledger.batches import list_batches
from hub.ledger.landings import landing_of
from hub.ledger.verdicts import checked_of
from hub.opened import Hub
from hub.orders.rows import ADMITTED
from hub.records import MOVES_ON, BatchState, Checked
from hub.rowfile import require_known, write_rows
from hub.store import identifier, literal
from schemas.contract import Supply


def by_rule(hub: Hub, supply: str | None = None, batch: str | None = None) -> list[dict[str, Any]]:
    """Quarantined rows per rule; a row that broke two rules is counted under both."""
    found: list[dict[str, Any]] = []
    with hub.store.connect() as connection:
        for name, batches in _deliveries(hub, supply, batch).items():
            rows = connection.execute(
                "SELECT batch_id, rule, count(*) AS rows "
                f"FROM (SELECT batch_id, unnest(_rules) AS rule FROM ({_open(hub, batches)})) "
                "GROUP BY batch_id, rule ORDER BY batch_id DESC, rows DESC, rule"
            ).fetchall()
            found += [
                {"supply": name, "batch_id": batch_id, "rule": rule, "rows": count}
                for batch_id, rule, count in rows
            ]
    return found


def export_rows(
    hub: Hub, out: Path, supply: str | None = None, batch: str | None = None
) -> list[dict[str, Any]]:
    """Write quarantined rows; one file per supply when there are several.

    The columns are the department's own, then the rules broken and the illegal cells as shown.
    """
    require_known(out)
    deliveries = _deliveries(hub, supply, batch)
    written = []
    for name, batches in sorted(deliveries.items()):
        target = out
        if len(deliveries) > 1:
            target = out.with_name(f"{out.stem}-{name.replace('/', '-')}{out.suffix}")
        written.append({"supply": name, "file": str(target), "rows": _write(hub, batches, target)})
    return written


def _deliveries(hub: Hub, supply: str | None, batch: str | None) -> dict[str, list[Checked]]:
    """Per supply the batches whose rows may still be open, newest first.

    A snapshot looks at every row again, so nothing before the newest one counts; of additions and
    changes, answers to work orders among them, every batch does.
    """
    if batch:
        one = checked_of(hub.ledger, batch)
        return {one.supply: [one]} if one.counts.quarantined else {}
    found: dict[str, list[Checked]] = {}
    whole: set[str] = set()
    for entry in list_batches(hub.ledger, supply):
        if entry.state is not BatchState.CHECKED or entry.supply not in hub.catalog.supplies:
            continue
        if entry.supply not in whole:
            found.setdefault(entry.supply, []).append(checked_of(hub.ledger, entry.id))
        if entry.mode == "snapshot":
            whole.add(entry.supply)
    return {
        name: batches
        for name, batches in found.items()
        if any(checked.counts.quarantined for checked in batches)
    }


def _open(hub: Hub, batches: list[Checked]) -> str:
    """A SELECT of the rows that nothing later has replaced: the newest of each key."""
    supply = hub.supply(batches[0].supply)
    parts = []
    for age, checked in enumerate(batches):
        quarantined = hub.store.path(checked.quarantined)
        parts.append(
            f"SELECT {_fields(supply, quarantined)}, {SOURCE_KEY}, _rules, _faults, "
            f"{literal(checked.batch_id)} AS batch_id, {age} AS age "
            f"FROM read_parquet({literal(quarantined)}) WHERE {ADMITTED}"
        )
    rows = " UNION ALL BY NAME ".join(parts)
    newest = f"SELECT * FROM ({rows}) QUALIFY age = min(age) OVER (PARTITION BY {SOURCE_KEY})"
    moved = [
        f"SELECT {SOURCE_KEY}, {age} AS age "
        f"FROM read_parquet({literal(hub.store.path(checked.accepted))})"
        for age, checked in enumerate(batches)
        if checked.verdict in MOVES_ON
    ]
    moved += _looked_at(hub, supply, batches)
    if not moved:
        return newest
    return (
        f"SELECT open.* FROM ({newest}) AS open WHERE NOT EXISTS (SELECT 1 FROM "
        f"({' UNION ALL '.join(moved)}) AS moved "
        f"WHERE moved.{SOURCE_KEY} = open.{SOURCE_KEY} AND moved.age < open.age)"
    )


def _looked_at(hub: Hub, supply: Supply, batches: list[Checked]) -> list[str]:
    """Keys of the rows that each batch brought: one that is equal to the current row is sound."""
    if not supply.key or len(batches) == 1:
        return []
    found = []
    for age, checked in enumerate(batches[:-1]):  # behind the oldest nothing is open
        if checked.verdict in MOVES_ON:
            parts = landing_of(hub.ledger, checked.batch_id).parts
            listed = ", ".join(literal(hub.store.path(uri)) for uri in parts)
            found.append(
                f"SELECT {key_sql(supply)} AS {SOURCE_KEY}, {age} AS age "
                f"FROM read_parquet([{listed}]) WHERE {ADMITTED}"
            )
    return found


def _fields(supply: Supply, path: Path) -> str:
    # A batch of an older contract version may lack a field of today's.
    present = set(pq.read_schema(path).names)
    return ", ".join(
        f"{identifier(f.name) if f.name in present else 'NULL'}::{sql_type(f)} "
        f"AS {identifier(f.name)}"
        for f in supply.fields
    )


def _write(hub: Hub, batches: list[Checked], target: Path) -> int:
    supply = hub.supply(batches[0].supply)
    fields = ", ".join(f"{identifier(f.name)} AS {identifier(f.column)}" for f in supply.fields)
    query = (
        f"SELECT {SOURCE_KEY} AS hub_key, {fields}, array_to_string(_rules, '; ') AS hub_rules, "
        "array_to_string(list_transform(_faults, "
        "lambda f: coalesce(nullif(f.field, ''), 'row') || '=' || f.text), '; ') AS hub_illegal "
        f"FROM ({_open(hub, batches)}) ORDER BY hub_key"
    )
    with hub.store.connect() as connection:
        return write_rows(connection, query, target)
