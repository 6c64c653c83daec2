"""Reconcile: what several departments say of one entity becomes one record, all traced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from duckdb import DuckDBPyConnection

from hub.reconcile.balance import build_balance
from hub.reconcile.components import connect_keys
from hub.reconcile.conflicts import conflicts_sql
from hub.reconcile.discrepancies import (
    discrepancies_sql,
    list_identity_conflicts,
    list_keyless,
    list_possible_duplicates,
    list_possible_matches,
    list_repeated,
    open_list,
)
from hub.reconcile.duplicates import fold_duplicates
from hub.reconcile.evidence import split_entities
from hub.reconcile.golden import build_golden
from hub.reconcile.identity import name_entities
from hub.reconcile.inputs import EntityIndex, InputTable, Linking, Previous
from hub.reconcile.laws import check_laws, check_written
from hub.reconcile.linking import link_rows
from hub.reconcile.measures import count_measures
from hub.reconcile.origins import origins
from hub.reconcile.plan import Plan, make_plan
from hub.reconcile.references import resolve_references
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
from hub.store import Store, literal
from schemas.contract import Catalog, Dataset

NO_LINKING = Linking()


def reconcile(
    dataset: Dataset,
    catalog: Catalog,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    store: Store,
    previous: Previous | None,
    linking: Linking = NO_LINKING,
) -> Reconciled:
    """Reconcile a dataset by its contract alone and write the result into the store.

    `tables` holds the current rows per supply, `entities` the registries of other datasets,
    `linking` what linkage follows besides the rows.
    The same arguments give the same files. Raises `CatalogError` when the contract names what is
    not there and `IntegrityError` when a law breaks; then no file of the result is complete.
    """
    plan = make_plan(dataset, catalog, tables)
    identity = _identity(dataset, tables, entities, previous, linking)
    folder = f"reconciled/{dataset.name}/{identity}"
    with store.connect() as connection:
        return _run(connection, plan, tables, entities, store, previous, linking, identity, folder)


def _run(
    connection: DuckDBPyConnection,
    plan: Plan,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    store: Store,
    previous: Previous | None,
    linking: Linking,
    identity: str,
    folder: str,
) -> Reconciled:
    read_rows(connection, plan)
    connect_keys(connection, plan)
    split_entities(connection, plan)
    linked = link_rows(connection, plan, store, linking)
    register_keys(connection, plan, linked.joined)
    name_entities(connection, plan, previous, linked.joined)
    open_list(connection)
    list_identity_conflicts(connection, plan)
    list_keyless(connection, plan)
    counts = _row_counts(connection, plan)

    folded = fold_duplicates(connection, plan)
    list_repeated(connection, plan, folded)
    build_golden(connection, plan, folded, counts["linked"])
    list_possible_duplicates(connection, plan)
    list_possible_matches(connection, plan)
    filled = resolve_references(connection, plan, entities)
    balanced = build_balance(connection, plan, tables)
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
        "discrepancies": discrepancies_sql(conflicts_sql(plan, folded, known)),
    }
    if balanced:
        queries["balance"] = "FROM balance ORDER BY balance, line NULLS LAST"
    uris = {name: f"{folder}/{name}.parquet" for name in queries}
    written = {name: copy(connection, store, uris[name], queries[name]) for name in queries}
    check_written(plan, counts, written)
    listed = f"read_parquet({literal(store.path(uris['discrepancies']))})"
    measures = count_measures(connection, plan, filled, balanced, listed)
    return Reconciled(
        id=identity,
        dataset=plan.dataset.name,
        contract_version=plan.dataset.version,
        inputs=tuple(tables[name].input for name in plan.dataset.supplies),
        balance=uris.pop("balance", None),
        counts=counts | _kinds(connection, written["discrepancies"]),
        measures=measures,
        model=linked.named(),
        **uris,
    )


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


def _row_counts(connection: DuckDBPyConnection, plan: Plan) -> dict[str, int]:
    linked, rows = 0, 0
    for source in plan.sources:
        linked += _count(connection, source.rows)
        rows += _count(connection, f"({source.sql})")
    excluded = sum(
        _count(connection, f"({s.sql}) WHERE ({s.source.where}) IS NOT TRUE")
        for s in plan.sources
        if s.source.where
    )
    entities = _count(connection, "entity")
    return {"rows": rows, "excluded": excluded, "linked": linked, "entities": entities}


def _kinds(connection: DuckDBPyConnection, discrepancies: int) -> dict[str, int]:
    """Discrepancies per kind; those not in `discrepancy` are conflicting values."""
    kinds = dict(
        connection.execute(
            "SELECT kind, count(*) FROM discrepancy GROUP BY kind ORDER BY kind"
        ).fetchall()
    )
    conflicts = discrepancies - sum(kinds.values())
    return ({"value_conflict": conflicts} if conflicts else {}) | kinds


def _count(connection: DuckDBPyConnection, relation: str) -> int:
    (found,) = connection.execute(f"SELECT count(*) FROM {relation}").fetchone() or (0,)
    return int(found)
