"""What a change writes, and what it makes of the last release's counts."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.counting import count, count_excluded
from hub.reconcile.discrepancies import COLUMNS
from hub.reconcile.increment.opening import Change
from hub.reconcile.increment.sums import Tallies, tally
from hub.reconcile.inputs import InputTable
from hub.reconcile.plan import Plan
from hub.records import Change as Record


def narrowed(
    connection: DuckDBPyConnection, change: Change, queries: Mapping[str, str]
) -> dict[str, str]:
    """The files of a change, by those of a whole: what is new, and whom it speaks of."""
    before = change.previous.files
    found = queries["discrepancies"]
    columns = ", ".join(["discrepancy_id", *COLUMNS])
    # Of those who merely look like somebody touched, only the pairs are told anew.
    others = (
        f"SELECT {columns} FROM ({before['discrepancies']}) SEMI JOIN alike USING (entity_id) "
        "WHERE kind <> 'possible_duplicate' ORDER BY discrepancy_id"
    )
    if count(connection, "alike"):
        found += f" UNION ALL ({others})"
    return {
        **queries,
        "events": f"SELECT * FROM ({queries['events']}) ANTI JOIN ({before['events']}) AS known "
        "USING (event_id) ORDER BY since, kind, old_id, new_id",
        "discrepancies": found,
        "touched": "SELECT entity_id FROM touched ORDER BY entity_id",
        "spoken": "SELECT entity_id FROM touched UNION ALL SELECT entity_id FROM alike "
        "ORDER BY entity_id",
    }


def carried(connection: DuckDBPyConnection, plan: Plan, change: Change, new: Tallies) -> Tallies:
    """The last release's tallies without what was touched, with what that has become."""
    files = change.previous.files
    connection.execute(
        f"CREATE TEMP TABLE were_summed AS SELECT * FROM ({files['sums']}) "
        "SEMI JOIN touched USING (entity_id)"
    )
    connection.execute(
        "CREATE TEMP TABLE were_found AS SELECT kind, field, supply, severity "
        f"FROM ({files['discrepancies']}) AS d LEFT JOIN (FROM touched UNION ALL FROM alike) AS s "
        "USING (entity_id) WHERE d.entity_id IS NULL OR s.entity_id IS NOT NULL"
    )
    linked = count(connection, "was_linked")
    gone = tally(connection, plan, linked, "FROM were_summed", "FROM were_found")
    left = change.before.less(gone)
    if not left.sound():
        raise IntegrityError(
            f"dataset {plan.dataset.name}: a change would take out more than was there"
        )
    return left.plus(new)


def carried_counts(
    connection: DuckDBPyConnection, plan: Plan, tables: Mapping[str, InputTable], tallies: Tallies
) -> dict[str, int]:
    """rows, excluded, linked, entities of the release as a whole; `plan` reads all rows.

    Raises `IntegrityError` when the rows at hand are not those linked and those left out.
    """
    rows = sum(tables[source.supply.name].input.rows for source in plan.sources)
    excluded = count_excluded(connection, plan)
    if rows != excluded + tallies.linked:
        raise IntegrityError(
            f"dataset {plan.dataset.name}: every input row is read: expected {rows - excluded}, "
            f"found {tallies.linked}"
        )
    return {
        "rows": rows,
        "excluded": excluded,
        "linked": tallies.linked,
        "entities": tallies.entities,
    }


def record_of(change: Change, uris: Mapping[str, str]) -> Record:
    """What publish has to know of a change."""
    return Record(change.previous.id, uris["touched"], uris["spoken"], change.touched)
