"""Generated pasts: releases of a few entities, grants on them, and what was delivered when."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import insert

from hub.ledger import open_ledger
from hub.ledger.recalls import add_correction
from hub.ledger.releases import add_release
from hub.ledger.sharing_tables import delivery
from hub.opened import Hub
from hub.recalls import cells
from hub.records import Grant, Release
from hub.released import CHANGES, TOUCHED
from hub.store import Store
from tests.shares.world import NOW, golden

Row = Mapping[str, Any]
Cell = tuple[str, str | None, int, str, str, str | None]
"""entity, field, wrong in, cause, cause id, entity that it is part of now."""
TEXT = pa.string()
EMPTY = {
    "links": [("entity_id", TEXT), ("supply", TEXT), ("source_key", TEXT), ("batch_id", TEXT)],
    "keys": [("entity_id", TEXT), ("key_space", TEXT), ("key", TEXT)],
    "redirects": [("old_id", TEXT), ("entity_id", TEXT)],
    "events": [
        ("event_id", TEXT), ("kind", TEXT), ("old_id", TEXT), ("new_id", TEXT),
        ("since", pa.int32()),
    ],
    "discrepancies": [
        (name, TEXT)
        for name in ("discrepancy_id", "kind", "entity_id", "other_entity_id", "field", "supply",
                     "source_key", "value", "surviving_supply", "surviving_value", "severity")
    ],
}  # fmt: skip


def another(hub: Hub, home: Path) -> Hub:
    """A hub like one that nothing has happened in: to make one anew takes a second."""
    hub.ledger.engine.dispose()
    home.mkdir()
    shutil.copy(hub.settings.home / "ledger.db", home)
    url = f"sqlite:///{home}/ledger.db"
    return replace(
        hub,
        settings=replace(hub.settings, home=home, ledger_url=url),
        ledger=open_ledger(url, home),
        store=Store(home / "store", 200, 1),
    )


def release(
    hub: Hub,
    rows: Iterable[Row],
    last: Release | None = None,
    changed: bool = False,
    events: Sequence[Row] = (),
) -> Release:
    """Enter a release of these rows, whole or as a change of the last one, without a Delta table.

    The files are those that a reconciliation leaves; lineage is nobody's business here.
    """
    version = last.version + 1 if last else 1
    table = golden(hub, rows)
    before = hub.store.read_json(last.manifest)["files"] if last else {}
    listed = {name: pa.Table.from_pylist([], pa.schema(of)) for name, of in EMPTY.items()}
    listed["events"] = pa.Table.from_pylist(list(events), pa.schema(EMPTY["events"]))
    part: dict[str, Any] = {}
    if changed and last is not None:
        touched = _touched(hub, before["golden"], table)
        part = {TOUCHED: _write(hub, version, "touched", touched), "touched_sha256": ""}
        here = pa.compute.is_in(table["entity_id"], touched["entity_id"].combine_chunks())
        table = table.filter(here)
        listed["keys"] = pa.Table.from_pylist(
            [{"entity_id": one} for one in table["entity_id"].to_pylist()],
            pa.schema(EMPTY["keys"]),
        )
    files = {}
    for name, content in {"golden": table, **listed}.items():
        file = {"uri": _write(hub, version, name, content), "sha256": ""}
        if part and name not in ("redirects", "events"):
            file = {**before[name], CHANGES: [*before[name].get(CHANGES, ()), {**file, **part}]}
        files[name] = file
    uri = hub.store.write_json(
        f"manifest/people/{version:06d}.json", {"files": files, "inputs": []}
    )
    made = Release("people", version, version, f"r{version}", uri, len(table), 0, 0, 0, NOW)
    add_release(hub.ledger, made)
    return made


def _touched(hub: Hub, before: Mapping[str, Any], table: pa.Table) -> pa.Table:
    from hub.released import select

    with hub.store.connect() as connection:
        rows = connection.execute(f"SELECT entity_id, _hash FROM ({select(hub.store, before)})")
        old = dict(rows.fetchall())
    new = dict(zip(table["entity_id"].to_pylist(), table["_hash"].to_pylist(), strict=True))
    names = sorted(one for one in {*old, *new} if old.get(one) != new.get(one))
    return pa.table({"entity_id": pa.array(names, TEXT)})


def _write(hub: Hub, version: int, name: str, table: pa.Table) -> str:
    uri = f"reconciled/people/{version}/{name}.parquet"
    with hub.store.writing(uri) as temporary:
        pq.write_table(table, temporary)
    return uri


def deliver(hub: Hub, grant: Grant, version: int, way: str = "file", received: bool = True) -> None:
    """Note a delivery as the room or the portal would."""
    with hub.ledger.writing() as connection:
        connection.execute(
            insert(delivery).values(
                id=f"{grant.id}-{version}-{way}",
                grant_id=grant.id,
                version=version,
                way=way,
                content="rows",
                fetched=[],
                state="received" if received else "begun",
                attempts=1,
                begun_at=NOW,
                received_at=NOW if received else None,
            )
        )


def correct(hub: Hub, version: int, listed: Sequence[Cell], own: str) -> None:
    """Note that a release corrected these cells."""
    with hub.store.connect() as connection:
        connection.execute(cells.TABLE)
        for cell in listed:
            connection.execute("INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?)", list(cell))
        found = cells.keep(hub, connection, "people", version, own)
    with hub.ledger.writing() as writing:
        add_correction(writing, found, NOW)
