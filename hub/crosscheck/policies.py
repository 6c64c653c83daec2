"""Runs one policy: every entity of a dataset held against every condition.

A condition sees one entity's golden row and its facts, and a fact sees the rows linked to one
entity. What one entity is told therefore follows from its own rows alone: only entities whose
rows changed are asked again, and the others' answers are carried over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from hub.crosscheck.answers import answer_into
from hub.crosscheck.engine import Refused, faulty, locked, needed
from hub.crosscheck.question import inputs_of, parameters
from hub.crosscheck.tables import ENTITY, Given, stamp
from hub.fold import HASH
from hub.released import relation
from hub.store import Store, identifier, literal
from schemas.crosscheck import Condition, Fact, Policy
from schemas.selects import Select, SelectInvalid, read_condition

KIND = "policy"
INPUT, RESULT = "_input", "_result"
ELIGIBLE, NOT_ELIGIBLE, UNKNOWN = "eligible", "not_eligible", "unknown"
RESULTS = (ELIGIBLE, NOT_ELIGIBLE, UNKNOWN)


@dataclass(frozen=True)
class Answers:
    """What every entity was told: `uri` holds entity_id, `_input`, `_result`, a column each."""

    uri: str
    sha256: str
    counts: dict[str, int]  # per result; asked: run now, carried: as before


def inputs(policy: Policy, given: Given, day: date) -> dict[str, str]:
    """Everything that the answers on `day` follow from."""
    stamps = {name: stamp(given, name) for name in (*policy.datasets, *policy.supplies)}
    # The engine's hash tells which rows changed, and may be another one in its next version.
    stamps["duckdb"] = str(duckdb.__version__)
    return inputs_of(policy, day, _named(policy), stamps)


def same_question(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two runs differ in rows alone, so that answers can be carried over."""
    return all(one.get(k) == other.get(k) for k in ("question", "engine", "duckdb", "as_of"))


def read(policy: Policy) -> dict[str, Select]:
    """All SQL of a policy by its place; raises `CatalogError` for what is no expression."""
    texts = {f"facts.{name}.value": fact.value for name, fact in policy.facts.items()}
    texts |= {f"facts.{n}.where": fact.where for n, fact in policy.facts.items() if fact.where}
    texts |= {f"conditions.{name}": c.sql for name, c in policy.conditions.items()}
    found = {}
    for place, text in texts.items():
        try:
            found[place] = read_condition(text)
        except SelectInvalid as error:
            raise faulty(KIND, policy.name, f"{place}: {error.code}: {error}") from None
    return found


def _named(policy: Policy) -> frozenset[str]:
    return frozenset(name for select in read(policy).values() for name in select.parameters)


def run(
    policy: Policy,
    given: Given,
    store: Store,
    day: date,
    uri: str,
    seconds: float,
    before: str | None = None,
) -> Answers:
    """Ask every entity, or, with the answers of `before`, only those whose rows changed."""
    values = needed(parameters(policy, day), _named(policy))
    relations = {"_golden": _golden_sql(policy, given, store)}
    for number, fact in enumerate(policy.facts.values()):
        relations[f"_rows{number}"] = _rows_sql(policy, fact, given, store)
    if before is not None:
        relations["_before"] = f"SELECT * FROM read_parquet({literal(store.path(before))})"
    try:
        with store.writing(uri) as path, locked(store, relations, seconds) as engine:
            counts = _ask(policy, engine, values, path, before is not None)
    except Refused as error:
        raise faulty(KIND, policy.name, str(error)) from None
    return Answers(uri, store.sha256(uri), counts)


def _ask(
    policy: Policy,
    engine: duckdb.DuckDBPyConnection,
    values: Mapping[str, Any],
    path: Path,
    carry: bool,
) -> dict[str, int]:
    engine.execute(f"CREATE TEMP TABLE _now AS {_inputs_sql(policy)}")
    fresh = f"FROM _now ANTI JOIN _before USING ({ENTITY}, {INPUT})" if carry else "FROM _now"
    engine.execute(f"CREATE TEMP TABLE _touched AS {fresh}")
    answers = answers_sql(policy)
    if carry:
        kept = "FROM _before SEMI JOIN _now USING (entity_id) ANTI JOIN _touched USING (entity_id)"
        answers = f"{answers} UNION ALL BY NAME {kept}"
    answer_into(path, engine, f"FROM ({answers}) ORDER BY {ENTITY}", values)
    (asked,) = engine.execute("SELECT count(*) FROM _touched").fetchone() or (0,)
    (everybody,) = engine.execute("SELECT count(*) FROM _now").fetchone() or (0,)
    return {**_counted(path), "asked": asked, "carried": everybody - asked}


def _counted(path: Path) -> dict[str, int]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    counted = pc.value_counts(pq.read_table(path, columns=[RESULT])[RESULT]).to_pylist()
    found = {entry["values"]: entry["counts"] for entry in counted}
    return {result: found.get(result, 0) for result in RESULTS}


def answers_sql(policy: Policy) -> str:
    """The answers of the entities in `_touched`, from their golden rows and facts."""
    facts = [
        f"(FROM _rows{number} SEMI JOIN _touched ON _touched.{ENTITY} = _by)"
        for number in range(len(policy.facts))
    ]
    joins = ""
    columns = []
    for number, name in enumerate(policy.facts):
        # An aggregate over no row at all has a value, too: count(*) is 0 and not unknown.
        joins += (
            f" LEFT JOIN ({fact_sql(policy, name, facts[number])}) AS f{number} "
            f"ON f{number}._by = t.{ENTITY}"
        )
        nothing = f"SELECT ({policy.facts[name].value}\n) FROM _rows{number} WHERE false"
        columns.append(
            f", CASE WHEN f{number}._by IS NULL THEN ({nothing}) "
            f"ELSE f{number}.{identifier(name)} END AS {identifier(name)}"
        )
    fact = f"SELECT t.{ENTITY} AS _entity, t.{INPUT}{''.join(columns)} FROM _touched AS t{joins}"
    conditions = ", ".join(
        f"{condition_sql(condition)} AS {identifier(name)}"
        for name, condition in policy.conditions.items()
    )
    named = [identifier(name) for name in policy.conditions]
    result = (
        f"CASE WHEN NOT ({' AND '.join(named)}) THEN '{NOT_ELIGIBLE}' "
        f"WHEN {' AND '.join(named)} THEN '{ELIGIBLE}' ELSE '{UNKNOWN}' END AS {RESULT}"
    )
    asked = (
        f"SELECT this.{ENTITY} AS {ENTITY}, fact.{INPUT} AS {INPUT}, {conditions} "
        f"FROM _golden AS this JOIN ({fact}) AS fact ON fact._entity = this.{ENTITY}"
    )
    return f"SELECT {ENTITY}, {INPUT}, {result}, {', '.join(named)} FROM ({asked})"


def fact_sql(policy: Policy, name: str, source: str) -> str:
    """One fact per entity `_by`, over the rows of `source`."""
    fact = policy.facts[name]
    where = f" WHERE ({fact.where}\n)" if fact.where else ""
    value = f"({fact.value}\n) AS {identifier(name)}"
    return f"SELECT _by, {value} FROM {source} AS r{where} GROUP BY _by"


def condition_sql(condition: Condition) -> str:
    """A condition as an expression; the line's end closes a comment of the steward's."""
    return f"({condition.sql}\n)"


def _golden_sql(policy: Policy, given: Given, store: Store) -> str:
    return f"SELECT * FROM ({relation(store, given.manifests[policy.dataset], 'golden')})"


def _rows_sql(policy: Policy, fact: Fact, given: Given, store: Store) -> str:
    """The rows that a fact is drawn from: `_by` is the entity, `_row` tells rows apart."""
    if "/" in fact.source:
        rows, key = given.tables[fact.source].sql, "_source_key"
    else:
        rows, key = relation(store, given.manifests[fact.source], "golden"), ENTITY
    if fact.by is not None:
        own = f"SELECT {ENTITY} AS _by, {identifier(fact.of)} AS _of FROM _golden"
        joined = f"own._of = s.{identifier(fact.by)}"
    else:
        links = relation(store, given.manifests[policy.dataset], "links")
        supply = literal(fact.source)
        own = f"SELECT {ENTITY} AS _by, source_key FROM ({links}) WHERE supply = {supply}"
        joined = "own.source_key = s._source_key"
    return (
        f"SELECT s.*, own._by, hash(s.{key}, s.{HASH}) AS _row "
        f"FROM ({rows}) AS s JOIN ({own}) AS own ON {joined}"
    )


def _inputs_sql(policy: Policy) -> str:
    """entity_id and `_input`: a number that is another one when any row behind it changed."""
    parts = [f"g.{HASH}"]
    joins = ""
    for number in range(len(policy.facts)):
        joins += (
            f" LEFT JOIN (SELECT _by, bit_xor(_row) AS x, count(*) AS n FROM _rows{number} "
            f"GROUP BY _by) AS i{number} ON i{number}._by = g.{ENTITY}"
        )
        parts += [f"i{number}.x", f"i{number}.n"]
    return f"SELECT g.{ENTITY}, hash({', '.join(parts)}) AS {INPUT} FROM _golden AS g{joins}"
