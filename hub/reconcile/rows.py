"""Reads each source once into a temporary table: canonical keys, golden values, origin, code.

`code` is a 64-bit number made of the row's strongest key; equal codes are one entity. Keys are
compared as numbers from here on, which is what makes the joins cheap.
"""

from __future__ import annotations

from duckdb import ConversionException, DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.origins import read_origins
from hub.reconcile.plan import Golden, KeySpace, Plan, SourcePlan, key_fields, shows_key
from hub.reconcile.steps import Step, layered
from hub.store import identifier, literal
from schemas.contract import LogicalType

PART = "\x1f"  # between the parts of a composite key, and between key space and key


def read_rows(connection: DuckDBPyConnection, plan: Plan) -> None:
    """Create `origin` and one `row_<place>` per source."""
    read_origins(connection, plan)
    for source in plan.sources:
        try:
            connection.execute(f"CREATE TEMP TABLE {source.rows} AS {rows_sql(plan, source)}")
        except ConversionException:
            # The text of the engine's error would show the value.
            raise IntegrityError(
                f"dataset {plan.dataset.name}: a value of {source.supply.name} does not fit the "
                f"type of its golden field"
            ) from None


def supply_space(source: SourcePlan) -> str:
    """The key space of rows that are known only by their own supply's key."""
    return f"supply:{source.supply.name}"


def code_sql(space: int, key: str) -> str:
    """The 64-bit code of a key (an SQL expression) in the key space of that number.

    Never stored: the engine's hash may change with its version. `registry` checks for clashes.
    """
    return f"hash({key}, {space})"


def keyless_sql(plan: Plan, prefix: str = "") -> str:
    """SQL: a row has no valid key in any space; true where the plan has no keys at all."""
    return " AND ".join(f"{prefix}k{space.place} IS NULL" for space in plan.spaces) or "true"


def own_space(plan: Plan, source: SourcePlan, apart: bool = False) -> int:
    """The number of the space of one source's own keys; set apart by evidence, of another one."""
    return len(plan.spaces) + source.place + (len(plan.sources) if apart else 0)


def rows_sql(plan: Plan, source: SourcePlan) -> str:
    """The SELECT of one source's rows in the shape that every later step relies on.

    Columns: sk, origin, fresh, apart, raw, code, k<space>…, v<field>….
    """
    base, columns, steps, keys = _base(plan, source)
    normalised = layered(base, columns, steps)
    canonical = [f"{_key(space, keys)} AS k{space.place}" for space in plan.spaces]
    first = " ".join(
        f"WHEN k{s.place} IS NOT NULL THEN {code_sql(s.place, f'k{s.place}')}" for s in plan.spaces
    )
    own = code_sql(own_space(plan, source), "sk")
    code = f"CASE {first} ELSE {own} END" if first else own
    values = [
        _value(plan, source, golden)
        for golden in plan.fed
        if source.place in golden.feeds and column(source, golden) == golden.value
    ]
    joins = "".join(_codelist_join(plan, source, g) for g in plan.fed if source.place in g.feeds)
    inner = f"SELECT {', '.join(['*', *canonical])} FROM ({normalised})"
    named = [f"k{space.place}" for space in plan.spaces]
    return (
        f"SELECT sk, origin.index AS origin, fresh, false AS apart, "
        f"CASE WHEN {keyless_sql(plan)} THEN raw END AS raw, "
        f"{', '.join([f'{code} AS code', *named, *values])} "
        f"FROM ({inner}) AS rows "
        f"JOIN origin ON origin.supply = {literal(source.supply.name)} "
        f"AND origin.batch_id = rows.batch{joins}"
    )


def column(source: SourcePlan, golden: Golden) -> str:
    """The column of `row_<place>` that feeds a golden field: a canonical key is kept once."""
    shown = golden.key is not None and shows_key(source.source, golden.field.name, golden.key)
    if golden.key and shown and golden.sql_type == "VARCHAR":
        return f"k{golden.key.place}"
    return golden.value


def _base(
    plan: Plan, source: SourcePlan
) -> tuple[str, list[str], dict[str, tuple[Step, ...]], dict[int, list[str]]]:
    selected = {
        "sk": "_source_key",
        "batch": "_batch",
        "fresh": f"CAST({identifier(source.source.recency)} AS TIMESTAMP)"
        if source.source.recency
        else "CAST(NULL AS TIMESTAMP)",
    }
    steps: dict[str, tuple[Step, ...]] = {}
    keys: dict[int, list[str]] = {}
    raw: list[str] = []
    for space in plan.spaces:
        for number, name in enumerate(key_fields(source.source.keys.get(space.name, ()))):
            column = f"x{space.place}_{number}"
            selected[column] = f"CAST({identifier(name)} AS VARCHAR)"
            steps[column] = space.normaliser.steps
            keys.setdefault(space.place, []).append(column)
            raw.append(selected[column])
    selected["raw"] = f"coalesce({', '.join(raw)}, NULL)" if raw else "CAST(NULL AS VARCHAR)"
    for golden in plan.fed:
        if mapped := source.source.fields.get(golden.field.name):
            selected[f"f{golden.place}"] = identifier(mapped)
    listed = ", ".join(f"{expression} AS {column}" for column, expression in selected.items())
    where = f" WHERE {source.source.where}" if source.source.where else ""
    return f"SELECT {listed} FROM ({source.sql}){where}", list(selected), steps, keys


def _key(space: KeySpace, keys: dict[int, list[str]]) -> str:
    columns = keys.get(space.place, [])
    if not columns:
        return "CAST(NULL AS VARCHAR)"
    if len(columns) == 1:
        return columns[0]
    if space.normaliser.composite:
        return f" || {literal(PART)} || ".join(columns)
    return f"coalesce({', '.join(columns)})"


def _value(plan: Plan, source: SourcePlan, golden: Golden) -> str:
    name = golden.field.name
    if golden.key and shows_key(source.source, name, golden.key):
        expression = f"k{golden.key.place}"
    elif name in source.source.fields:
        expression = f"f{golden.place}"
        if _codelist(plan, source, golden):
            alias = f"c{golden.place}"
            expression = (
                f"CASE WHEN {alias}.code IS NULL THEN {expression} ELSE {alias}.canonical END"
            )
    else:
        expression = literal(source.source.constants[name])
    return f"CAST({expression} AS {golden.sql_type}) AS {golden.value}"


def _codelist(plan: Plan, source: SourcePlan, golden: Golden) -> list[tuple[str, str | None]]:
    """(code, canonical) of the codes that a department writes otherwise; None: means nothing."""
    name = source.source.fields.get(golden.field.name)
    field = source.supply.by_name.get(name or "")
    if field is None or field.type.logical is not LogicalType.STRING:
        return []
    own = plan.catalog.codelists.get(field.properties.codelist or "") or golden.codelist
    codes = {c.code: c.canonical for c in own.codes if c.kind != "canonical"} if own else {}
    return sorted(codes.items())


def _codelist_join(plan: Plan, source: SourcePlan, golden: Golden) -> str:
    name = golden.field.name
    if golden.key and shows_key(source.source, name, golden.key):
        return ""
    codes = _codelist(plan, source, golden)
    if not codes:
        return ""
    rows = ", ".join(
        f"({literal(code)}, {literal(canonical) if canonical else 'NULL'})"
        for code, canonical in codes
    )
    alias = f"c{golden.place}"
    return (
        f" LEFT JOIN (VALUES {rows}) AS {alias}(code, canonical) "
        f"ON {alias}.code = rows.f{golden.place}"
    )
