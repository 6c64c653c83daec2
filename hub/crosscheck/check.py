"""Runs one cross-check: its SELECT in a shut engine, its rows as findings known by digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from hub.crosscheck.answers import answer_into
from hub.crosscheck.engine import Refused, faulty, locked, needed
from hub.crosscheck.question import inputs_of, parameters
from hub.crosscheck.tables import (
    Given,
    catalog_sql,
    codelist_sql,
    dataset_sql,
    digest_of,
    stamp,
    supply_sql,
)
from hub.digests import bring_key, digest_sql
from hub.ledger.finding_life import MOST_FEN, Found
from hub.store import COPY_PARQUET, Store, identifier, literal, rows_sql
from schemas.contract import Catalog
from schemas.crosscheck import ByColumn, Crosscheck, relation_of
from schemas.selects import Select, SelectInvalid, read_select

FINDING, PROOF, DEPARTMENT, AMOUNT = "_finding", "_proof", "_department", "_amount_fen"
"""The columns of an evidence file beside those that the check names."""
KIND = "cross-check"
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


@dataclass(frozen=True)
class Answer:
    """What one run found; `uri` is the evidence, with personal values, in the store."""

    uri: str
    sha256: str
    findings: tuple[Found, ...]


def read(check: Crosscheck) -> Select:
    """The check's SELECT, which must be no more than one; raises `CatalogError`."""
    try:
        return read_select(check.sql)
    except SelectInvalid as error:
        raise faulty(KIND, check.name, f"sql: {error.code}: {error}") from None


def inputs(check: Crosscheck, catalog: Catalog, given: Given, day: date) -> dict[str, str]:
    """Everything that the findings of a run on `day` follow from."""
    stamps = {name: stamp(given, name) for name in (*check.datasets, *check.supplies)}
    stamps |= {f"codelist {n}": digest_of(codelist_sql(catalog, n)) for n in check.codelists}
    stamps |= {f"catalog {n}": digest_of(catalog_sql(catalog, given, n)) for n in check.catalog}
    return inputs_of(check, day, read(check).parameters, stamps)


def run(
    check: Crosscheck,
    catalog: Catalog,
    given: Given,
    store: Store,
    key: str,
    day: date,
    uri: str,
    seconds: float,
) -> Answer:
    """Ask one question of what is there and write its evidence to `uri`.

    Raises `CatalogError` when the SQL cannot run, lacks a column, or two rows are one finding.
    """
    relations = relations_sql(check, catalog, given, store)
    select = read(check)
    if foreign := sorted(select.relations - relations.keys()):
        raise faulty(KIND, check.name, f"sql: reads {foreign[0]!r}, which is not declared")
    with store.scratch() as folder:
        rows = folder / "rows.parquet"
        try:
            with locked(store, relations, seconds) as engine:
                values = needed(parameters(check, day), select.parameters)
                columns = answer_into(rows, engine, check.sql, values)
        except Refused as error:
            raise faulty(KIND, check.name, f"sql: {error}") from None
        if missing := [name for name in check.columns if name not in columns]:
            raise faulty(KIND, check.name, f"sql: gives no column {missing[0]!r}")
        return _certify(check, catalog, rows, store, key, uri)


def relations_sql(
    check: Crosscheck, catalog: Catalog, given: Given, store: Store
) -> dict[str, str]:
    """Relation -> SELECT of everything that the check declares."""
    found = {relation_of(name): dataset_sql(given, store, name) for name in check.datasets}
    found |= {
        relation_of(name): supply_sql(catalog, given, store, name, check.datasets)
        for name in check.supplies
    }
    found |= {f"codelist_{name}": codelist_sql(catalog, name) for name in check.codelists}
    return found | {f"catalog_{name}": catalog_sql(catalog, given, name) for name in check.catalog}


def _certify(
    check: Crosscheck, catalog: Catalog, rows: Path, store: Store, key: str, uri: str
) -> Answer:
    """Name every row by its digest, write them in that order, and read the findings."""
    with store.connect() as connection:
        bring_key(connection, key)
        if check.amount:
            _require_fen(connection, check, check.amount, rows)
        connection.execute(f"CREATE TABLE findings AS {_findings_sql(check, catalog, rows)}")
        (twice,) = connection.execute(
            f"SELECT count(*) - count(DISTINCT {FINDING}) FROM findings"
        ).fetchone() or (0,)
        if twice:
            raise faulty(KIND, check.name, f"key: {twice} rows repeat the key of another one")
        with store.writing(uri) as path:
            connection.execute(
                f"COPY (FROM findings ORDER BY {FINDING}) TO {literal(path)} ({COPY_PARQUET})"
            )
        listed = connection.execute(
            f"SELECT {FINDING}, {PROOF}, {DEPARTMENT}, {AMOUNT} FROM findings ORDER BY {FINDING}"
        ).fetchall()
    return Answer(uri, store.sha256(uri), tuple(Found(*row) for row in listed))


def _require_fen(connection: DuckDBPyConnection, check: Crosscheck, name: str, rows: Path) -> None:
    """Refuse amounts that are no money; raises `CatalogError`."""
    source, amount = f"read_parquet({literal(rows)})", identifier(name)
    described = connection.execute(f"DESCRIBE SELECT {amount} FROM {source}").fetchall()
    kind = str(described[0][1])
    if not is_whole(kind):
        raise faulty(KIND, check.name, f"amount: {kind} is no whole number of fen")
    negative, beyond = connection.execute(
        f"SELECT count(*) FILTER ({amount} < 0), count(*) FILTER ({amount} > {MOST_FEN}) "
        f"FROM {source}"
    ).fetchone() or (0, 0)
    if negative:
        raise faulty(KIND, check.name, f"amount: {negative} rows are below zero")
    if beyond:
        raise faulty(KIND, check.name, f"amount: {beyond} rows are more than {MOST_FEN:,} fen")


def is_whole(kind: str) -> bool:
    """Whether a type holds whole numbers alone."""
    return kind in WHOLE or (kind.startswith("DECIMAL(") and kind.endswith(",0)"))


def _findings_sql(check: Crosscheck, catalog: Catalog, rows: Path) -> str:
    key = digest_sql(literal("finding"), literal(check.name), *map(_shown, check.key))
    amount = identifier(check.amount) if check.amount else "NULL"
    told = [c for c in (*check.evidence, check.amount) if c is not None]
    proof = digest_sql(literal("proof"), *map(_shown, dict.fromkeys(told)))
    columns = ", ".join(f"r.{identifier(name)}" for name in check.columns)
    own = f"{key} AS {FINDING}, {proof} AS {PROOF}, CAST({amount} AS BIGINT) AS {AMOUNT}"
    who, joined = _department_sql(check, catalog)
    return (
        f"SELECT {own}, {who} AS {DEPARTMENT}, {columns} "
        f"FROM read_parquet({literal(rows)}) AS r{joined}"
    )


def _department_sql(check: Crosscheck, catalog: Catalog) -> tuple[str, str]:
    """Who answers, and the join that it needs: a column may hold name, code or title."""
    if not isinstance(check.department, ByColumn):
        return literal(check.department), ""
    names: Mapping[str, str] = {
        text: d.name
        for d in catalog.departments.values()
        for text in (d.title.en, d.title.zh, d.code, d.name)
        if text
    }
    known = rows_sql(("said", "name"), names.items())
    column = f"CAST(r.{identifier(check.department.column)} AS VARCHAR)"
    joined = f" LEFT JOIN ({known}) AS d ON d.said = trim({column})"
    return f"coalesce(d.name, {literal(check.department.default)})", joined


def _shown(name: str) -> str:
    """A column as text in which an empty value and a missing one differ."""
    return f"'=' || CAST(r.{identifier(name)} AS VARCHAR)"
