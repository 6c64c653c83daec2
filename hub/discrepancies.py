"""The discrepancies of the newest releases, counted or written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.errors import NotFound
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.publish import read_manifest
from hub.released import relation
from hub.rowfile import require_known, write_rows
from hub.sides import with_sides
from hub.store import literal


def by_kind(
    hub: Hub, dataset: str | None = None, supply: str | None = None
) -> list[dict[str, Any]]:
    """Discrepancies per dataset, kind, field, both sides and severity, most frequent first."""
    query = (
        f"SELECT dataset, kind, field, supply, department, department_zh, department_en, "
        "surviving_supply, surviving_department, surviving_department_zh, "
        "surviving_department_en, severity, count(*) AS rows "
        f"FROM ({_relation(hub, dataset, supply)}) GROUP BY ALL "
        "ORDER BY rows DESC, dataset, kind, field, supply, surviving_supply"
    )
    return _rows(hub, query)


def standing(hub: Hub) -> list[dict[str, Any]]:
    """Every discrepancy by kind, field, place and departments, without the values."""
    return _rows(
        hub,
        "SELECT dataset, kind, field, supply, source_key, department, surviving_department "
        f"FROM ({_relation(hub, None, None)})",
    )


def _rows(hub: Hub, query: str) -> list[dict[str, Any]]:
    with hub.store.connect() as connection:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def export_rows(hub: Hub, out: Path, dataset: str | None = None, supply: str | None = None) -> int:
    """Write all discrepancies, ordered by dataset, entity and field; returns the rows.

    Each with the value that survived and the department on each side.
    """
    require_known(out)
    query = f"{_relation(hub, dataset, supply)} ORDER BY dataset, entity_id, field, supply"
    with hub.store.connect() as connection:
        return write_rows(connection, query, out)


def _relation(hub: Hub, dataset: str | None, supply: str | None) -> str:
    names = [hub.dataset(dataset).name] if dataset else list(hub.catalog.datasets)
    parts = []
    for name in names:
        release = last_release(hub.ledger, name)
        if release:
            found = relation(hub.store, read_manifest(hub.store, release), "discrepancies")
            parts.append(f"SELECT {literal(name)} AS dataset, * FROM ({found})")
    if not parts:
        raise NotFound("nothing has been published yet")
    where = f" WHERE supply = {literal(supply)}" if supply else ""
    found = f"SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}){where}"
    return with_sides(hub.catalog, found)
