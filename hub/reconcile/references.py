"""References to the entities of other datasets: a payee's number becomes a person or a firm."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from hub.errors import CatalogError
from hub.reconcile.discrepancies import add
from hub.reconcile.inputs import EntityIndex
from hub.reconcile.normalise import Normaliser, normaliser
from hub.reconcile.plan import Golden, Plan
from hub.reconcile.steps import layered
from hub.store import identifier, literal
from schemas.properties import Resolve

CODE = "hub_code"  # joins `this` to its row without taking a name from the contract


def resolve_references(
    connection: DuckDBPyConnection, plan: Plan, entities: Mapping[str, EntityIndex]
) -> list[Golden]:
    """Create `reference_<field>` (code, entity_id) per `resolve`; returns the fields filled.

    Rows that hold no number, or one that no entity of any dataset named has, are listed when the
    reference is required. A dataset that has no release yet resolves nothing.
    """
    filled = []
    for reference in plan.reconcile.resolve:
        target = plan.golden(reference.field)
        _resolve(connection, plan, entities, reference, target)
        filled.append(target)
        if reference.required:
            _list_unresolved(connection, plan, reference, target)
        for dataset, predicate in reference.unfit.items():
            if dataset in entities:
                golden = f"({entities[dataset].golden})"
                _list_unfit(connection, plan, target, predicate, golden)
    return filled


def table(target: Golden) -> str:
    """The table of a filled reference."""
    return f"reference_{target.place}"


def _resolve(
    connection: DuckDBPyConnection,
    plan: Plan,
    entities: Mapping[str, EntityIndex],
    reference: Resolve,
    target: Golden,
) -> None:
    numbers = {
        f"n{place}": (dataset, plan.golden(field), _normaliser(plan, dataset, reference))
        for place, (dataset, field) in enumerate(reference.using.items())
    }
    fed = {name: entry for name, entry in numbers.items() if entry[1].feeds}
    selected = "".join(
        f", CAST({golden.value} AS VARCHAR) AS {name}" for name, (_, golden, _) in fed.items()
    )
    keys = layered(
        f"SELECT code{selected} FROM gold",
        ["code", *fed],
        {name: norm.steps for name, (_, _, norm) in fed.items()},
    )
    joins, found = "", []
    for name, (dataset, _, _) in fed.items():
        if dataset not in entities:
            continue
        registry = entities[dataset].keys
        joins += (
            f" LEFT JOIN (SELECT key, entity_id FROM ({registry}) "
            f"WHERE current AND key_space = {literal(reference.key[dataset])}) AS e{name} "
            f"ON e{name}.key = rows.{name}"
        )
        found.append(f"e{name}.entity_id")
    told = "".join(
        f", rows.{name} AS key_{name}, "
        + (f"e{name}.entity_id" if dataset in entities else "CAST(NULL AS VARCHAR)")
        + f" AS to_{name}"
        for name, (dataset, _, _) in fed.items()
    )
    entity = f"coalesce({', '.join(found)}, NULL)" if found else "CAST(NULL AS VARCHAR)"
    connection.execute(
        f"CREATE TEMP TABLE {table(target)} AS "
        f"SELECT code, {entity} AS entity_id{told} FROM ({keys}) AS rows{joins}"
    )


def refers_sql(plan: Plan) -> str:
    """entity_id, dataset, key, to_id: which numbers of other datasets' entities a row names.

    By it a change of another dataset finds the rows that refer to what changed.
    """
    parts = [
        f"SELECT gold.entity_id, {literal(dataset)} AS dataset, t.key_n{place} AS key, "
        f"t.to_n{place} AS to_id FROM {table(plan.golden(reference.field))} AS t "
        f"JOIN gold USING (code) WHERE t.key_n{place} IS NOT NULL"
        for reference in plan.reconcile.resolve
        for place, (dataset, field) in enumerate(reference.using.items())
        if plan.golden(field).feeds
    ]
    columns = (f"NULL::VARCHAR AS {name}" for name in ("entity_id", "dataset", "key", "to_id"))
    return " UNION ALL ".join([f"SELECT {', '.join(columns)} WHERE false", *parts])


def _normaliser(plan: Plan, dataset: str, reference: Resolve) -> Normaliser:
    other = plan.catalog.datasets.get(dataset)
    space = reference.key.get(dataset)
    for key in other.reconcile.keys if other else ():
        if key.name == space:
            return normaliser(key.normaliser, dataset)
    raise CatalogError(
        f"dataset {plan.dataset.name}: resolve {reference.field} names key space {space!r} of "
        f"{dataset}, which does not exist"
    )


def _list_unresolved(
    connection: DuckDBPyConnection, plan: Plan, reference: Resolve, target: Golden
) -> None:
    fields = [plan.golden(name) for name in dict.fromkeys(reference.using.values())]
    shown = [f"CAST(g.{f.value} AS VARCHAR)" for f in fields if f.feeds]
    value = f"coalesce({', '.join(shown)}, NULL)" if shown else "CAST(NULL AS VARCHAR)"
    _list(connection, plan, target, "unresolved_reference", value, "", "t.entity_id IS NULL")


def _list_unfit(
    connection: DuckDBPyConnection, plan: Plan, target: Golden, predicate: str, golden: str
) -> None:
    named = "".join(f", {f.value} AS {identifier(f.field.name)}" for f in plan.fed)
    joins = (
        f" JOIN {golden} AS that ON that.entity_id = t.entity_id"
        f" JOIN (SELECT code AS {CODE}{named} FROM gold) AS this ON this.{CODE} = g.code"
    )
    _list(connection, plan, target, "unfit_reference", "t.entity_id", joins, f"({predicate})")


def _list(
    connection: DuckDBPyConnection,
    plan: Plan,
    target: Golden,
    kind: str,
    value: str,
    joins: str,
    where: str,
) -> None:
    """One discrepancy per row whose reference is wrong in one way."""
    # The row is named by its highest source, which is where the payee has to be mended.
    sk = f"coalesce({', '.join(f'g.sk{s.place}' for s in plan.sources)}, NULL)"
    origin = f"coalesce({', '.join(f'g.origin{s.place}' for s in plan.sources)}, NULL)"
    add(
        connection,
        kind=literal(kind),
        entity_id="g.entity_id",
        field=literal(target.field.name),
        supply="origin.supply",
        source_key=sk,
        batch_id="origin.batch_id",
        value=value,
        severity="'error'",
        query=f"FROM wide AS g JOIN {table(target)} AS t ON t.code = g.code "
        f"JOIN origin ON origin.index = {origin}{joins} WHERE {where}",
    )
