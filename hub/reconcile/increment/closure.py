"""Which entities can come out differently: those of changed rows, and all that hang on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from duckdb import DuckDBPyConnection

from hub.reconcile.increment.places import supplies_of
from hub.reconcile.inputs import EntityIndex, InputTable, Previous
from hub.reconcile.plan import Plan
from hub.reconcile.rows import rows_sql, supply_space
from hub.store import Store, literal

TOUCHED = "touched"


def read_changes(
    connection: DuckDBPyConnection, plan: Plan, tables: Mapping[str, InputTable]
) -> None:
    """Create `changed` (supply, row): every row that came, changed or went, as in `places`."""
    parts = " UNION ALL ".join(
        f"SELECT DISTINCT CAST({number} AS UTINYINT) AS supply, hash(_source_key) AS row "
        f"FROM ({tables[name].changed})"
        for number, name in enumerate(supplies_of(plan))
    )
    connection.execute(f"CREATE TEMP TABLE changed AS {parts}")


def touch(
    connection: DuckDBPyConnection,
    plan: Plan,
    tables: Mapping[str, InputTable],
    entities: Mapping[str, EntityIndex],
    previous: Previous,
) -> None:
    """Create `touched` (entity_id) and `tie` (a, b); needs `changed` and `origin`.

    An entity is touched when a row of it changed, when it holds or held a key of a new row (in any
    space), and when what it refers to changed. Evidence and linkage tie entities to each other.
    """
    files = previous.files
    _ask(connection, plan, tables)
    connection.execute(
        f"CREATE TEMP TABLE met AS SELECT DISTINCT entity FROM ({files['places']}) "
        "SEMI JOIN changed USING (supply, row)"
    )
    # Every entity holds a key, if only that of a row; so its id is found among the keys.
    connection.execute(
        f"CREATE TEMP TABLE {TOUCHED} AS SELECT DISTINCT entity_id FROM ({previous.keys}) "
        "WHERE (key_space, key) IN (FROM asked) OR hash(entity_id) IN (FROM met)"
    )
    for index in entities.values():
        if index.before and index.before.id != index.id:
            _touch_referring(connection, index, files["refers"])
    connection.execute(f"CREATE TEMP TABLE tie AS {_ties(previous)}")
    connection.execute("DROP TABLE asked; DROP TABLE met")


def touch_decided(
    connection: DuckDBPyConnection, previous: Previous, store: Store, decisions: Mapping[str, str]
) -> None:
    """Touch every entity of whose rows a steward has spoken, at `uri` by decision.

    They are few; so a decision that comes, goes, or waits for its rows is seen to at once.
    """
    spoken = [
        (str(row["supply"]), str(row["source_key"]))
        for uri in decisions.values()
        if uri and store.path(uri).is_file()
        for document in [store.read_json(uri)]
        for side in ("a", "b")
        for row in document[side]
    ]
    if not spoken:
        return
    rows = ", ".join(f"({literal(supply)}, {literal(key)})" for supply, key in sorted(set(spoken)))
    connection.execute(
        f"INSERT INTO {TOUCHED} SELECT DISTINCT entity_id FROM ({previous.files['links']}) AS l "
        f"SEMI JOIN (VALUES {rows}) AS d(supply, source_key) USING (supply, source_key) "
        f"WHERE entity_id NOT IN (SELECT entity_id FROM {TOUCHED})"
    )


def spread(connection: DuckDBPyConnection, plan: Plan, previous: Previous) -> None:
    """Touch all that is tied to somebody touched, however far."""
    shared = _shared(plan)
    while _spread(connection, previous.files["links"], shared):
        pass


def _ask(connection: DuckDBPyConnection, plan: Plan, tables: Mapping[str, InputTable]) -> None:
    """Create `asked` (key_space, key) of all new rows, their own supply's keys among them."""
    connection.execute("CREATE TEMP TABLE asked (key_space VARCHAR, key VARCHAR)")
    keys_alone = replace(plan, fields=())  # a statement without the values is planned in half
    for source in plan.sources:
        new = rows_sql(keys_alone, replace(source, sql=str(tables[source.supply.name].fresh)))
        spaces = [space for space in plan.spaces if space.name in source.source.keys]
        names = ", ".join(literal(n) for n in [*(s.name for s in spaces), supply_space(source)])
        keys = ", ".join([*(f"k{space.place}" for space in spaces), "sk"])
        connection.execute(
            f"INSERT INTO asked SELECT DISTINCT * FROM (SELECT unnest([{names}]) AS key_space, "
            f"unnest([{keys}]) AS key FROM ({new})) WHERE key IS NOT NULL"
        )


def _touch_referring(connection: DuckDBPyConnection, index: EntityIndex, refers: str) -> None:
    """Rows that name a key of an entity that changed, or that referred to that entity."""
    assert index.before is not None
    connection.execute(f"CREATE TEMP TABLE moved AS {index.touched}")
    keys = " UNION ".join(
        f"SELECT key FROM ({sql}) SEMI JOIN moved USING (entity_id)"
        for sql in (index.keys, index.before.keys)
    )
    connection.execute(
        f"INSERT INTO {TOUCHED} SELECT DISTINCT entity_id FROM ({refers}) AS r "
        f"WHERE dataset = {literal(index.dataset)} AND (key IN ({keys}) "
        f"OR to_id IN (SELECT entity_id FROM moved)) "
        f"AND entity_id NOT IN (SELECT entity_id FROM {TOUCHED})"
    )
    connection.execute("DROP TABLE moved")


def _ties(previous: Previous) -> str:
    """a, b: entities between which evidence, linkage or a steward has been at work."""
    listed = previous.files["discrepancies"]
    columns = "entity_id AS a, other_entity_id AS b"
    parts = [f"SELECT {columns} FROM ({listed}) WHERE kind = 'identity_conflict'"]
    if "pairs" in previous.files:
        parts.append(
            f"SELECT {columns} FROM ({previous.files['pairs']}) WHERE entity_id <> other_entity_id"
        )
    return " UNION ALL ".join(parts)


def _shared(plan: Plan) -> list[str]:
    """Supplies that feed through several sources: one row may speak of two entities."""
    names = [source.supply.name for source in plan.sources]
    return sorted({name for name in names if names.count(name) > 1})


def _spread(connection: DuckDBPyConnection, links: str, shared: list[str]) -> bool:
    """One round outwards; whether it reached anybody."""
    parts = [
        f"SELECT b AS entity_id FROM tie SEMI JOIN {TOUCHED} AS t ON t.entity_id = a",
        f"SELECT a FROM tie SEMI JOIN {TOUCHED} AS t ON t.entity_id = b",
    ]
    if shared:
        names = ", ".join(literal(name) for name in shared)
        of_shared = f"SELECT * FROM ({links}) WHERE supply IN ({names})"
        parts.append(
            f"SELECT l.entity_id FROM ({of_shared}) AS l SEMI JOIN (SELECT supply, source_key "
            f"FROM ({of_shared}) SEMI JOIN {TOUCHED} USING (entity_id)) AS r "
            "ON r.supply = l.supply AND r.source_key = l.source_key"
        )
    added = connection.execute(
        f"INSERT INTO {TOUCHED} SELECT DISTINCT entity_id FROM ({' UNION ALL '.join(parts)}) "
        f"ANTI JOIN {TOUCHED} USING (entity_id)"
    ).fetchone()
    return bool(added and added[0])
