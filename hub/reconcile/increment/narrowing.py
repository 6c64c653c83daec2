"""The rows of the touched entities alone: what the pipeline reads in the place of all rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from duckdb import DuckDBPyConnection

from hub.reconcile.increment.closure import TOUCHED
from hub.reconcile.inputs import InputTable, Previous
from hub.reconcile.plan import Plan, SourcePlan, key_fields
from hub.store import identifier, literal


def narrow(
    connection: DuckDBPyConnection,
    plan: Plan,
    tables: Mapping[str, InputTable],
    previous: Previous,
) -> tuple[Plan, Previous]:
    """The plan over the touched entities' rows, and what the last release knew of those alone.

    Creates `was_linked` (entity_id, supply, source_key, batch_id), `held_before`, and one
    `input_<place>` per supply: what changed from its batches, the rest from the current table.
    """
    connection.execute(
        f"CREATE TEMP TABLE was_linked AS SELECT * FROM ({previous.files['links']}) "
        f"SEMI JOIN {TOUCHED} USING (entity_id)"
    )
    connection.execute(
        f"CREATE TEMP TABLE held_before AS SELECT * FROM ({previous.keys}) "
        f"SEMI JOIN {TOUCHED} USING (entity_id)"
    )
    connection.execute(
        "CREATE TEMP TABLE staying AS SELECT DISTINCT supply, source_key FROM was_linked "
        "ANTI JOIN changed USING (supply, source_key)"
    )
    made: dict[str, str] = {}
    for source in plan.sources:
        name = source.supply.name
        if name not in made:
            made[name] = f"input_{source.place}"
            _read(
                connection, made[name], [s for s in plan.sources if s.supply.name == name], tables
            )
    connection.execute("DROP TABLE staying")
    sources = tuple(replace(s, sql=f"SELECT * FROM {made[s.supply.name]}") for s in plan.sources)
    known = replace(
        previous,
        keys="SELECT * FROM held_before",
        links="SELECT * FROM was_linked",
        issued=f"SELECT entity_id FROM ({previous.keys})",
    )
    return replace(plan, sources=sources), known


def _read(
    connection: DuckDBPyConnection,
    name: str,
    sources: list[SourcePlan],
    tables: Mapping[str, InputTable],
) -> None:
    supply = sources[0].supply.name
    columns = ", ".join(identifier(column) for column in _columns(sources))
    connection.execute(
        f"CREATE TEMP TABLE {name} AS SELECT {columns} FROM ({tables[supply].fresh}) "
        f"UNION ALL SELECT {columns} FROM ({tables[supply].sql}) AS whole "
        f"SEMI JOIN (SELECT source_key FROM staying WHERE supply = {literal(supply)}) AS staying "
        "ON staying.source_key = whole._source_key"
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
