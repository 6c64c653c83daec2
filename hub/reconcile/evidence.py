"""An id is evidence, not proof: rows that clearly contradict their entity's authority leave it."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.reconcile.compare import contradicts
from hub.reconcile.plan import Golden, Plan, SourcePlan
from hub.reconcile.rows import code_sql, column, own_space
from hub.store import literal

ORDER = "fresh DESC NULLS LAST, sk"
"""Among rows of one supply the freshest is first; the key makes the order total."""


def split_entities(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Create `conflict` and give contradicting rows a code of their own.

    `conflict`: place, row, code (the entity left), new_code, fields (that contradict),
    authority (place of the authority record). Rows that leave together and do not contradict each
    other stay together.
    """
    connection.execute(
        "CREATE TEMP TABLE conflict (place UTINYINT, row BIGINT, code UBIGINT, new_code UBIGINT, "
        "fields VARCHAR, authority UTINYINT)"
    )
    fields = _fields(plan)
    if not fields:
        return
    _authorities(connection, plan, fields)
    _apart(connection, plan, fields)
    while _pending(connection):
        _settle(connection, plan, fields)
    for source in plan.sources:
        connection.execute(
            f"UPDATE {source.rows} SET code = conflict.new_code, apart = true FROM conflict "
            f"WHERE conflict.place = {source.place} AND conflict.row = {source.rows}.rowid"
        )
    connection.execute("DROP TABLE authority; DROP TABLE pending")


def _fields(plan: Plan) -> list[Golden]:
    evidence = plan.reconcile.evidence
    return [plan.golden(name) for name in evidence.compare] if evidence else []


def _values(source: SourcePlan, fields: list[Golden]) -> str:
    return ", ".join(
        f"{column(source, g) if source.place in g.feeds else f'CAST(NULL AS {g.sql_type})'} "
        f"AS e{g.place}"
        for g in fields
    )


def _authorities(connection: DuckDBPyConnection, plan: Plan, fields: list[Golden]) -> None:
    """`authority`: per code the row of the highest source, the freshest of that source."""
    columns = ", ".join(f"e{g.place} {g.sql_type}" for g in fields)
    connection.execute(
        f"CREATE TEMP TABLE authority (code UBIGINT, place UTINYINT, row BIGINT, {columns})"
    )
    for source in plan.sources:
        known = "" if source.place == 0 else "WHERE code NOT IN (SELECT code FROM authority) "
        connection.execute(
            f"INSERT INTO authority SELECT code, {source.place}, rowid, {_values(source, fields)} "
            f"FROM {source.rows} {known}"
            f"QUALIFY row_number() OVER (PARTITION BY code ORDER BY {ORDER}) = 1"
        )


def _contradictions(plan: Plan, fields: list[Golden], a: str, b: str) -> dict[str, str]:
    evidence = plan.reconcile.evidence
    assert evidence is not None
    return {
        g.field.name: contradicts(
            f"{a}.e{g.place}",
            f"{b}.e{g.place}",
            evidence.compare[g.field.name],
            g.field.type.logical,
            plan.reconcile.entity,
        )
        for g in fields
    }


def _enough(plan: Plan, fields: list[Golden], a: str, b: str) -> str:
    evidence = plan.reconcile.evidence
    assert evidence is not None
    votes = " + ".join(
        f"CAST({verdict} AS INTEGER)" for verdict in _contradictions(plan, fields, a, b).values()
    )
    return f"{votes} >= {evidence.conflict_when}"


def _named(plan: Plan, fields: list[Golden], a: str, b: str) -> str:
    cases = ", ".join(
        f"CASE WHEN {verdict} THEN {literal(name)} END"
        for name, verdict in _contradictions(plan, fields, a, b).items()
    )
    return f"concat_ws(',', {cases})"


def _apart(connection: DuckDBPyConnection, plan: Plan, fields: list[Golden]) -> None:
    """`pending`: rows that contradict the authority of their code, with what contradicts."""
    parts = [
        f"SELECT CAST({s.place} AS UTINYINT) AS place, r.row, r.code, r.fresh, r.sk, "
        f"{_named(plan, fields, 'r', 'a')} AS fields, a.place AS authority, "
        f"{', '.join(f'r.e{g.place}' for g in fields)} "
        f"FROM (SELECT rowid AS row, code, fresh, sk, {_values(s, fields)} FROM {s.rows}) r "
        f"JOIN authority AS a ON a.code = r.code "
        f"WHERE {_enough(plan, fields, 'r', 'a')}"
        for s in plan.sources
    ]
    connection.execute(f"CREATE TEMP TABLE pending AS {' UNION ALL '.join(parts)}")


def _pending(connection: DuckDBPyConnection) -> bool:
    return bool(connection.execute("SELECT 1 FROM pending LIMIT 1").fetchone())


def _settle(connection: DuckDBPyConnection, plan: Plan, fields: list[Golden]) -> None:
    """One round: the first pending row of each code founds an entity and takes who agrees."""
    new_code = " ".join(
        f"WHEN {s.place} THEN {code_sql(own_space(plan, s, apart=True), 'sk')}"
        for s in plan.sources
    )
    connection.execute(
        "CREATE TEMP TABLE settled AS "
        f"WITH head AS (SELECT *, CASE place {new_code} END AS new_code FROM pending "
        f"QUALIFY row_number() OVER (PARTITION BY code ORDER BY place, {ORDER}) = 1) "
        "SELECT p.place, p.row, p.code, h.new_code, p.fields, p.authority "
        "FROM pending AS p JOIN head AS h ON h.code = p.code "
        f"WHERE NOT ({_enough(plan, fields, 'p', 'h')})"
    )
    connection.execute("INSERT INTO conflict FROM settled")
    connection.execute(
        "DELETE FROM pending USING settled "
        "WHERE settled.place = pending.place AND settled.row = pending.row"
    )
    connection.execute("DROP TABLE settled")
