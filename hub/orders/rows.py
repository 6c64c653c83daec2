"""Faults as SQL: quarantined rows of a batch, discrepancies of a release, with their digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Row

from hub.digests import digest_sql
from hub.fold import SOURCE_KEY, key_sql
from hub.ledger.releases import release_at
from hub.ledger.verdicts import checked_of
from hub.orders.desk import Desk
from hub.records import Checked, Landing
from hub.released import relation
from hub.store import identifier, literal
from schemas.arrow import FAULTS_COLUMN, ROW_COLUMN
from schemas.contract import Dataset, Supply

REFUSED = "not_in_order"
"""The fault of a row that a department sent as an answer to an order it is not part of."""

QUARANTINE = "quarantine"
TABLE = "table"
RELEASE = "/"  # stands in the id of a release and of no batch
_CODES = f"list_transform({FAULTS_COLUMN}, lambda f: f.code)"
ADMITTED = f"coalesce(NOT list_contains({_CODES}, {literal(REFUSED)}), true)"
"""SQL over a landing or a quarantine: the row is not one that was refused so."""


def quarantined_sql(checked: Checked, path: Path) -> str:
    """digest, content, source_key, rules of one batch: one line per key, refused rows left out."""
    names = [
        name
        for name in pq.read_schema(path).names
        if name not in (ROW_COLUMN, SOURCE_KEY, FAULTS_COLUMN, "_rules")
    ]
    shown = [f"{identifier(name)}::VARCHAR" for name in names]
    cells = ", ".join(f"coalesce(concat(strlen({text}), ':', {text}), '~')" for text in shown)
    faults = f"coalesce({FAULTS_COLUMN}::VARCHAR, '')"
    own = digest_sql(literal(QUARANTINE), literal(checked.supply), "source_key")
    return (
        f"SELECT {own} AS digest, {digest_sql('content')} AS content, source_key, rules FROM ("
        f"SELECT {SOURCE_KEY} AS source_key, string_agg(content, chr(30) ORDER BY content) "
        f"AS content, list_sort(list_distinct(flatten(list(_rules)))) AS rules FROM ("
        f"SELECT {SOURCE_KEY}, _rules, concat({cells}, chr(31), {faults}) AS content "
        f"FROM read_parquet({literal(path)}) WHERE {ADMITTED}) "
        f"GROUP BY {SOURCE_KEY})"
    )


def landed_sql(supply: Supply, landing: Landing, parts: list[Path]) -> str | None:
    """digest of every row that a batch brought, without refused ones; None: rows have no key."""
    file = landing.window.file if landing.window else None
    if supply.key:
        key = key_sql(supply)
    elif file:
        key = f"{literal(file + '#')} || {ROW_COLUMN}"
    else:
        return None
    listed = ", ".join(literal(path) for path in parts)
    own = digest_sql(literal(QUARANTINE), literal(supply.name), key)
    return f"SELECT {own} AS digest FROM read_parquet([{listed}]) WHERE {ADMITTED}"


def listed_sql(supply: Supply, keys: Path) -> str:
    """digest of every key that the source held when its keys were compared."""
    own = digest_sql(literal(QUARANTINE), literal(supply.name), key_sql(supply))
    return f"SELECT {own} AS digest FROM read_parquet({literal(keys)})"


def discrepancies_sql(dataset: Dataset, discrepancies: str, links: str) -> str:
    """digest, content and the columns of a release's discrepancies, one line per item.

    `supply` and `source_key` say who must look, also where a discrepancy names nobody: a line of
    money is for whoever pays out, of two seemingly equal entities the one that fewer supplies know.
    """
    own = digest_sql(
        "'discrepancy'", literal(dataset.name), "kind", "field", "supply", "source_key"
    )
    content = digest_sql("value", "surviving_value", "surviving_supply")
    return (
        f"SELECT {own} AS digest, {content} AS content, * FROM ("
        f"{_attributed(dataset, discrepancies, links)}) "
        "WHERE supply IS NOT NULL QUALIFY row_number() OVER (PARTITION BY digest "
        "ORDER BY discrepancy_id) = 1"
    )


def _attributed(dataset: Dataset, discrepancies: str, links: str) -> str:
    payers = " ".join(
        f"WHEN {literal(balance.name)} THEN {literal(balance.out[0].supply)}"
        for balance in dataset.reconcile.balance
        if balance.out
    )
    payer = f"CASE d.field {payers} END" if payers else "NULL"
    order = ", ".join(literal(name) for name in dataset.supplies)
    found = f"({discrepancies})"
    pairs = (
        "SELECT discrepancy_id, unnest([entity_id, other_entity_id]) AS entity_id, "
        f"unnest([0, 1]) AS side FROM {found} WHERE kind = 'possible_duplicate'"
    )
    rows = f"SELECT * FROM ({links}) AS links SEMI JOIN pairs USING (entity_id)"
    listed = f"list_position([{order}], supply), source_key"
    chosen = (
        "SELECT discrepancy_id, entity_id, supply, source_key FROM pairs "
        "JOIN known USING (entity_id) "
        "JOIN (SELECT entity_id, count(DISTINCT supply) AS supplies FROM known GROUP BY entity_id) "
        "USING (entity_id) QUALIFY row_number() OVER (PARTITION BY discrepancy_id "
        f"ORDER BY supplies, side DESC, {listed}) = 1"
    )
    twin = (  # the row of the other entity that the department has to compare
        "SELECT discrepancy_id, supply, source_key FROM pairs JOIN known USING (entity_id) "
        "ANTI JOIN chosen USING (discrepancy_id, entity_id) "
        f"QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY {listed}) = 1"
    )
    return (
        f"WITH pairs AS MATERIALIZED ({pairs}), known AS MATERIALIZED ({rows}), "
        f"chosen AS MATERIALIZED ({chosen}), twin AS ({twin}) "
        "SELECT d.discrepancy_id, d.kind, d.entity_id, d.other_entity_id, d.field, "
        f"coalesce(d.supply, chosen.supply, {payer}) AS supply, "
        "coalesce(d.source_key, chosen.source_key) AS source_key, d.value, "
        "coalesce(d.surviving_supply, twin.supply) AS surviving_supply, "
        "coalesce(d.surviving_value, twin.source_key) AS surviving_value, d.severity "
        f"FROM {found} AS d LEFT JOIN chosen USING (discrepancy_id) "
        "LEFT JOIN twin USING (discrepancy_id)"
    )


def shown_sql(desk: Desk, shown_in: str) -> str:
    """digest, source_key of everything that one batch or release showed."""
    if RELEASE in shown_in:
        return release_sql(desk, shown_in)
    checked = checked_in(desk, shown_in)
    return quarantined_sql(checked, desk.store.path(checked.quarantined))


def checked_in(desk: Desk, batch_id: str) -> Checked:
    """The result of a batch that an item was shown in."""
    return checked_of(desk.ledger, batch_id)


def release_sql(desk: Desk, release_id: str) -> str:
    """The discrepancies of the release `<dataset>/<version>`."""
    name, _, version = release_id.rpartition(RELEASE)
    found = release_at(desk.ledger, name, int(version))
    manifest = desk.store.read_json(found.manifest)
    listed, links = (relation(desk.store, manifest, kind) for kind in ("discrepancies", "links"))
    return discrepancies_sql(desk.catalog.datasets[name], listed, links)


def by_shown(items: list[Row[Any]]) -> dict[str, list[Row[Any]]]:
    """Items by the batch or release that showed them last."""
    found: dict[str, list[Row[Any]]] = {}
    for item in items:
        found.setdefault(item.shown_in, []).append(item)
    return found
