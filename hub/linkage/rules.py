"""Chooses the blocking rules of a model: much recall for little work, even where data are dirty.

Matches are played through by lot (with a fixed seed): each value of a match is equal, mistyped in
one place, different or missing. A rule is worth the matches that it would find and no chosen rule
does, for the profiles that it makes to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from hub.linkage.atoms import ATOMS, STATES
from hub.linkage.blocks import EVERYTHING, Atoms, keys_sql, parts, take_atoms, texts_sql
from hub.linkage.specification import Compared, Specification

ALL_PAIRS = 200_000  # so many pairs are compared without any blocking
BLOCK = 150  # profiles; a key with more is over-frequent and makes no block
RULES = 16
PARTNERS = 200.0  # that all rules together may give one profile to be compared with
SAMPLE = 20_000  # profiles that rules are tried on
PLAYED = 4000
LEAST = 0.002  # share of matches that a rule must find anew to be worth its keep
DEAR = 0.00015  # … for each profile that it makes one profile to be compared with
MANY = 200_000  # profiles; among more than these a comparison is dearer, up to four times
SEED = 20240501


@dataclass(frozen=True)
class Tried:
    """One rule tried on the data."""

    rule: str
    partners: float  # that one profile gets on average
    reach: float  # share of profiles with a key that is not over-frequent


def choose_rules(
    connection: DuckDBPyConnection, spec: Specification, source: str, profiles: int
) -> tuple[str, ...]:
    """The rules for `profiles` profiles whose canonical values are in `source`."""
    own = tuple(" ".join(f"{name}:same" for name in names) for names in spec.blocking)
    if profiles * (profiles - 1) // 2 <= ALL_PAIRS:
        return (EVERYTHING,)
    fields = [f for f in spec.fields if _varies(connection, f, source)]
    sample = "linkage_sample"
    share = min(1.0, SAMPLE / profiles)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {sample} AS FROM {source} "
        f"WHERE hash(code) % 1000000 < {int(share * 1000000)}"
    )
    lasting = _play(connection, fields, sample)
    columns = take_atoms(connection, list(lasting), sample, f"{sample}_atoms")
    tried: dict[tuple[str, ...], Tried] = {
        (name,): _try(connection, spec, (name,), columns, sample, share) for name in columns
    }
    alone = {
        rule for (rule,), result in tried.items() if result.partners <= 4 and result.reach > 0.5
    }
    for one, two in combinations(list(lasting), 2):
        names = (f"{one[0].field}:{one[1]}", f"{two[0].field}:{two[1]}")
        if one[0] == two[0] or names[0] in alone or names[1] in alone:
            continue
        together = tried[names[:1]].partners * tried[names[1:]].partners / max(profiles, 1)
        if together <= BLOCK:
            tried[names] = _try(connection, spec, names, columns, sample, share)
    atoms = {f"{field.field}:{atom}": mask for (field, atom), mask in lasting.items()}
    dear = DEAR * min(max(profiles / MANY, 1.0), 4.0)
    chosen = _greedy(tried, atoms, dear)
    connection.execute(f"DROP TABLE {sample}; DROP TABLE {sample}_atoms")
    return tuple(dict.fromkeys([*own, *chosen]))


def _varies(connection: DuckDBPyConnection, field: Compared, source: str) -> bool:
    (values,) = connection.execute(
        f"SELECT approx_count_distinct(p{field.place}) FROM {source}"
    ).fetchone() or (0,)
    return bool(values > 1)


def _play(
    connection: DuckDBPyConnection, fields: list[Compared], sample: str
) -> dict[tuple[Compared, str], NDArray[np.bool_]]:
    """Per atom: in which of the matches played through it lasts."""
    lots = np.random.default_rng(SEED)
    lasting: dict[tuple[Compared, str], NDArray[np.bool_]] = {}
    for field in fields:
        (filled,) = connection.execute(
            f"SELECT count(p{field.place}) / greatest(count(*), 1) FROM {sample}"
        ).fetchone() or (0.0,)
        state, place, luck = lots.random(PLAYED), lots.random(PLAYED), lots.random(PLAYED)
        there = lots.random(PLAYED) < filled * min(1.0, filled + 0.1)
        equal, mistyped = STATES[field.kind]
        for atom in ATOMS[field.kind]:
            start, end = atom.parts
            outlives = (place < start) | (place > end) | (luck < atom.luck)
            typo = (state < equal + mistyped) & outlives
            lasting[(field, atom.name)] = there & ((state < equal) | typo)
    return lasting


def _try(
    connection: DuckDBPyConnection,
    spec: Specification,
    names: tuple[str, ...],
    atoms: Atoms,
    sample: str,
    share: float,
) -> Tried:
    limit = max(BLOCK * share, 2)
    rule = " ".join(names)
    rows, within, reach = connection.execute(
        f"SELECT (SELECT count(*) FROM {sample}), "
        f"coalesce(sum(n * (n - 1.0)) FILTER (n <= {limit}), 0), "
        f"coalesce(sum(n) FILTER (n <= {limit}), 0) / greatest(coalesce(sum(n), 0), 1) "
        f"FROM (SELECT count(*) AS n FROM ({keys_sql(spec, rule, atoms, f'{sample}_atoms')}) "
        "GROUP BY key)"
    ).fetchone() or (0, 0.0, 0.0)
    return Tried(rule, float(within) / max(rows, 1) / share, float(reach))


def _greedy(
    tried: dict[tuple[str, ...], Tried], atoms: dict[str, NDArray[np.bool_]], dear: float
) -> list[str]:
    lots = np.random.default_rng(SEED)
    finds = {
        names: np.logical_and.reduce([atoms[name] for name in names])
        & (lots.random(PLAYED) < result.reach)
        for names, result in tried.items()
    }
    found = np.zeros(PLAYED, dtype=int)
    chosen: list[str] = []
    spent = 0.0
    while len(chosen) < RULES:
        best, worth = None, 0.0
        for names, result in tried.items():
            if result.rule in chosen or spent + result.partners > PARTNERS:
                continue
            # A match found by one rule alone may still be missed: finding it twice is worth less.
            gain = float(
                np.sum(finds[names] * np.where(found == 0, 1.0, np.where(found == 1, 0.3, 0.0)))
            )
            value = gain / (result.partners + 8)
            if gain >= max(LEAST, dear * result.partners) * PLAYED and value > worth:
                best, worth = names, value
        if best is None:
            return chosen
        chosen.append(tried[best].rule)
        spent += tried[best].partners
        found += finds[best]
    return chosen


def list_stops(
    connection: DuckDBPyConnection, spec: Specification, rules: tuple[str, ...], source: str
) -> None:
    """Create `linkage_stop` (rule, texts): the over-frequent keys of each rule, as text."""
    connection.execute("CREATE OR REPLACE TEMP TABLE linkage_stop (rule INTEGER, texts VARCHAR[])")
    if rules == (EVERYTHING,):
        return
    named = [part for rule in rules for part in parts(spec, rule)]
    atoms = take_atoms(connection, named, source, "linkage_atoms")
    for number, rule in enumerate(rules):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE linkage_often AS SELECT key, min(code) AS code "
            f"FROM ({keys_sql(spec, rule, atoms, 'linkage_atoms')}) "
            f"GROUP BY key HAVING count(*) > {BLOCK}"
        )
        rows = f"{source} WHERE code IN (SELECT code FROM linkage_often)"
        connection.execute(
            f"INSERT INTO linkage_stop SELECT {number}, texts "
            f"FROM ({texts_sql(spec, rule, rows)}) SEMI JOIN linkage_often USING (key)"
        )
    connection.execute("DROP TABLE linkage_often; DROP TABLE linkage_atoms")
