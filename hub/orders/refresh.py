"""Refresh: what the ledger has learnt since the last time becomes orders, or closes them.

Each checked batch, each person's decision on one and each release is one round, taken in once and
in the order in which they came; a hub that was killed takes in what it had not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection
from sqlalchemy import Row, select

from hub.digests import bring_key, digest
from hub.ledger.batches import batch_of
from hub.ledger.landings import landing_of
from hub.ledger.orders import UNRESOLVED, unresolved
from hub.ledger.releases import releases_left
from hub.ledger.rounds import Event, Part, Shown, batches_left, decision_id, take_in
from hub.ledger.tables import work_item, work_order
from hub.ledger.verdicts import checked_of
from hub.orders import rows
from hub.orders.desk import LOCK, Desk
from hub.records import MOVES_ON, Checked, Release
from hub.store import literal

AT_ONCE = 10_000  # rows of a quarantine that are fetched together


@dataclass(frozen=True)
class _Round:
    """One thing to take in: a checked batch, or the decision on it."""

    id: str
    row: Row[Any]
    at: datetime
    decided: bool = False


def refresh_supply(desk: Desk, supply: str) -> list[str]:
    """Take in the checked batches of a supply; the orders opened. Again changes nothing."""
    opened = []
    with desk.ledger.alone(LOCK):
        for found in _pending(desk, supply):
            opened += _decision(desk, found) if found.decided else _batch(desk, found)
    return opened


def refresh_dataset(desk: Desk, dataset: str) -> list[str]:
    """Take in the releases of a dataset; the orders opened. Again changes nothing."""
    opened = []
    with desk.ledger.alone(LOCK):
        for release in releases_left(desk.ledger, dataset):
            opened += _release(desk, f"{dataset}/{release.version}", release)
    return opened


def _pending(desk: Desk, supply: str) -> list[_Round]:
    found = []
    for row in batches_left(desk.ledger, supply):
        if not row.taken:
            found.append(_Round(row.id, row, row.closed_at))
        if row.decision and not row.decided:
            at = datetime.fromisoformat(row.decision["at"])
            found.append(_Round(decision_id(row.id, row.decision["verdict"]), row, at, True))
    return sorted(found, key=lambda one: one.at)


def _batch(desk: Desk, found: _Round) -> list[str]:
    row, supply = found.row, found.row.supply
    checked = checked_of(desk.ledger, row.id)
    answer = "order" in (row.origin or {})
    tables = {} if answer else _tables(desk, checked)
    # A person may have decided since: what the batch itself says is told first.
    moved = checked.verdict in MOVES_ON and not row.decision
    with desk.store.connect() as connection:
        bring_key(connection, desk.key)
        shown = _quarantined(desk, connection, checked)
        # Held for its share of bad rows alone, a batch still shows which rows are right.
        looks = moved or not (answer or tables)
        held = unresolved(desk.ledger, supply)
        gone = _gone(desk, connection, found, shown, held) if looks else set()
    if not answer:
        gone |= {i.digest for i in held if i.kind == rows.TABLE and i.digest not in tables}
    part = _part(desk, found, {**shown, **tables}, gone)
    events = [_answered(desk, row, checked)] if answer else []
    day = desk.day(supply, found.at)
    return take_in(desk.ledger, found.id, row.id, day, found.at, desk.now, [part], events)


def _decision(desk: Desk, found: _Round) -> list[str]:
    """What a person let pass is waived with their reason; the batch's sound rows close items."""
    row, gone, waived = found.row, set(), []
    if row.decision["verdict"] in MOVES_ON:
        checked = checked_of(desk.ledger, row.id)
        waived = list(_tables(desk, checked))
        with desk.store.connect() as connection:
            bring_key(connection, desk.key)
            shown = _quarantined(desk, connection, checked)
            held = unresolved(desk.ledger, row.supply)
            gone = _gone(desk, connection, found, shown, held)
    part = _part(
        desk, found, {}, gone, waived, reason=row.decision["reason"], by=row.decision["by"]
    )
    day = desk.day(row.supply, found.at)
    return take_in(desk.ledger, found.id, row.id, day, found.at, desk.now, [part])


def _part(desk: Desk, found: _Round, shown: Any, gone: Any, waived: Any = (), **who: str) -> Part:
    supply = found.row.supply
    due_on = desk.due_on(supply, desk.day(supply, found.at))
    return Part(supply, desk.department(supply), due_on, shown, gone, waived, **who)


def _quarantined(desk: Desk, connection: DuckDBPyConnection, checked: Checked) -> dict[str, Shown]:
    if not checked.counts.quarantined:
        return {}
    sql = rows.quarantined_sql(checked, desk.store.path(checked.quarantined))
    found = connection.execute(f"SELECT digest, content, rules FROM ({sql}) ORDER BY digest")
    shown: dict[str, Shown] = {}
    rules: dict[tuple[str, ...], tuple[str, ...]] = {}  # few, and broken by many rows
    while lines := found.fetchmany(AT_ONCE):
        for name, content, broken in lines:
            listed = tuple(broken or ())
            own = rules.setdefault(listed, listed)
            shown[name] = Shown(name, content, rows.QUARANTINE, own)
    return shown


def _tables(desk: Desk, checked: Checked) -> dict[str, Shown]:
    """Failing rules about the table that keep a batch from moving on."""
    found = {}
    for rule in desk.store.read_json(checked.report)["rules"]:
        if rule["about"] == "table" and rule["severity"] == "error" and not rule["success"]:
            name = digest(desk.key, rows.TABLE, checked.supply, rule["rule_id"])
            # The batch is its content: what a person let pass once is looked at again next time.
            content = digest(desk.key, checked.batch_id)
            field = rule["fields"][0] if rule["fields"] else None
            found[name] = Shown(name, content, rows.TABLE, (rule["rule_id"],), field=field)
    return found


def _gone(
    desk: Desk,
    connection: DuckDBPyConnection,
    found: _Round,
    shown: dict[str, Shown],
    held: list[Row[Any]],
) -> set[str]:
    """Open rows that this batch looked at and found right, or no longer there."""
    row = found.row
    items = [item for item in held if item.kind == rows.QUARANTINE]
    candidates = {item.digest for item in items} - shown.keys()
    if not candidates or row.mode == "snapshot":
        return candidates
    supply, landing = desk.catalog.supplies.get(row.supply), landing_of(desk.ledger, row.id)
    if supply is None:
        return set()  # it left the catalog: nobody knows its key any more
    gone: set[str] = set()
    connection.execute("CREATE TEMP TABLE candidate (digest VARCHAR)")
    connection.execute("INSERT INTO candidate SELECT unnest(?)", [sorted(candidates)])
    parts = [desk.store.path(uri) for uri in landing.parts]
    if landed := rows.landed_sql(supply, landing, parts):
        query = f"SELECT digest FROM candidate SEMI JOIN ({landed}) AS landed USING (digest)"
        gone |= {name for (name,) in connection.execute(query).fetchall()}
    if landing.keys:
        listed = rows.listed_sql(supply, desk.store.path(landing.keys))
        query = f"SELECT digest FROM candidate ANTI JOIN ({listed}) AS listed USING (digest)"
        gone |= {name for (name,) in connection.execute(query).fetchall()}
    if row.file and not supply.key:
        # A file of additions that comes again says all that there is to say of its lines.
        shown_in = {item.shown_in for item in items}
        files = {name: batch_of(desk.ledger, name).window.file for name in shown_in}
        gone |= {
            item.digest
            for item in items
            if item.digest in candidates and files[item.shown_in] == row.file
        }
    return gone


def _answered(desk: Desk, row: Row[Any], checked: Checked) -> Event:
    counts = checked.counts
    path = literal(desk.store.path(checked.quarantined))
    with desk.store.connect() as connection:
        refused = connection.execute(
            f"SELECT count(*) FROM (SELECT unnest(_faults) AS f FROM read_parquet({path})) "
            f"WHERE f.code = {literal(rows.REFUSED)}"
        ).fetchone()
    detail = {
        "batch": row.id,
        "file": row.origin["file"],
        "sha256": row.origin["sha256"],
        "accepted": counts.accepted,
        "unchanged": counts.unchanged,
        "quarantined": counts.quarantined,
        "refused": refused[0] if refused else 0,
    }
    return Event(row.origin["order"], row.origin["by"], "answered", counts.landed, detail)


def _release(desk: Desk, name: str, release: Release) -> list[str]:
    found: dict[str, dict[str, Shown]] = {}
    if release.dataset in desk.catalog.datasets:
        with desk.store.connect() as connection:
            bring_key(connection, desk.key)
            lines = connection.execute(
                "SELECT supply, digest, content, kind, field, surviving_supply "
                f"FROM ({rows.release_sql(desk, name)}) ORDER BY supply, digest"
            ).fetchall()
        for supply, own, content, kind, field, other in lines:
            fault = Shown(own, content, kind, (), release.dataset, field, other)
            found.setdefault(supply, {})[own] = fault
    at = release.created_at
    parts = []
    for supply in sorted({*found, *_supplies_with(desk, release.dataset)}):
        shown = found.get(supply, {})
        held = {item.digest for item in unresolved(desk.ledger, supply, release.dataset)}
        parts.append(
            Part(
                supply,
                desk.department(supply),
                desk.due_on(supply, desk.day(supply, at)),
                shown,
                held - shown.keys(),
                dataset=release.dataset,
            )
        )
    day = desk.day(parts[0].supply, at) if parts else at.date()
    return take_in(desk.ledger, name, name, day, at, desk.now, parts)


def _supplies_with(desk: Desk, dataset: str) -> set[str]:
    """Supplies with unresolved discrepancies of a dataset."""
    query = (
        select(work_order.c.supply)
        .join(work_item, work_item.c.order_id == work_order.c.id)
        .where(work_item.c.dataset == dataset, work_item.c.state.in_(UNRESOLVED))
        .distinct()
    )
    with desk.ledger.reading() as connection:
        return set(connection.execute(query).scalars())
