"""Holds the SQL of cross-checks and policies against the contracts, before there is any row."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from hub.crosscheck.check import is_whole
from hub.crosscheck.engine import Refused, needed, spoken
from hub.crosscheck.policies import condition_sql, fact_sql
from hub.crosscheck.question import parameters
from hub.crosscheck.tables import (
    Given,
    catalog_sql,
    codelist_sql,
    empty_dataset,
    empty_supply,
)
from hub.store import identifier
from schemas.contract import Catalog
from schemas.crosscheck import Crosscheck, Policy, relation_of
from schemas.messages import guess
from schemas.rules.scope import Fault
from schemas.selects import read_condition, read_select

NOTHING = Given({}, {}, {})
SHUT = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
"""Lint reads names and types alone: no file, no network, no variable of this program."""


def question_faults(asked: Crosscheck | Policy, catalog: Catalog) -> list[Fault]:
    """What the engine says of a question whose SQL has been read and whose names are known."""
    with duckdb.connect(config=SHUT) as connection:
        found = (
            _crosscheck(connection, asked, catalog)
            if isinstance(asked, Crosscheck)
            else _policy(connection, asked, catalog)
        )
        return list(found)


def _crosscheck(
    connection: duckdb.DuckDBPyConnection, check: Crosscheck, catalog: Catalog
) -> Iterator[Fault]:
    relations = {relation_of(name): empty_dataset(catalog, name) for name in check.datasets}
    relations |= {
        relation_of(name): empty_supply(catalog, name, check.datasets) for name in check.supplies
    }
    relations |= {f"codelist_{name}": codelist_sql(catalog, name) for name in check.codelists}
    relations |= {f"catalog_{name}": catalog_sql(catalog, NOTHING, name) for name in check.catalog}
    for name, sql in relations.items():
        connection.execute(f"CREATE VIEW {identifier(name)} AS {sql}")
    try:
        types = _types(connection, check.sql, check, read_select(check.sql).parameters)
    except Refused as error:
        yield "sql", "select_binding", {"detail": error}
        return
    for name in check.columns:
        if name not in types:
            yield "sql", "select_column", {"name": name, **guess(name, types)}
    if check.amount in types and not is_whole(types[str(check.amount)]):
        found = types[str(check.amount)]
        yield "amount", "amount_type", {"name": check.amount, "found": found}


def _policy(
    connection: duckdb.DuckDBPyConnection, policy: Policy, catalog: Catalog
) -> Iterator[Fault]:
    connection.execute(
        f"CREATE VIEW {identifier(policy.dataset)} AS {empty_dataset(catalog, policy.dataset)}"
    )
    for name, fact in policy.facts.items():
        source = (
            empty_supply(catalog, fact.source, [policy.dataset])
            if "/" in fact.source
            else empty_dataset(catalog, fact.source)
        )
        sql = fact_sql(policy, name, f"(SELECT NULL::VARCHAR AS _by, * FROM ({source}))")
        named = read_condition(fact.value).parameters
        named |= read_condition(fact.where).parameters if fact.where else frozenset()
        try:
            types = _types(connection, sql, policy, named)
        except Refused as error:
            yield f"facts.{name}", "select_binding", {"detail": error}
            return
        column = identifier(name)
        connection.execute(
            f"CREATE VIEW fact_{name} AS SELECT NULL::{types[name]} AS {column} WHERE false"
        )
    facts = ", ".join(f"fact_{name}.{identifier(name)}" for name in policy.facts) or "1 AS one"
    tables = ", ".join(f"fact_{name}" for name in policy.facts)
    source = f"SELECT {facts}" + (f" FROM {tables}" if tables else "")
    for name, condition in policy.conditions.items():
        sql = (
            f"SELECT {condition_sql(condition)} AS answer "
            f"FROM {identifier(policy.dataset)} AS this, ({source}) AS fact"
        )
        try:
            types = _types(connection, sql, policy, read_condition(condition.sql).parameters)
        except Refused as error:
            yield f"conditions.{name}.sql", "select_binding", {"detail": error}
            continue
        if types["answer"] != "BOOLEAN":
            found = types["answer"]
            yield f"conditions.{name}.sql", "condition_type", {"name": name, "found": found}


def _types(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    asked: Crosscheck | Policy,
    named: frozenset[str],
) -> dict[str, str]:
    """Column -> type of what a SELECT gives."""
    given = needed(parameters(asked, None), named)
    with spoken():
        described = connection.execute(f"DESCRIBE {sql}", given).fetchall()
    return {str(name): str(kind) for name, kind, *_ in described}
