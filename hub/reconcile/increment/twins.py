"""Entities that look alike: groups by digest, so that a change is held against all cheaply."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.compare import comparable
from hub.reconcile.discrepancies import add
from hub.reconcile.plan import Golden, Plan
from hub.store import literal
from schemas.properties import Comparison


def find_twins(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Create `twin` (rule, entity_id, digest): who is equal in all fields of a rule.

    The digest is 64 bits of an md5, which files may keep, unlike the engine's own hash. Two groups
    under one digest would be a pair too much for people to look at, and merge nothing.
    """
    connection.execute("CREATE TEMP TABLE twin (rule UTINYINT, entity_id VARCHAR, digest UBIGINT)")
    for number, rule in enumerate(plan.reconcile.duplicates):
        fields = [plan.golden(name) for name in rule]
        if any(not g.feeds for g in fields):
            continue
        values = ", ".join(f"{_form(plan, g)} AS d{g.place}" for g in fields)
        present = " AND ".join(f"d{g.place} IS NOT NULL" for g in fields)
        texts = ", ".join(f"CAST(d{g.place} AS VARCHAR)" for g in fields)
        connection.execute(
            f"INSERT INTO twin SELECT {number}, entity_id, md5_number_lower(concat_ws(chr(31), "
            f"{texts})) FROM (SELECT entity_id, {values} FROM gold) WHERE {present}"
        )


def add_old_twins(connection: DuckDBPyConnection, before: str) -> None:
    """Create `other_twin`: those whom nothing touched and who are, or were, equal to one touched.

    `before` is a SELECT of the last release's twins. Fills `alike` (entity_id): entities that
    nothing touched and whose pairs may be others now. Creates `elsewhere` (entity_id): those who
    are only there to tell under which rule a pair is listed; their own pairs stand.
    """
    connection.execute(
        "CREATE TEMP TABLE was_twin AS SELECT rule, entity_id, digest, "
        f"touched.entity_id IS NOT NULL AS gone FROM ({before}) "
        "LEFT JOIN touched USING (entity_id)"
    )
    groups = "SELECT rule, digest FROM twin UNION SELECT rule, digest FROM was_twin WHERE gone"
    connection.execute(
        "INSERT INTO alike SELECT DISTINCT entity_id FROM was_twin "
        f"SEMI JOIN ({groups}) AS moved USING (rule, digest) WHERE NOT gone"
    )
    # A pair is listed under its first rule: all groups of those who are looked at again count.
    connection.execute(
        "CREATE TEMP TABLE other_twin AS SELECT rule, entity_id, digest FROM was_twin SEMI JOIN ("
        f"{groups} UNION SELECT rule, digest FROM was_twin SEMI JOIN alike USING (entity_id)"
        ") AS wanted USING (rule, digest) WHERE NOT gone"
    )
    connection.execute(
        "CREATE TEMP TABLE elsewhere AS SELECT DISTINCT entity_id FROM other_twin "
        "ANTI JOIN alike USING (entity_id)"
    )
    connection.execute("DROP TABLE was_twin")


class NotClosed(Exception):
    """A change would have to speak of entities that it does not look at: make it as a whole."""


def refuse_linked_twins(connection: DuckDBPyConnection, pairs: str) -> None:
    """Raise `NotClosed` where two of `alike` are a pair of linkage, too (`pairs`, a SELECT).

    Whether such a pair is listed as a match depends on whether it is listed as twins.
    """
    found = connection.execute(
        f"SELECT 1 FROM ({pairs}) AS p SEMI JOIN alike AS a ON a.entity_id = p.entity_id "
        "SEMI JOIN alike AS b ON b.entity_id = p.other_entity_id "
        "WHERE p.entity_id <> p.other_entity_id LIMIT 1"
    ).fetchone()
    if found:
        raise NotClosed


def list_twins(connection: DuckDBPyConnection, plan: Plan, before: str | None) -> None:
    """One person under two numbers: equal in all fields of a rule, yet two entities.

    The entity with the smallest id of each group is paired with each other one; a pair that two
    rules find is listed under the first. `before`: the last release's twins, where only a part of
    the entities is looked at again.
    """
    find_twins(connection, plan)
    among = ""
    if before:
        add_old_twins(connection, before)
        among = " AND first_id NOT IN (SELECT entity_id FROM elsewhere)"
    names = " ".join(
        f"WHEN {number} THEN {literal(','.join(rule))}"
        for number, rule in enumerate(plan.reconcile.duplicates)
    )
    if not names:
        return
    everybody = "FROM twin UNION ALL FROM other_twin" if before else "FROM twin"
    add(
        connection,
        kind="'possible_duplicate'",
        entity_id="first_id",
        other_entity_id="entity_id",
        field=f"CASE min(rule) {names} END",
        severity="'warning'",
        query="FROM (SELECT rule, entity_id, min(entity_id) OVER (PARTITION BY rule, digest) "
        f"AS first_id FROM ({everybody})) WHERE first_id <> entity_id{among} "
        "GROUP BY first_id, entity_id",
    )


def _form(plan: Plan, golden: Golden) -> str:
    comparison = golden.comparison or plan.reconcile.compare.get(golden.field.name) or Comparison()
    return comparable(golden.value, comparison, golden.field.type.logical, plan.reconcile.entity)
