"""Blocks: profiles that share a key of one rule are held against each other, all others never.

A rule is text, `<field>:<atom>` or `<field>:<atom> <field>:<atom> …`, so that a model can keep it.
Keys are the engine's hashes: fast, and good for one connection only. What is kept is text.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage.atoms import atom_sql, is_many
from hub.linkage.specification import Compared, Specification

EVERYTHING = "everything"
"""The rule of few profiles: all of them are one block."""

Atoms = dict[str, str]
"""Name of an atom, `<field>:<atom>`, to its column in a table of atoms."""


def parts(spec: Specification, rule: str) -> tuple[tuple[Compared, str], ...]:
    """The fields and atoms of a rule."""
    by_name = {field.field: field for field in spec.fields}
    if rule == EVERYTHING:
        return ()
    pieces = (piece.rpartition(":") for piece in rule.split(" "))
    return tuple((by_name[name], atom) for name, _, atom in pieces)


def fields_of(spec: Specification, rules: tuple[str, ...]) -> tuple[Compared, ...]:
    """The fields that some rules look at, each once."""
    named = {field for rule in rules for field, _ in parts(spec, rule)}
    return tuple(field for field in spec.fields if field in named)


def take_atoms(
    connection: DuckDBPyConnection,
    named: list[tuple[Compared, str]],
    source: str,
    into: str,
) -> Atoms:
    """Create temp table `into` (code, loose, a0, a1, …) of hashed atoms of canonical values.

    Lists (words, sounds) are worked out once per value, not once per profile.
    """
    atoms: Atoms = {}
    columns, joins, made = "", "", []
    for number, (field, name) in enumerate(dict.fromkeys(named)):
        atoms[f"{field.field}:{name}"] = column = f"a{number}"
        p, sql = f"p{field.place}", atom_sql(field, name)
        if is_many(field, name):
            table = f"{into}_{column}"
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS "
                f"SELECT {p} AS value, list_distinct([hash(x) FOR x IN {sql}]) AS {column} "
                f"FROM (SELECT DISTINCT {p} FROM {source} WHERE {p} IS NOT NULL)"
            )
            made.append(table)
            columns += f", {table}.{column}"
            joins += f" LEFT JOIN {table} ON {table}.value = own.{p}"
        else:
            columns += f", CASE WHEN own.{p} IS NOT NULL THEN hash({sql}) END AS {column}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS "
        f"SELECT own.code, own.loose{columns} FROM {source} AS own{joins}"
    )
    for table in made:
        connection.execute(f"DROP TABLE {table}")
    return atoms


def keys_sql(spec: Specification, rule: str, atoms: Atoms, table: str, where: str = "true") -> str:
    """A SELECT (code, key) of one rule's keys; a profile has several when an atom is a list."""
    named = parts(spec, rule)
    if not named:
        return f"SELECT code, CAST(0 AS UBIGINT) AS key FROM {table} WHERE {where}"
    inner = f"SELECT * FROM {table} WHERE {where}"
    keys = []
    for number, (field, name) in enumerate(named):
        column = atoms[f"{field.field}:{name}"]
        if is_many(field, name):
            inner = f"SELECT *, unnest({column}) AS k{number} FROM ({inner})"
            keys.append(f"k{number}")
        else:
            inner = f"SELECT * FROM ({inner}) WHERE {column} IS NOT NULL"
            keys.append(column)
    return f"SELECT code, {_joined(keys)} AS key FROM ({inner})"


def _joined(keys: list[str]) -> str:
    return keys[0] if len(keys) == 1 else f"hash({', '.join(keys)})"


def texts_sql(spec: Specification, rule: str, source: str) -> str:
    """A SELECT (texts VARCHAR[], key) of the keys of canonical values, readable and hashed."""
    inner, keys = f"SELECT * FROM {source}", []
    for number, (field, name) in enumerate(parts(spec, rule)):
        sql = atom_sql(field, name)
        text = f"unnest({sql})" if is_many(field, name) else sql
        inner = f"SELECT *, {text} AS x{number} FROM ({inner})"
        inner = f"SELECT * FROM ({inner}) WHERE x{number} IS NOT NULL"
        keys.append(f"x{number}")
    texts = ", ".join(f"CAST({key} AS VARCHAR)" for key in keys)
    hashes = [f"hash({key})" for key in keys]
    return f"SELECT DISTINCT [{texts}] AS texts, {_joined(hashes)} AS key FROM ({inner})"


def find_pairs(
    connection: DuckDBPyConnection,
    spec: Specification,
    rules: tuple[str, ...],
    source: str,
    into: str,
) -> None:
    """Create temp table `into` (a, b) of the pairs that share a block, `a` < `b`, each once.

    `source` holds canonical values. At least one side is loose. Keys listed in `linkage_stop`
    (rule, texts) make no block.
    """
    table = f"{into}_atoms"
    atoms = take_atoms(connection, [p for r in rules for p in parts(spec, r)], source, table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into}_found (a UBIGINT, b UBIGINT)")
    for number, rule in enumerate(rules):
        loose, settled = f"{into}_loose", f"{into}_settled"
        width = max(len(parts(spec, rule)), 1)
        hashes = [f"hash({_typed(spec, rule, place)})" for place in range(width)]
        stopped = f"SELECT {_joined(hashes)} AS key FROM linkage_stop WHERE rule = {number}"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {loose} AS "
            f"FROM ({keys_sql(spec, rule, atoms, table, 'loose')}) "
            f"ANTI JOIN ({stopped}) USING (key)"
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {settled} AS "
            f"FROM ({keys_sql(spec, rule, atoms, table, 'NOT loose')}) "
            f"SEMI JOIN {loose} USING (key)"
        )
        connection.execute(
            f"INSERT INTO {into}_found "
            f"SELECT l.code, r.code FROM {loose} AS l JOIN {loose} AS r USING (key) "
            f"WHERE l.code < r.code UNION ALL "
            f"SELECT least(l.code, r.code), greatest(l.code, r.code) "
            f"FROM {loose} AS l JOIN {settled} AS r USING (key)"
        )
        connection.execute(f"DROP TABLE {loose}; DROP TABLE {settled}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT DISTINCT a, b FROM {into}_found"
    )
    connection.execute(f"DROP TABLE {into}_found; DROP TABLE {table}")


def _typed(spec: Specification, rule: str, place: int) -> str:
    """SQL of one text of a stopped key in the type that its atom has; numbers hash as numbers."""
    named = parts(spec, rule)
    number = bool(named) and named[place][0].kind == "number"
    return f"CAST(texts[{place + 1}] AS DOUBLE)" if number else f"texts[{place + 1}]"
