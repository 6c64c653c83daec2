"""Why these records are one entity, and why each of its fields holds the value that it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from hub.entities.lookup import Found
from hub.entities.rows import Record, records_of
from hub.ledger.entities import decisions_of, in_effect
from hub.linkage import Model, Step, explain, load
from hub.opened import Hub
from hub.reconcile.plan import Plan
from hub.released import relation

JOINED = ("linked", "confirmed")
Side = tuple[str, str]
"""(supply, source key)"""


@dataclass(frozen=True)
class Link:
    """One pair that linkage weighed: its sides, its worth step by step, what was decided."""

    one: Side
    other: Side
    entity_id: str
    other_entity_id: str
    weight: float | None
    probability: float | None
    decision: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class FieldAccount:
    """One golden field: the value that survived, who gave it, by which rule, who said what."""

    field: str
    title: str
    title_en: str
    value: str | None
    supply: str | None
    rule: str  # authority, recency or agreement
    order: tuple[str, ...]  # supplies by authority in this field
    said: tuple[tuple[str, str, str], ...]  # supply, source key, value


@dataclass(frozen=True)
class Event:
    """One merge or split, by release."""

    kind: str
    old_id: str
    new_id: str
    release: int


@dataclass(frozen=True)
class Decided:
    """One decision of a steward that speaks of a record of this entity."""

    id: str
    kind: str
    by: str
    at: datetime
    reason: str
    in_effect: bool
    sides: tuple[tuple[Side, ...], tuple[Side, ...]]


@dataclass(frozen=True)
class Account:
    """Everything that there is to say about one entity."""

    dataset: str
    title: str
    title_en: str
    release: int
    entity_id: str
    asked: str
    redirected: bool
    records: tuple[Record, ...]
    groups: tuple[tuple[int, ...], ...]  # places in `records` of those that share keys
    links: tuple[Link, ...]  # of this entity's records with each other
    near: tuple[Link, ...]  # with other entities: weighed, and not joined
    fields: tuple[FieldAccount, ...]
    events: tuple[Event, ...]
    decisions: tuple[Decided, ...]
    disowned: tuple[tuple[Side, str], ...]  # records set apart from the entity of their number
    match: float | None
    review: float | None


def account_of(hub: Hub, connection: DuckDBPyConnection, found: Found) -> Account:
    """Read everything about an entity; values are personal."""
    plan, records = records_of(hub, connection, found)
    links = _links(hub, connection, found)
    mine = [link for link in links if link.entity_id == link.other_entity_id]
    linkage = plan.reconcile.linkage
    return Account(
        dataset=found.dataset.name,
        title=found.dataset.title,
        title_en=found.dataset.title_en or found.dataset.name,
        release=found.release.version,
        entity_id=found.entity_id,
        asked=found.asked,
        redirected=found.redirected,
        records=tuple(records),
        groups=_groups(records),
        links=tuple(link for link in mine if link.decision in JOINED),
        near=tuple(link for link in links if link.entity_id != link.other_entity_id),
        fields=_fields(hub, connection, found, plan, records),
        events=events_of(hub, connection, found),
        decisions=_decisions(hub, found, records),
        disowned=_disowned(hub, connection, found),
        match=linkage.match if linkage else None,
        review=linkage.review if linkage else None,
    )


def _links(hub: Hub, connection: DuckDBPyConnection, found: Found) -> list[Link]:
    if "pairs" not in found.manifest["files"]:
        return []
    named = found.manifest.get("model")
    model = load(hub.store, named["uri"]) if named else None
    cursor = connection.execute(
        f"SELECT * FROM ({relation(hub.store, found.manifest, 'pairs')}) "
        "WHERE entity_id = ? OR other_entity_id = ? ORDER BY weight DESC NULLS LAST, "
        "supply, source_key, other_supply, other_source_key",
        [found.entity_id, found.entity_id],
    )
    names = [column[0] for column in cursor.description or ()]
    return [_link(dict(zip(names, row, strict=True)), model) for row in cursor.fetchall()]


def _link(row: Mapping[str, Any], model: Model | None) -> Link:
    weighed = model is not None and row["weight"] is not None
    return Link(
        one=(row["supply"], row["source_key"]),
        other=(row["other_supply"], row["other_source_key"]),
        entity_id=row["entity_id"],
        other_entity_id=row["other_entity_id"],
        weight=row["weight"],
        probability=row["probability"],
        decision=row["decision"],
        steps=explain(model, row) if weighed and model is not None else (),
    )


def _disowned(
    hub: Hub, connection: DuckDBPyConnection, found: Found
) -> tuple[tuple[Side, str], ...]:
    """Records that bear the number of another entity, which evidence has parted them from."""
    listed = relation(hub.store, found.manifest, "discrepancies")
    rows = connection.execute(
        f"SELECT supply, source_key, entity_id FROM ({listed}) "
        "WHERE kind = 'identity_conflict' AND other_entity_id = ? ORDER BY ALL",
        [found.entity_id],
    ).fetchall()
    return tuple(((supply, key), entity) for supply, key, entity in rows)


def _groups(records: Sequence[Record]) -> tuple[tuple[int, ...], ...]:
    """Records that share a key, directly or through others."""
    parent = list(range(len(records)))

    def root(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    holder: dict[tuple[str, str], int] = {}
    for place, record in enumerate(records):
        for key in record.keys.items():
            first = holder.setdefault(key, place)
            parent[root(place)] = root(first)
    groups: dict[int, list[int]] = {}
    for place in range(len(records)):
        groups.setdefault(root(place), []).append(place)
    return tuple(tuple(members) for members in groups.values())


def _fields(
    hub: Hub, connection: DuckDBPyConnection, found: Found, plan: Plan, records: Sequence[Record]
) -> tuple[FieldAccount, ...]:
    files = {
        name: relation(hub.store, found.manifest, name) for name in ("golden", "lineage", "origins")
    }
    golden = _row(connection, f"FROM ({files['golden']}) WHERE entity_id = ?", found.entity_id)
    lineage = _row(connection, f"FROM ({files['lineage']}) WHERE entity_id = ?", found.entity_id)
    rows = connection.execute(f"SELECT index, supply FROM ({files['origins']})").fetchall()
    origins = dict(rows)
    accounts = []
    for entry in plan.fields:
        name = entry.field.name
        value = golden.get(name)
        order = [plan.sources[place].supply.name for place in entry.feeds]
        accounts.append(
            FieldAccount(
                field=name,
                title=entry.field.title,
                title_en=entry.field.properties.title_en or name,
                value=None if value is None else str(value),
                supply=origins.get(lineage.get(name)),
                rule=entry.rule,
                order=tuple(dict.fromkeys(order)),
                said=tuple(
                    (record.supply, record.source_key, record.says[name])
                    for record in records
                    if name in record.says
                ),
            )
        )
    return tuple(accounts)


def _row(connection: DuckDBPyConnection, query: str, entity_id: str) -> dict[str, Any]:
    cursor = connection.execute(query, [entity_id])
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def events_of(hub: Hub, connection: DuckDBPyConnection, found: Found) -> tuple[Event, ...]:
    """Merges and splits of the entity, and of everything that was ever merged into it."""
    events = relation(hub.store, found.manifest, "events")
    rows = connection.execute(
        f"SELECT kind, old_id, new_id, since FROM ({events}) ORDER BY since, kind, old_id, new_id"
    ).fetchall()
    known = {found.entity_id}
    while True:
        more = {old for kind, old, new, _ in rows if kind == "merge" and new in known} - known
        if not more:
            break
        known |= more
    return tuple(Event(*row) for row in rows if row[1] in known or row[2] in known)


def _decisions(hub: Hub, found: Found, records: Sequence[Record]) -> tuple[Decided, ...]:
    mine = {(record.supply, record.source_key) for record in records}
    decided = decisions_of(hub.ledger, found.dataset.name)
    effective = {one.id for one in in_effect(decided)}
    spoken = []
    for one in decided:
        if one.uri is None:
            continue
        document = hub.store.read_json(one.uri)
        a, b = (
            tuple((row["supply"], row["source_key"]) for row in document[side]) for side in "ab"
        )
        if mine & {*a, *b}:
            spoken.append(
                Decided(one.id, one.kind, one.by, one.at, one.reason, one.id in effective, (a, b))
            )
    return tuple(spoken)
