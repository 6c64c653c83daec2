"""Stewards' decisions: confirm, forbid, undo. They speak of rows, so no later run loses them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from duckdb import DuckDBPyConnection

from hub.entities.lookup import Found, find, releases
from hub.entities.rows import Record, read_records, records_of
from hub.errors import NotFound, SettingsError
from hub.ledger.entities import add_decision, decision_of, decisions_of, standing
from hub.opened import Hub
from hub.records import LinkDecision
from hub.released import relation

CANDIDATES = 200  # pairs shown unless more are asked for


@dataclass(frozen=True)
class Made:
    """A decision as noted, and what the steward should know of it."""

    decision: LinkDecision
    warnings: tuple[tuple[str, str], ...] = ()  # zh, en


def confirm(hub: Hub, a: str, b: str, by: str, reason: str, dataset: str | None = None) -> Made:
    """Say that two entities, or records (`<supply>:<key>`), are one."""
    with hub.store.connect() as connection:
        one, two = (_side(hub, connection, asked, dataset) for asked in (a, b))
        if one.found.dataset.name != two.found.dataset.name:
            raise SettingsError("both sides must be entities of one dataset")
        warnings = []
        if one.found.entity_id == two.found.entity_id:
            warnings.append(("它们目前已是同一实体", "they are one entity already"))
        if _contradict(one.records, two.records):
            warnings.append(
                (
                    "两侧各有不同的有效号码；合并以您的决定为准，请确认依据充分",
                    "the sides bear different valid numbers; they are joined on your word",
                )
            )
        return Made(_keep(hub, "confirm", one, two, by, reason), tuple(warnings))


def forbid(hub: Hub, a: str, b: str, by: str, reason: str, dataset: str | None = None) -> Made:
    """Say that two entities, or records, are not one; within one entity name records."""
    with hub.store.connect() as connection:
        one, two = (_side(hub, connection, asked, dataset) for asked in (a, b))
        if one.found.dataset.name != two.found.dataset.name:
            raise SettingsError("both sides must be entities of one dataset")
        if one.found.entity_id == two.found.entity_id:
            one, two = _apart(one, two)
        return Made(_keep(hub, "forbid", one, two, by, reason))


def undo(hub: Hub, decision_id: str, by: str, reason: str) -> Made:
    """Take a decision back; what the data say counts again."""
    undone = _named(hub, decision_id)
    if undone not in standing(decisions_of(hub.ledger, undone.dataset)):
        raise SettingsError(f"decision {undone.id} has been taken back already")
    made = LinkDecision(
        _new_id(), undone.dataset, "undo", undone.id, None, None, _told(reason), by, _unset()
    )
    return Made(_noted(hub, made))


def decisions(hub: Hub, dataset: str | None = None) -> list[dict[str, Any]]:
    """All decisions, the oldest first: whether they hold, and the entities they now speak of."""
    listed = []
    with hub.store.connect() as connection:
        decided = decisions_of(hub.ledger, hub.dataset(dataset).name if dataset else None)
        holding = {one.id for one in standing(decided)}
        for one in decided:
            listed.append(
                {
                    "decision": one.id,
                    "dataset": one.dataset,
                    "kind": one.kind,
                    "a": _today(hub, connection, one, "a"),
                    "b": one.undoes or _today(hub, connection, one, "b"),
                    "holds": one.id in holding,
                    "by": one.by,
                    "at": one.at,
                    "reason": one.reason,
                }
            )
    return listed


def candidates(
    hub: Hub, dataset: str, limit: int = CANDIDATES, everything: bool = False
) -> list[dict[str, Any]]:
    """Pairs that wait for a person, the likeliest first; `everything`: all that were weighed."""
    name = hub.dataset(dataset).name
    for _, _, manifest in releases(hub, name):
        if "pairs" not in manifest["files"]:
            return []
        pairs = relation(hub.store, manifest, "pairs")
        with hub.store.connect() as connection:
            cursor = connection.execute(
                "SELECT entity_id, supply, other_entity_id, other_supply, weight, probability, "
                f"decision FROM ({pairs}) WHERE {'true' if everything else 'listed'} "
                "ORDER BY weight DESC NULLS LAST, supply, source_key, other_supply, "
                f"other_source_key LIMIT {int(limit)}"
            )
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    raise NotFound(f"dataset {name} has no release yet")


@dataclass(frozen=True)
class _Side:
    found: Found
    records: tuple[Record, ...]
    named: bool  # by one record, not by the entity


def _side(hub: Hub, connection: DuckDBPyConnection, asked: str, dataset: str | None) -> _Side:
    found = find(hub, connection, asked, dataset=dataset)
    supply, colon, key = asked.partition(":")
    if colon and supply in hub.catalog.supplies:
        # One record alone: what is said of it must not follow others of its entity.
        _, records = read_records(hub, connection, found, {supply: {key: ""}})
        return _Side(found, tuple(records), named=True)
    _, records = records_of(hub, connection, found)
    return _Side(found, tuple(records), named=False)


def _apart(one: _Side, two: _Side) -> tuple[_Side, _Side]:
    """Within one entity: a record against the others, or two records against each other."""
    if not (one.named or two.named):
        raise SettingsError(
            "both are one entity: name the record that does not belong to it as <supply>:<key>"
        )
    first = {(r.supply, r.source_key) for r in (one if one.named else two).records}

    def without(side: _Side) -> _Side:
        rest = tuple(r for r in side.records if (r.supply, r.source_key) not in first)
        return replace(side, records=rest)

    one, two = (one, without(two)) if one.named else (without(one), two)
    if not one.records or not two.records:
        raise SettingsError("the entity has no other record to keep this one apart from")
    return one, two


def _contradict(one: Sequence[Record], two: Sequence[Record]) -> bool:
    spaces = {space for record in (*one, *two) for space in record.keys}
    for space in spaces:
        a = {record.keys[space] for record in one if space in record.keys}
        b = {record.keys[space] for record in two if space in record.keys}
        if a and b and not a & b:
            return True
    return False


def _keep(hub: Hub, kind: str, one: _Side, two: _Side, by: str, reason: str) -> LinkDecision:
    """The rows go to the store (their keys are personal), where they lie goes to the ledger."""
    name, decision_id = one.found.dataset.name, _new_id()
    uri = f"decisions/{name}/{decision_id}.json"
    told = _told(reason)
    hub.store.write_json(
        uri,
        {
            "kind": kind,
            "a_id": one.found.entity_id,
            "b_id": two.found.entity_id,
            "a": [_row(record) for record in one.records if not record.gone],
            "b": [_row(record) for record in two.records if not record.gone],
        },
    )
    sha256 = hub.store.sha256(uri)
    return _noted(hub, LinkDecision(decision_id, name, kind, None, uri, sha256, told, by, _unset()))


def _row(record: Record) -> dict[str, Any]:
    return {
        "supply": record.supply,
        "source_key": record.source_key,
        "keys": dict(record.keys),
    }


def _noted(hub: Hub, decision: LinkDecision) -> LinkDecision:
    return replace(decision, at=add_decision(hub.ledger, decision, hub.now))


def _told(reason: str) -> str:
    if not reason.strip():
        raise SettingsError("a decision needs a reason")
    return reason.strip()


def _unset() -> datetime:
    return datetime.min.replace(tzinfo=UTC)  # the ledger says when


def _new_id() -> str:
    return secrets.token_hex(6)


def _named(hub: Hub, decision_id: str) -> LinkDecision:
    known = [one for one in decisions_of(hub.ledger) if one.id.startswith(decision_id)]
    if len(known) > 1 and decision_id:
        raise SettingsError(f"several decisions begin with {decision_id}")
    return known[0] if known and decision_id else decision_of(hub.ledger, decision_id)


def _today(hub: Hub, connection: DuckDBPyConnection, one: LinkDecision, side: str) -> str | None:
    if one.uri is None:
        return None
    document = hub.store.read_json(one.uri)
    for row in document[side]:
        try:
            found = find(
                hub, connection, supply=row["supply"], key=row["source_key"], dataset=one.dataset
            )
        except NotFound:
            continue
        return found.entity_id
    return str(document[f"{side}_id"])
