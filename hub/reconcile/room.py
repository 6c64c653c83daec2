"""Reconcile: what several departments say of one entity becomes one record, all traced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from hub.reconcile.balance import build_balance
from hub.reconcile.components import connect_keys
from hub.reconcile.conflicts import conflicts_sql, few_values
from hub.reconcile.counting import count_rows
from hub.reconcile.discrepancies import (
    discrepancies_sql,
    list_identity_conflicts,
    list_keyless,
    list_possible_matches,
    list_repeated,
    open_list,
)
from hub.reconcile.duplicates import fold_duplicates
from hub.reconcile.evidence import split_entities
from hub.reconcile.golden import build_golden
from hub.reconcile.identity import name_entities
from hub.reconcile.increment.carrying import carried, carried_counts, narrowed, record_of
from hub.reconcile.increment.memory import memory_of
from hub.reconcile.increment.opening import Change, open_change
from hub.reconcile.increment.places import places_sql
from hub.reconcile.increment.sums import Tallies, sums_sql, tally
from hub.reconcile.increment.twins import NotClosed, list_twins, refuse_linked_twins
from hub.reconcile.inputs import EntityIndex, InputTable, Linking, Previous
from hub.reconcile.laws import check_laws, check_written
from hub.reconcile.linking import Linked, link_rows
from hub.reconcile.measures import count_measures
from hub.reconcile.origins import origins
from hub.reconcile.plan import Plan, make_plan
from hub.reconcile.profiles import profiles_sql
from hub.reconcile.references import refers_sql, resolve_references
from hub.reconcile.registry import register_keys
from hub.reconcile.rows import read_rows
from hub.reconcile.writing import (
    copy,
    golden_sql,
    lineage_sql,
    links_sql,
    pairs_sql,
    registry_sql,
)
from hub.records import Reconciled
from hub.released import NAMED
from hub.store import Store, literal
from schemas.contract import Catalog, Dataset

NO_LINKING = Linking()
FURTHER = ("places", "sums", "twins", "refers", "profiles")
"""Files that only the next change of the release reads."""


@dataclass(frozen=True)
class Job:
    """What is to be reconciled, all of it, and where the result goes."""

    plan: Plan
    tables: Mapping[str, InputTable]
    entities: Mapping[str, EntityIndex]
    store: Store
    linking: Linking
    id: str

    def uri(self, name: str) -> str:
        return f"reconciled/{self.plan.dataset.name}/{self.id}/{name}.parquet"

    def scan(self, name: str) -> str:
        return f"FROM read_parquet({literal(self.store.path(self.uri(name)))})"


def reconcile(
    dataset: Dataset,
    catalog: Catalog,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    store: Store,
    previous: Previous | None,
    linking: Linking = NO_LINKING,
    whole: bool = False,
) -> Reconciled:
    """Reconcile a dataset by its contract alone and write the result into the store.

    `tables` holds the current rows per supply, `entities` the registries of other datasets,
    `linking` what linkage follows besides the rows. Where the last release and the rows changed
    since allow it, the result is a change of that release (`Reconciled.change`), with the same
    outcome; `whole` forbids that.
    The same arguments give the same files. Raises `CatalogError` when the contract names what is
    not there and `IntegrityError` when a law breaks; then no file of the result is complete.
    """
    plan = make_plan(dataset, catalog, tables)
    identity = _identity(dataset, tables, entities, previous, linking)
    if previous and not whole:
        with suppress(NotClosed), store.connect() as connection:
            change = open_change(connection, plan, tables, entities, previous, store, linking)
            if change:
                job = Job(plan, tables, entities, store, linking, f"{identity}-change")
                return _run(connection, job, change.plan, change.previous, change)
    with store.connect() as connection:
        job = Job(plan, tables, entities, store, linking, identity)
        return _run(connection, job, plan, previous)


def _run(
    connection: DuckDBPyConnection,
    job: Job,
    plan: Plan,
    previous: Previous | None,
    change: Change | None = None,
) -> Reconciled:
    """`plan` reads all rows, or with a change those of the entities touched alone."""
    read_rows(connection, plan)
    connect_keys(connection, plan)
    split_entities(connection, plan)
    linked = link_rows(connection, plan, job.store, job.linking)
    register_keys(connection, plan, linked.joined)
    name_entities(connection, plan, previous, linked.joined)
    open_list(connection)
    list_identity_conflicts(connection, plan)
    list_keyless(connection, plan)
    counts = count_rows(connection, plan)

    folded = fold_duplicates(connection, plan)
    list_repeated(connection, plan, folded)
    build_golden(connection, plan, folded, counts["linked"])
    list_twins(connection, plan, change.previous.files.get("twins") if change else None)
    if change and linked.spec:
        refuse_linked_twins(connection, change.previous.files["pairs"])
    list_possible_matches(connection, plan)
    filled = resolve_references(connection, plan, job.entities)
    balanced = build_balance(connection, plan, job.tables)
    check_laws(connection, plan, counts)
    known = origins(connection)
    queries = {
        "golden": golden_sql(plan, filled),
        "lineage": lineage_sql(plan),
        "origins": "FROM origin ORDER BY index",
        "links": links_sql(plan, folded, known),
        "keys": registry_sql(),
        "events": "FROM event ORDER BY since, kind, old_id, new_id",
        "redirects": "FROM redirect ORDER BY old_id",
        "pairs": pairs_sql(plan, linked.spec),
        "discrepancies": discrepancies_sql(
            conflicts_sql(plan, folded, known),
            # Of a change the file is small: to plan the casts would cost more than they spare.
            {} if change else few_values(connection, plan, known),
        ),
        "sums": sums_sql(plan, filled),
    }
    queries["places"] = places_sql(plan, queries["links"])
    if balanced:
        queries["balance"] = "FROM balance ORDER BY balance, line NULLS LAST"
    if plan.reconcile.duplicates:
        queries["twins"] = "FROM twin ORDER BY rule, entity_id"
    if plan.reconcile.resolve:
        queries["refers"] = refers_sql(plan)
    if linked.spec:
        queries["profiles"] = profiles_sql(linked.spec)
    if change:
        queries = narrowed(connection, change, queries)
    uris = {name: job.uri(name) for name in queries}
    written = {name: copy(connection, job.store, uris[name], queries[name]) for name in queries}
    check_written(plan, counts, written)
    tallies = tally(connection, plan, counts["linked"], job.scan("sums"), job.scan("discrepancies"))
    if change:
        tallies = carried(connection, plan, change, tallies)
        counts = carried_counts(connection, job.plan, job.tables, tallies)
    return Reconciled(
        id=job.id,
        dataset=plan.dataset.name,
        contract_version=plan.dataset.version,
        inputs=tuple(job.tables[name].input for name in plan.dataset.supplies),
        counts=counts | tallies.kinds(),
        measures=count_measures(connection, plan, filled, balanced, tallies),
        model=linked.named() or (dict(change.memory.model or {}) or None if change else None),
        further={name: uris[name] for name in FURTHER if name in uris},
        memory=remembered(job, tallies, linked, written.get("profiles", 0), change),
        change=record_of(change, uris) if change else None,
        balance=uris.get("balance"),
        **{name: uris[name] for name in NAMED if name != "balance"},
    )


def remembered(
    job: Job, tallies: Tallies, linked: Linked, profiles: int, change: Change | None
) -> dict[str, Any]:
    """What the next release has to know, if it is to be a change of this one."""
    before, touched = (change.memory, change.touched) if change else (None, 0)
    known = (job.plan, job.entities, job.linking, tallies)
    return memory_of(*known, profiles, linked.named(), before, touched)


def _identity(
    dataset: Dataset,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    previous: Previous | None,
    linking: Linking,
) -> str:
    """Digest of all that the result depends on."""
    parts = {
        "dataset": dataset.name,
        "contract": dataset.document,
        "inputs": [asdict(tables[name].input) for name in dataset.supplies if name in tables],
        "entities": {name: entities[name].id for name in sorted(entities)},
        "previous": previous.id if previous else None,
        "linking": [list(linking.models), [one.id for one in linking.decisions]],
    }
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
