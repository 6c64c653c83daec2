"""Objections close by themselves: a later release carries another value, or nobody disputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from hub.ledger import objections as ledger
from hub.ledger.orders import HUB
from hub.ledger.recalls import add_correction
from hub.ledger.releases import release_at, releases_of
from hub.objections.acting import by_itself, overdue
from hub.objections.life import STANDING, Act, State
from hub.opened import Hub
from hub.publish import read_manifest
from hub.recalls import cells
from hub.records import Objection
from hub.released import ENTITY, kept, relation
from hub.store import identifier, literal, rows_sql

Value = tuple[bool, str | None]
"""Whether there is a record, and its value as text."""


def close_mended(hub: Hub, dataset: str | None = None) -> list[Objection]:
    """Close the open objections whose value a later release has replaced; those closed now.

    Each becomes a correction of that release, from which the recalls follow. A record that was
    joined to another one is looked for under that. Again changes nothing.
    """
    standing = ledger.objections(hub.ledger, dataset, states=[state.value for state in STANDING])
    closed: list[Objection] = []
    for name in sorted({one.dataset for one in standing} & hub.catalog.datasets.keys()):
        with hub.ledger.alone(f"objections-{name}"):
            closed += _look_through(hub, name)
    return closed


def lapse(hub: Hub) -> list[Objection]:
    """End the rejected objections that nobody disputed in time; those ended now."""
    ended = []
    for one in ledger.objections(hub.ledger, states=[State.REJECTED]):
        if overdue(hub, one):
            with hub.ledger.writing() as writing:
                now = ledger.objection_in(writing, one.id, held=True)
                if now.state == State.REJECTED:
                    ended.append(by_itself(hub, writing, now, Act.LAPSE))
    return ended


def _look_through(hub: Hub, dataset: str) -> list[Objection]:
    """Release by release, so that the one that mends is the first with another value."""
    states = [state.value for state in STANDING]
    standing = ledger.objections(hub.ledger, dataset, states=states)
    oldest = min((one.same_until for one in standing), default=0)
    closed: list[Objection] = []
    for release in releases_of(hub.ledger, dataset):
        asked = [one for one in standing if one.same_until == release.version - 1]
        if release.version <= oldest or not asked:
            continue
        before, after = (
            _values(hub, dataset, version, asked)
            for version in (release.version - 1, release.version)
        )
        gone = {one.id for one in asked if before[one.id] != after[one.id]}
        for one in asked:
            if one.id in gone:
                mended = _mend(hub, one, release.version)
                closed += [mended] if mended else []
            else:
                with hub.ledger.writing() as writing:
                    ledger.change(writing, one.id, same_until=release.version)
        standing = ledger.objections(hub.ledger, dataset, states=states)
    return closed


def _mend(hub: Hub, objection: Objection, version: int) -> Objection | None:
    """Close one objection, and note what its mending corrected, in one transaction.

    None: a person was quicker, and it has ended otherwise.
    """
    with hub.store.connect() as connection:
        connection.execute(cells.TABLE)
        entity_id = _living(hub, connection, objection.dataset, version - 1, [objection])
        connection.execute(
            f"INSERT INTO cell VALUES (?, ?, {version - 1}, 'objection', ?, NULL)",
            [entity_id[objection.id], objection.field, objection.id],
        )
        found = cells.keep(hub, connection, objection.dataset, version, objection.id)
    with hub.ledger.writing() as writing:
        now = ledger.objection_in(writing, objection.id, held=True)
        if now.state not in STANDING:
            return None
        add_correction(writing, found, hub.now(), HUB)
        ledger.change(writing, objection.id, mended_in=version)
        return by_itself(hub, writing, now, Act.MEND)


def _values(hub: Hub, dataset: str, version: int, asked: Sequence[Objection]) -> dict[str, Value]:
    """What one release says of each objection's value."""
    manifest = _manifest(hub, dataset, version)
    golden = relation(hub.store, manifest, "golden")
    found: dict[str, Value] = {}
    with hub.store.connect() as connection:
        living = _living(hub, connection, dataset, version, asked)
        columns = {name for name, *_ in connection.execute(f"DESCRIBE {golden}").fetchall()}
        for field in sorted({one.field for one in asked}):
            these = [one for one in asked if one.field == field]
            text = f"CAST({identifier(field)} AS VARCHAR)" if field in columns else "NULL"
            listed = ", ".join(literal(living[one.id]) for one in these)
            rows = dict(
                connection.execute(
                    f"SELECT {ENTITY}, {text} FROM ({golden}) WHERE {ENTITY} IN ({listed})"
                ).fetchall()
            )
            for one in these:
                found[one.id] = (living[one.id] in rows, rows.get(living[one.id]))
    return found


def _living(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: str,
    version: int,
    asked: Sequence[Objection],
) -> dict[str, str]:
    """The entity of each objection as a release knows it: joined ones under the other's id."""
    own = {one.id: str(hub.store.read_json(one.uri)["entity_id"]) for one in asked}
    manifest = _manifest(hub, dataset, version)
    if not kept(hub.store, manifest, "redirects"):
        return own
    known = rows_sql([ENTITY], [[entity_id] for entity_id in sorted({*own.values()})])
    redirects = relation(hub.store, manifest, "redirects")
    led = dict(
        connection.execute(
            f"SELECT r.old_id, r.entity_id FROM ({redirects}) AS r "
            f"SEMI JOIN ({known}) AS k ON k.{ENTITY} = r.old_id WHERE r.entity_id IS NOT NULL"
        ).fetchall()
    )
    return {name: led.get(entity_id, entity_id) for name, entity_id in own.items()}


def _manifest(hub: Hub, dataset: str, version: int) -> Mapping[str, Any]:
    return read_manifest(hub.store, release_at(hub.ledger, dataset, version))
