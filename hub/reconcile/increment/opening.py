"""Whether a release can be made as a change of the last one, and of which entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from hub.errors import NotFound
from hub.linkage import load
from hub.reconcile.counting import count
from hub.reconcile.increment.closure import read_changes, spread, touch, touch_decided
from hub.reconcile.increment.kin import touch_kin
from hub.reconcile.increment.memory import Memory, rules_of
from hub.reconcile.increment.narrowing import narrow
from hub.reconcile.increment.places import supplies_of
from hub.reconcile.increment.sums import Tallies, from_json
from hub.reconcile.inputs import EntityIndex, InputTable, Linking, Previous
from hub.reconcile.origins import read_origins
from hub.reconcile.plan import Plan
from hub.store import Store

MOST_PARTS = 20
FEWEST = 1000  # entities; of fewer, finding out whom to look at costs as much as looking at all
MOST_TOUCHED = 0.3  # of the entities, since the last release made as a whole


@dataclass(frozen=True)
class Change:
    """A change that has been opened: its temporary tables stand, its plan reads them alone."""

    plan: Plan
    previous: Previous
    memory: Memory
    before: Tallies
    touched: int


def open_change(
    connection: DuckDBPyConnection,
    plan: Plan,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    previous: Previous,
    store: Store,
    linking: Linking,
) -> Change | None:
    """The change that leads from the last release to this one; None: make it as a whole.

    Creates `changed`, `touched`, `alike`, `origin` and the narrowed inputs (see `narrowing`).
    """
    memory = _memory(plan, tables, entities, previous)
    if memory is None:
        return None
    before = from_json(memory.tallies)
    read_changes(connection, plan, tables)
    # Indices into the origins stay what they were: lineage of other entities points to them.
    connection.execute(f"CREATE TEMP TABLE origin AS {previous.files['origins']}")
    read_origins(connection, plan, {name: str(tables[name].fresh) for name in supplies_of(plan)})
    touch(connection, plan, tables, entities, previous)
    touch_decided(connection, previous, store, {**memory.decisions, **_uris(linking)})
    spread(connection, plan, previous)
    if plan.reconcile.linkage:
        model = _model(memory, store, linking, count(connection, "changed"))
        if model is None:
            return None
        if count(connection, "changed") or count(connection, "touched"):
            touch_kin(connection, plan, tables, previous, store, linking, model)
            spread(connection, plan, previous)
    touched = count(connection, "touched")
    if memory.touched + touched > max(before.entities, 1) * MOST_TOUCHED:
        return None
    connection.execute("CREATE TEMP TABLE alike (entity_id VARCHAR)")
    narrowed, known = narrow(connection, plan, tables, previous)
    return Change(narrowed, known, memory, before, touched)


def _memory(
    plan: Plan,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    previous: Previous,
) -> Memory | None:
    if not previous.memory:
        return None
    memory = Memory(**previous.memory)
    if memory.tallies["entities"] < FEWEST or memory.parts >= MOST_PARTS:
        return None
    if memory.rules != rules_of(plan):
        return None
    if any(tables[name].changed is None for name in supplies_of(plan)):
        return None
    if memory.entities.keys() != entities.keys():
        return None
    for name, index in entities.items():
        known = index.before is not None and index.before.id == memory.entities[name]
        moved = index.id != memory.entities[name]
        if moved and not (known and index.touched is not None):
            return None
    return memory


def _uris(linking: Linking) -> dict[str, str]:
    return {decision.id: decision.uri or "" for decision in linking.decisions}


def _model(memory: Memory, store: Store, linking: Linking, changed: int) -> str | None:
    """The linkage model of the last release, if a whole one would use it again."""
    if memory.model is None or linking.models[:1] != (memory.model["uri"],):
        return None
    uri = str(memory.model["uri"])
    try:
        model = load(store, uri)
    except NotFound:
        return None
    same = model.specification.digest == memory.model["specification"]
    return uri if same and not model.outgrown(memory.profiles + changed) else None
