"""Blocks: profiles that share a key of one rule are held against each other, all others never.

A rule is text, `<field>:<atom>` or `<field>:<atom> <field>:<atom>`, so that a model can keep it.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage.atoms import atom_sql, is_many
from hub.linkage.specification import Compared, Specification

EVERYTHING = "everything"
"""The rule of few profiles: all of them are one block."""
PART = "chr(31)"


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


def keys_sql(spec: Specification, rule: str, source: str, where: str = "true") -> str:
    """A SELECT (code, key) of one rule's keys; `source` holds canonical values.

    A key is text; a profile has several when an atom is a list.
    """
    named = parts(spec, rule)
    if not named:
        return f"SELECT code, 'x' AS key FROM {source} WHERE {where}"
    columns = [
        f"{'unnest(' if is_many(field, atom) else '('}{atom_sql(field, atom)}) AS x{number}"
        for number, (field, atom) in enumerate(named)
    ]
    numbers = range(len(named))
    key = f" || {PART} || ".join(f"CAST(x{number} AS VARCHAR)" for number in numbers)
    filled = " AND ".join(f"x{number} IS NOT NULL" for number in numbers)
    if len(named) == 2 and all(is_many(field, atom) for field, atom in named):
        inner = (
            f"SELECT code, {columns[0]}, {atom_sql(*named[1])} AS y1 FROM {source} WHERE {where}"
        )
        inner = f"SELECT code, x0, unnest(y1) AS x1 FROM ({inner})"
    else:
        inner = f"SELECT code, {', '.join(columns)} FROM {source} WHERE {where}"
    return f"SELECT DISTINCT code, {key} AS key FROM ({inner}) WHERE {filled}"


def find_pairs(
    connection: DuckDBPyConnection,
    spec: Specification,
    rules: tuple[str, ...],
    source: str,
    into: str,
    apart: bool = False,
) -> None:
    """Create temp table `into` (a, b) of the pairs that share a block, `a` < `b`, each once.

    At least one side is loose. Keys listed in `linkage_stop` (rule, key) make no block. `apart`
    leaves out pairs that share a bit of `once`.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into}_found (a UBIGINT, b UBIGINT)")
    other = " AND (l.once & r.once) = 0" if apart else ""
    for number, rule in enumerate(rules):
        loose, settled = f"{into}_loose", f"{into}_settled"
        stopped = f"ANTI JOIN (SELECT key FROM linkage_stop WHERE rule = {number}) USING (key)"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {loose} AS SELECT code, hash(key) AS key FROM ("
            f"FROM ({keys_sql(spec, rule, source, 'loose')}) {stopped})"
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {settled} AS FROM ("
            f"SELECT code, hash(key) AS key FROM ({keys_sql(spec, rule, source, 'NOT loose')})) "
            f"SEMI JOIN {loose} USING (key)"
        )
        connection.execute(
            f"INSERT INTO {into}_found "
            f"SELECT l.code, r.code FROM {loose} AS l JOIN {loose} AS r USING (key) "
            f"WHERE l.code < r.code UNION "
            f"SELECT least(l.code, r.code), greatest(l.code, r.code) "
            f"FROM {loose} AS l JOIN {settled} AS r USING (key)"
        )
        connection.execute(f"DROP TABLE {loose}; DROP TABLE {settled}")
    joined = (
        f"SELECT f.a, f.b FROM (SELECT DISTINCT a, b FROM {into}_found) AS f "
        f"JOIN {source} AS l ON l.code = a JOIN {source} AS r ON r.code = b WHERE true{other}"
        if apart
        else f"SELECT DISTINCT a, b FROM {into}_found"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {joined}")
    connection.execute(f"DROP TABLE {into}_found")
