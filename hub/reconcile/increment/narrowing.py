"""The rows of the touched entities alone: what the pipeline reads in the place of all rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from duckdb import DuckDBPyConnection

from hub.reconcile.increment.closure import TOUCHED
from hub.reconcile.increment.places import supplies_of
from hub.reconcile.inputs import InputTable, Previous
from hub.reconcile.plan import Plan, SourcePlan, key_fields
from hub.store import identifier


def narrow(
    connection: DuckDBPyConnection,
    plan: Plan,
    tables: Mapping[str, InputTable],
    previous: Previous,
) -> tuple[Plan, Previous]:
    """The plan over the touched entities' rows, and what the last release knew of those alone.

    Creates `was_linked` (supply, row), `held_before`, and one `input_<n>` per supply: what changed
    from its batches, the rest from the current table.
    """
    connection.execute(
        f"CREATE TEMP TABLE was_linked AS SELECT supply, row FROM ({previous.files['places']}) "
        f"SEMI JOIN (SELECT hash(entity_id) AS entity FROM {TOUCHED}) USING (entity)"
    )
    connection.execute(
        f"CREATE TEMP TABLE held_before AS SELECT * FROM ({previous.keys}) "
        f"SEMI JOIN {TOUCHED} USING (entity_id)"
    )
    connection.execute(
        "CREATE TEMP TABLE staying AS SELECT DISTINCT supply, row FROM was_linked "
        "ANTI JOIN changed USING (supply, row)"
    )
    made: dict[str, str] = {}
    for number, name in enumerate(supplies_of(plan)):
        made[name] = f"input_{number}"
        _read(connection, number, [s for s in plan.sources if s.supply.name == name], tables)
    connection.execute("DROP TABLE staying")
    sources = tuple(replace(s, sql=f"SELECT * FROM {made[s.supply.name]}") for s in plan.sources)
    known = replace(
        previous,
        keys="SELECT * FROM held_before",
        links=f"SELECT * FROM ({previous.files['links']}) SEMI JOIN {TOUCHED} USING (entity_id)",
        issued=f"SELECT entity_id FROM ({previous.keys})",
    )
    return replace(plan, sources=sources), known


def _read(
    connection: DuckDBPyConnection,
    number: int,
    sources: list[SourcePlan],
    tables: Mapping[str, InputTable],
) -> None:
    supply = sources[0].supply.name
    columns = ", ".join(identifier(column) for column in _columns(sources))
    connection.execute(
        f"CREATE TEMP TABLE input_{number} AS SELECT {columns} FROM ({tables[supply].fresh}) "
        f"UNION ALL SELECT {columns} FROM ({tables[supply].sql}) AS whole "
        f"SEMI JOIN (SELECT row FROM staying WHERE supply = {number}) AS staying "
        "ON staying.row = hash(whole._source_key)"
    )


def _columns(sources: list[SourcePlan]) -> list[str]:
    """The columns that the sources read: unread ones of a wide table cost the most."""
    read = {"_source_key", "_batch"}
    for plan in sources:
        source = plan.source
        read |= set(source.fields.values()) | ({source.recency} if source.recency else set())
        read |= {name for names in source.keys.values() for name in key_fields(names)}
        words = {word.lower() for word in re.findall(r"\w+", source.where or "")}
        read |= {
            field.name
            for field in plan.supply.fields
            # A name that is no word is taken along: it may stand quoted in the condition.
            if source.where
            and (field.name.lower() in words or not re.fullmatch(r"\w+", field.name))
        }
    return sorted(read)
