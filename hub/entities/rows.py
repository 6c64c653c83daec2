"""The records of an entity as they stand today: their keys, and what each says of each field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from hub.entities.lookup import Found
from hub.fold import SOURCE_KEY
from hub.opened import Hub
from hub.reconcile.inputs import InputTable
from hub.reconcile.plan import Plan, SourcePlan, make_plan
from hub.reconcile.profiles import said_sql
from hub.reconcile.rows import read_rows
from hub.records import Input
from hub.released import relation
from hub.steps import current_table
from hub.store import identifier, literal


@dataclass(frozen=True)
class Record:
    """One source row of an entity. `says` holds what it says, as text, by golden field.

    `batch_id` is the batch by which the release knew it; `changed`: a later one has changed it.
    """

    place: int
    supply: str
    source_key: str
    batch_id: str
    keys: Mapping[str, str]
    says: Mapping[str, str]
    changed: bool = False
    gone: bool = False


def records_of(hub: Hub, connection: DuckDBPyConnection, found: Found) -> tuple[Plan, list[Record]]:
    """The plan of the dataset, and the entity's records by authority."""
    links = relation(hub.store, found.manifest, "links")
    listed = connection.execute(
        f"SELECT supply, source_key, batch_id FROM ({links}) WHERE entity_id = ? ORDER BY ALL",
        [found.entity_id],
    ).fetchall()
    wanted: dict[str, dict[str, str]] = {}
    for supply, key, batch in listed:
        wanted.setdefault(supply, {})[key] = batch
    return read_records(hub, connection, found, wanted)


def read_records(
    hub: Hub,
    connection: DuckDBPyConnection,
    found: Found,
    wanted: Mapping[str, Mapping[str, str]],
) -> tuple[Plan, list[Record]]:
    """The rows wanted (batch by source key, by supply), read through the dataset's own plan."""
    plan = make_plan(
        found.dataset,
        hub.catalog,
        {name: _table(hub, name, wanted.get(name, {})) for name in found.dataset.supplies},
    )
    read_rows(connection, plan)
    records = [
        record
        for source in plan.sources
        for record in _read(connection, plan, source, wanted.get(source.supply.name, {}))
    ]
    for table in ("origin", *(source.rows for source in plan.sources)):
        connection.execute(f"DROP TABLE {table}")
    known = {(record.supply, record.source_key) for record in records}
    places = {source.supply.name: source.place for source in reversed(plan.sources)}
    records += [
        Record(places.get(supply, len(places)), supply, key, batch, {}, {}, gone=True)
        for supply, keys in wanted.items()
        for key, batch in keys.items()
        if (supply, key) not in known
    ]
    return plan, sorted(records, key=lambda record: (record.place, record.source_key))


def _table(hub: Hub, supply: str, keys: Collection[str]) -> InputTable:
    listed = ", ".join(literal(key) for key in keys)
    where = f"{identifier(SOURCE_KEY)} IN ({listed})" if keys else "false"
    sql = f"SELECT * FROM ({current_table(hub, supply).sql}) WHERE {where}"
    return InputTable(Input(supply, "", "", len(keys)), sql)


def _read(
    connection: DuckDBPyConnection, plan: Plan, source: SourcePlan, batches: Mapping[str, str]
) -> list[Record]:
    alone = len(plan.spaces) == 1
    fed = [golden for golden in plan.fed if source.place in golden.feeds]
    keys = "".join(f", k{space.place}" for space in plan.spaces)
    said = "".join(f", CAST({said_sql(source, g, 'r.', alone)} AS VARCHAR)" for g in fed)
    rows = connection.execute(
        f"SELECT sk, origin.batch_id{keys}{said} FROM {source.rows} AS r "
        "JOIN origin ON origin.index = r.origin ORDER BY sk"
    ).fetchall()
    records = []
    for sk, batch, *values in rows:
        held = zip(plan.spaces, values, strict=False)
        told = zip(fed, values[len(plan.spaces) :], strict=True)
        records.append(
            Record(
                place=source.place,
                supply=source.supply.name,
                source_key=sk,
                batch_id=batches[sk],
                keys={space.name: key for space, key in held if key is not None},
                says={golden.field.name: text for golden, text in told if text is not None},
                changed=batch != batches[sk],
            )
        )
    return records
