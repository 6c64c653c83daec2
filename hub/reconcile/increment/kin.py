"""Whom the new rows may be linked to: profiles that share a block with one touched, and weigh.

Entities that the last release held apart or joined with a touched one are tied to it already. What
is left are pairs that only a new profile makes: it is held against the profiles of everybody, as
the last release kept them, with the model of that release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from duckdb import DuckDBPyConnection

from hub.linkage import Specification, load, score, specify
from hub.linkage.blocks import fields_of, find_pairs
from hub.linkage.model import Model, open_frequencies
from hub.linkage.prepare import canonical_sql
from hub.reconcile.components import connect_keys
from hub.reconcile.counting import count
from hub.reconcile.decisions import read_words, split_by_words
from hub.reconcile.evidence import split_entities
from hub.reconcile.increment.narrowing import narrow
from hub.reconcile.inputs import InputTable, Linking, Previous
from hub.reconcile.plan import Plan
from hub.reconcile.profiles import build_profiles, find_codes
from hub.reconcile.rows import read_rows
from hub.store import Store, identifier


def touch_kin(
    connection: DuckDBPyConnection,
    plan: Plan,
    tables: Mapping[str, InputTable],
    previous: Previous,
    store: Store,
    linking: Linking,
    model: str,
) -> None:
    """Add to `touched` the entities that a profile touched makes a pair with, from `review` on."""
    spec = specify(plan.dataset)
    with _passing(connection):
        narrowed, _ = narrow(connection, plan, tables, previous)
        _profiles(connection, narrowed, spec, store, linking)
        new = _beside(connection, spec, previous.files["profiles"])
        _near(connection, spec, load(store, model), store, new)
        connection.execute(
            "INSERT INTO touched SELECT DISTINCT entity_id FROM kin JOIN pair "
            f"ON kin.code = pair.b WHERE pair.a <= {new} AND pair.b > {new} "
            "AND entity_id NOT IN (SELECT entity_id FROM touched)"
        )


def _profiles(
    connection: DuckDBPyConnection,
    plan: Plan,
    spec: Specification,
    store: Store,
    linking: Linking,
) -> None:
    """`profile` of the rows touched, as linkage will see them."""
    read_rows(connection, plan)
    connect_keys(connection, plan)
    split_entities(connection, plan)
    if split_by_words(connection, plan, read_words(connection, plan, store, linking.decisions)):
        read_words(connection, plan, store, linking.decisions)
    find_codes(connection, plan)
    build_profiles(connection, plan, spec)


def _beside(connection: DuckDBPyConnection, spec: Specification, before: str) -> int:
    """Create `kin`: profiles touched, numbered up to the number returned, then all others."""
    names = ", ".join(["loose", *(identifier(field.field) for field in spec.fields)])
    connection.execute(
        "CREATE TEMP TABLE kin AS SELECT CAST(row_number() OVER () AS UBIGINT) AS code, "
        f"CAST(NULL AS VARCHAR) AS entity_id, {names} FROM profile"
    )
    new = count(connection, "kin")
    connection.execute(
        f"INSERT INTO kin SELECT {new} + row_number() OVER (), entity_id, {names} FROM ({before}) "
        "ANTI JOIN touched USING (entity_id)"
    )
    return new


def _near(
    connection: DuckDBPyConnection, spec: Specification, model: Model, store: Store, new: int
) -> None:
    """Create `pair` of the touched profiles and those that share a block with one of them."""
    open_frequencies(connection, store, model)
    # Seen from the touched ones, everybody else is settled: others are not held against others.
    blocked = canonical_sql(fields_of(spec, model.rules), "kin", False)
    connection.execute(
        f"CREATE TEMP TABLE kin_blocked AS SELECT * REPLACE (code <= {new} AS loose) "
        f"FROM ({blocked})"
    )
    find_pairs(connection, spec, model.rules, "kin_blocked", "kin_met")
    connection.execute(
        "CREATE TEMP TABLE kin_near AS SELECT * EXCLUDE (entity_id) FROM kin "
        f"WHERE code <= {new} OR code IN (SELECT b FROM kin_met)"
    )
    score(connection, spec, model, "kin_near", store)


@contextmanager
def _passing(connection: DuckDBPyConnection) -> Iterator[None]:
    """Temporary tables and views made in the block are gone after it."""
    before = _made(connection)
    yield
    for kind, name in _made(connection) - before:
        connection.execute(f"DROP {kind} {identifier(name)}")


def _made(connection: DuckDBPyConnection) -> set[tuple[str, str]]:
    found = connection.execute(
        "SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary UNION ALL "
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND NOT internal"
    ).fetchall()
    return set(found)
