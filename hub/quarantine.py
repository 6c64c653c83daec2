"""What the quarantine holds, per supply, batch and rule; and its rows for their owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.ledger.batches import list_batches
from hub.ledger.verdicts import checked_of
from hub.opened import Hub
from hub.records import BatchState, Checked
from hub.rowfile import require_known, write_rows
from hub.store import identifier, literal


def newest_checked(hub: Hub, supply: str | None, batch: str | None) -> Iterator[Checked]:
    """The newest checked batch of each supply, or the one batch asked for.

    A file of an appending supply is a delivery of its own, so all of its batches count.
    """
    if batch:
        yield checked_of(hub.ledger, batch)
        return
    seen: set[str] = set()
    for entry in list_batches(hub.ledger, supply):
        if entry.state is not BatchState.CHECKED:
            continue
        if entry.supply in seen and entry.mode != "append":
            continue
        seen.add(entry.supply)
        yield checked_of(hub.ledger, entry.id)


def by_rule(hub: Hub, supply: str | None = None, batch: str | None = None) -> list[dict[str, Any]]:
    """Quarantined rows per rule; a row that broke two rules is counted under both."""
    found: list[dict[str, Any]] = []
    with hub.store.connect() as connection:
        for checked in newest_checked(hub, supply, batch):
            path = literal(hub.store.path(checked.quarantined))
            rules = connection.execute(
                f"SELECT rule, count(*) AS rows "
                f"FROM (SELECT unnest(_rules) AS rule FROM read_parquet({path})) "
                "GROUP BY rule ORDER BY rows DESC, rule"
            ).fetchall()
            found += [
                {
                    "supply": checked.supply,
                    "batch_id": checked.batch_id,
                    "rule": rule,
                    "rows": rows,
                }
                for rule, rows in rules
            ]
    return found


def export_rows(
    hub: Hub, out: Path, supply: str | None = None, batch: str | None = None
) -> list[dict[str, Any]]:
    """Write quarantined rows; one file per supply when there are several.

    The columns are the department's own, then the rules broken and the illegal cells as shown.
    """
    require_known(out)
    per_supply: dict[str, list[Checked]] = {}
    for checked in newest_checked(hub, supply, batch):
        if checked.counts.quarantined:
            per_supply.setdefault(checked.supply, []).append(checked)
    written = []
    for name, batches in sorted(per_supply.items()):
        target = out
        if len(per_supply) > 1:
            target = out.with_name(f"{out.stem}-{name.replace('/', '-')}{out.suffix}")
        written.append({"supply": name, "file": str(target), "rows": _write(hub, batches, target)})
    return written


def _write(hub: Hub, batches: list[Checked], target: Path) -> int:
    supply = hub.supply(batches[0].supply)
    paths = ", ".join(literal(hub.store.path(checked.quarantined)) for checked in batches)
    fields = ", ".join(f"{identifier(f.name)} AS {identifier(f.column)}" for f in supply.fields)
    query = (
        f"SELECT _source_key AS hub_key, {fields}, array_to_string(_rules, '; ') AS hub_rules, "
        "array_to_string(list_transform(_faults, "
        "lambda f: coalesce(nullif(f.field, ''), 'row') || '=' || f.text), '; ') AS hub_illegal "
        f"FROM read_parquet([{paths}], union_by_name = true) ORDER BY hub_key"
    )
    with hub.store.connect() as connection:
        return write_rows(connection, query, target)
