"""Everything on which departments disagree, each once, with a number that a re-run gives again."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from hub.reconcile.duplicates import many
from hub.reconcile.plan import Plan
from hub.reconcile.rows import keyless_sql
from hub.store import literal

COLUMNS = {
    "kind": "VARCHAR",
    "entity_id": "VARCHAR",
    "other_entity_id": "VARCHAR",
    "field": "VARCHAR",
    "supply": "VARCHAR",
    "source_key": "VARCHAR",
    "batch_id": "VARCHAR",
    "value": "VARCHAR",
    "surviving_supply": "VARCHAR",
    "surviving_value": "VARCHAR",
    "severity": "VARCHAR",
}
"""A discrepancy, after `discrepancy_id`. Values are personal: they stay in the store."""

NO_TYPES: Mapping[str, str] = {}
IDENTITY = ("kind", "entity_id", "other_entity_id", "field", "supply", "source_key")


def open_list(connection: DuckDBPyConnection) -> None:
    """Create the empty `discrepancy`."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TEMP TABLE discrepancy ({columns})")


def add(connection: DuckDBPyConnection, **expressions: str) -> None:
    """Append rows: `query` is the FROM clause, the others are SQL expressions per column."""
    query = expressions.pop("query")
    columns = ", ".join(f"{expression} AS {name}" for name, expression in expressions.items())
    connection.execute(f"INSERT INTO discrepancy BY NAME SELECT {columns} {query}")


def list_keyless(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Rows whose number is missing or is none, also where linkage found whom they speak of.

    Runs before folding, while rows stand alone. A source that promises no key lacks none.
    """
    for source in plan.sources:
        if not source.source.keys:
            continue
        add(
            connection,
            kind="'no_key'",
            entity_id="entity_id",
            supply=literal(source.supply.name),
            source_key="r.sk",
            batch_id="batch_id",
            value="r.raw",
            field=literal(plan.spaces[0].golden),
            severity="'warning'",
            query=f"FROM {source.rows} AS r JOIN entity USING (code) "
            f"JOIN origin ON origin.index = r.origin WHERE {keyless_sql(plan, 'r.')}",
        )


def list_repeated(connection: DuckDBPyConnection, plan: Plan, folded: frozenset[int]) -> None:
    """Further rows of a supply that promises each entity once.

    Runs after folding: what was folded stands in `many_<place>`.
    """
    for source in plan.sources:
        supply = literal(source.supply.name)
        if source.once and source.place in folded:
            add(
                connection,
                kind="'duplicate_in_supply'",
                entity_id="entity_id",
                supply=supply,
                source_key="r.sk",
                batch_id="batch_id",
                surviving_supply=supply,
                severity="'warning'",
                query=f"FROM {many(source)} AS r JOIN entity USING (code) "
                f"JOIN origin ON origin.index = r.origin WHERE r.rank > 1",
            )


def list_identity_conflicts(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Two persons under one number: rows that evidence set apart; `value` names what contradicts.

    Runs before folding, while rows still have their places.
    """
    for source in plan.sources if plan.spaces else ():
        add(
            connection,
            kind="'identity_conflict'",
            entity_id="e.entity_id",
            other_entity_id="other.entity_id",
            field=literal(plan.spaces[0].golden),
            supply=literal(source.supply.name),
            source_key="r.sk",
            batch_id="batch_id",
            value="c.fields",
            surviving_supply=_supply_of(plan, "c.authority"),
            severity="'error'",
            query=f"FROM conflict AS c JOIN {source.rows} AS r ON r.rowid = c.row "
            f"JOIN entity AS e ON e.code = c.code JOIN entity AS other ON other.code = c.new_code "
            f"JOIN origin ON origin.index = r.origin WHERE c.place = {source.place}",
        )


def _supply_of(plan: Plan, place: str) -> str:
    whens = " ".join(f"WHEN {s.place} THEN {literal(s.supply.name)}" for s in plan.sources)
    return f"CASE {place} {whens} END"


def list_possible_matches(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Pairs that linkage leaves to a person; the row that lacks a good key is to be looked at.

    A pair that stands in the list as a possible duplicate is not listed again.
    """
    add(
        connection,
        kind="'possible_match'",
        entity_id="o.entity_id",
        other_entity_id="e.entity_id",
        field="decision",
        supply=_supply_of(plan, "p.other_place"),
        source_key="p.other_sk",
        batch_id="origin.batch_id",
        surviving_supply=_supply_of(plan, "p.place"),
        surviving_value="p.sk",
        severity="'info'",
        query="FROM pairing AS p JOIN entity AS e ON e.code = p.a "
        "JOIN entity AS o ON o.code = p.b LEFT JOIN origin ON origin.index = p.other_origin "
        "WHERE p.listed AND e.entity_id <> o.entity_id AND NOT EXISTS (FROM discrepancy AS d "
        "WHERE d.kind = 'possible_duplicate' "
        "AND least(d.entity_id, d.other_entity_id) = least(e.entity_id, o.entity_id) "
        "AND greatest(d.entity_id, d.other_entity_id) = greatest(e.entity_id, o.entity_id)) "
        "QUALIFY row_number() OVER (PARTITION BY p.other_place, p.other_sk, e.entity_id "
        "ORDER BY p.weight DESC, p.place, p.sk) = 1",
    )


def discrepancies_sql(conflicts: list[str], types: Mapping[str, str] = NO_TYPES) -> str:
    """Conflicting values by field and source, then all other kinds, each in a fixed order.

    The id is made of what makes it the same discrepancy again. `types`: see `few_values`.
    """
    identity = ", ".join(f"coalesce({name}, '')" for name in IDENTITY)
    others = (
        f"SELECT left(md5(concat_ws('|', {identity})), 20) AS discrepancy_id, * FROM ("
        f"SELECT {', '.join(COLUMNS)} FROM discrepancy "
        f"ORDER BY kind, entity_id, field, supply, source_key, other_entity_id)"
    )
    # The same type in all of them: else the union would make texts of all.
    cast = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in types.items())
    narrow = f"SELECT * REPLACE ({cast})" if cast else "SELECT *"
    return " UNION ALL ".join(f"({narrow} FROM ({query}))" for query in [*conflicts, others])
