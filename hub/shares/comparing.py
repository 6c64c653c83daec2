"""What a grant showed otherwise in two releases: the basis of recalls."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from hub import masking
from hub.opened import Hub
from hub.records import Grant, Release
from hub.shares.making import differs
from hub.shares.views import ENTITY, masked
from hub.store import identifier
from schemas.terms import RECORD_ID


def differences(
    hub: Hub,
    grant: Grant,
    before: Release,
    after: Release,
    entity_ids: Collection[str] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Per record id of `before` the fields that `after` shows otherwise, as the grant masks them.

    All fields of a record that `after` no longer shows; records that are new in it are left out.
    `entity_ids`: look at these alone. Says nothing about values.
    """
    with masked(hub, grant) as view:
        run = view.connection.execute
        if entity_ids is None:
            run(f"CREATE TEMP TABLE near AS {view.changed(before, after)}")
        else:
            run("CREATE TEMP TABLE near (entity_id VARCHAR)")
            named = pa.table({ENTITY: pa.array(sorted(set(entity_ids)), pa.string())})
            view.connection.register("named_entities", named)
            run("INSERT INTO near FROM named_entities")
        for name, one in (("masked_old", before), ("masked_new", after)):
            run(f"CREATE TEMP TABLE {name} AS {view.select(one, 'SELECT * FROM near')}")
        names = masking.schema(grant.terms, view.dataset).names[1:]
        found = run(_sql(names)).fetchall()
    return {
        record: tuple(n for n, differs in zip(names, told, strict=True) if differs)
        for record, *told in found
    }


def _sql(names: list[str]) -> str:
    told = [f"n.{RECORD_ID} IS NULL OR {differs(name)} AS {identifier(name)}" for name in names]
    some = " OR ".join([f"n.{RECORD_ID} IS NULL", *(differs(name) for name in names)])
    return (
        f"SELECT {', '.join([f'o.{RECORD_ID}', *told])} FROM masked_old AS o "
        f"LEFT JOIN masked_new AS n ON n.{RECORD_ID} = o.{RECORD_ID} "
        f"WHERE {some} ORDER BY 1"
    )
