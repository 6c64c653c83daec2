"""The files of one reconciliation, in a fixed order of rows, so that equal results are equal."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage import Specification
from hub.reconcile.duplicates import many
from hub.reconcile.origins import Origins, batch_sql
from hub.reconcile.plan import Golden, Plan
from hub.reconcile.references import table
from hub.store import COPY_PARQUET, Store, identifier, literal

OPTIONS = f"{COPY_PARQUET}, DICTIONARY_SIZE_LIMIT 2048"
"""Names, numbers and ids hardly repeat: a long look for repetitions is a fifth of the writing."""


def copy(connection: DuckDBPyConnection, store: Store, uri: str, query: str) -> int:
    """Write one Parquet file whole, in the query's order; returns its rows."""
    with store.writing(uri) as path:
        # Only files are in order; tables of the engine are filled faster without one.
        connection.execute("SET preserve_insertion_order = true")
        written = connection.execute(f"COPY ({query}) TO {literal(path)} ({OPTIONS})")
        (rows,) = written.fetchone() or (0,)
        connection.execute("SET preserve_insertion_order = false")
    return int(rows)


def links_sql(plan: Plan, folded: frozenset[int], known: Origins) -> str:
    """entity_id, supply, source_key, batch_id of every row read, by source and entity."""
    parts = []
    for s in plan.sources:
        order, whole = "", ""  # `wide` is in order of n
        if s.place in folded:
            order, whole = " ORDER BY n, rank", f" AND NOT several{s.place}"
        rows = (
            f"SELECT n, 1 AS rank, entity_id, sk{s.place} AS source_key, origin{s.place} AS origin "
            f"FROM wide WHERE sk{s.place} IS NOT NULL{whole}"
        )
        if s.place in folded:
            rows += (
                " UNION ALL SELECT n, rank, entity_id, sk, origin "
                f"FROM {many(s)} JOIN entity USING (code)"
            )
        parts.append(
            f"(SELECT entity_id, {literal(s.supply.name)} AS supply, source_key, "
            f"{batch_sql('origin', s.supply.name, known)} AS batch_id "
            f"FROM ({rows}){order})"
        )
    return " UNION ALL ".join(parts)


def registry_sql() -> str:
    """entity_id, key_space, key, since, current: living entities first, then keys without one."""
    return (
        "SELECT entity_id, key_space, key, since, current FROM registered "
        "ORDER BY n NULLS LAST, space, hash(key), hash(key_space, entity_id)"
    )


def pairs_sql(plan: Plan, spec: Specification | None) -> str:
    """entity_id, supply, source_key and the other side's, what the pair weighs, what was decided.

    The side of higher authority stands first. `level_<field>` and `tf_<field>` as linkage scored
    them; null where a steward spoke of a pair that was never scored.
    """
    names = {source.place: source.supply.name for source in plan.sources}

    def supply(place: str) -> str:
        whens = " ".join(f"WHEN {number} THEN {literal(name)}" for number, name in names.items())
        return f"CASE {place} {whens} END"

    levels = "".join(
        f", {identifier(f'level_{f.field}')}, {identifier(f'tf_{f.field}')}"
        for f in (spec.fields if spec else ())
    )
    return (
        f"SELECT e.entity_id, {supply('place')} AS supply, sk AS source_key, "
        f"o.entity_id AS other_entity_id, {supply('other_place')} AS other_supply, "
        f"other_sk AS other_source_key, weight, probability{levels}, decision, decision_id, "
        "listed FROM pairing JOIN entity AS e ON e.code = pairing.a "
        "JOIN entity AS o ON o.code = pairing.b "
        "ORDER BY e.n, place, sk, other_place, other_sk"
    )


def golden_sql(plan: Plan, filled: list[Golden]) -> str:
    """entity_id, the dataset's fields in their order, `_hash` over all of them."""
    places = {golden.place for golden in filled}
    values = [
        f"{_value(golden, golden.place in places)} AS {identifier(golden.field.name)}"
        for golden in plan.fields
    ]
    joins = "".join(f" LEFT JOIN {table(g)} AS t{g.place} USING (code)" for g in filled)
    names = [identifier(golden.field.name) for golden in plan.fields]
    # A null is told from the empty text, and one field from the next.
    shown = (f"coalesce(CAST({name} AS VARCHAR), chr(30))" for name in names)
    content = ", chr(31), ".join(shown)  # concat_ws gives the same, half as dear again
    return (
        f"SELECT *, md5(concat({content})) AS _hash FROM ("
        f"SELECT gold.entity_id, {', '.join(values)} FROM gold{joins}"
        f"{' ORDER BY gold.n' if joins else ''})"
    )


def _value(golden: Golden, filled: bool) -> str:
    if filled:
        return f"t{golden.place}.entity_id"
    return f"gold.{golden.value}" if golden.feeds else f"CAST(NULL AS {golden.sql_type})"


def lineage_sql(plan: Plan) -> str:
    """entity_id, then under each field's name the index into `origins` of its value."""
    columns = ", ".join(
        (golden.origin if golden.feeds else "CAST(NULL AS USMALLINT)")
        + f" AS {identifier(golden.field.name)}"
        for golden in plan.fields
    )
    return f"SELECT entity_id, {columns} FROM gold"
