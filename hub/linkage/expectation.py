"""Expectation maximisation (Dempster, Laird, Rubin 1977) of what matches agree in.

Chance (u) is known from random pairs and the pairs are those that blocking found, so that only the
agreement of matches (m) and their number are to be estimated. Three things keep it sound where data
are few or odd: every m leans on what its kind promises, two profiles of supplies that hold each
entity once compete for each other, and a better level never speaks less for a match than a worse.

Besides matches and strangers there are kin: members of one household, branches of one firm, papers
of one author. They share some fields as a match does and are by chance equal in the others. Without
them a surname, an address and a phone in common would add up to a match. `shared` is, per field,
how often kin share it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from hub.linkage.model import Level, Model, Trained
from schemas.linkage import Kind

LEANING = 20.0  # matches that what a kind promises counts for
KIN_LEANING = 50.0
DOUBT = 0.1  # of what a kind promises: matches differ at least so often, whatever was seen
NAMING = (0.02, 0.04)  # how often kin share the name proper: usually, at most
ROUNDS = 40
SETTLED = 1e-4
FEW = 10.0  # expected matches below which nothing is learnt

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """The pairs found by blocking: levels (pairs × fields), rareness, and who competes."""

    levels: NDArray[np.int8]
    rareness: Floats  # bits that term frequencies add (pairs × fields)
    rivals_a: NDArray[np.int64]  # group of pairs of which one at most is a match; -1: no group
    rivals_b: NDArray[np.int64]

    @staticmethod
    def read(connection: DuckDBPyConnection, model: Model, pairs: str, prepared: str) -> Evidence:
        """Read weighed pairs, in the order of their codes."""
        places = [field.place for field, _ in model.compared]
        columns = ", ".join(f"g{n}, coalesce(w.t{n}, 0) AS r{n}" for n in places)
        found = connection.execute(
            f"SELECT {columns}, "
            "CASE WHEN l.once > 0 AND r.once > 0 THEN hash(a, r.once) // 2 END AS rivals_a, "
            "CASE WHEN l.once > 0 AND r.once > 0 THEN hash(b, l.once) // 2 END AS rivals_b "
            f"FROM {pairs} AS w JOIN {prepared} AS l ON l.code = a "
            f"JOIN {prepared} AS r ON r.code = b ORDER BY a, b"
        ).fetchnumpy()
        return Evidence(
            np.column_stack([np.asarray(found[f"g{n}"], dtype=np.int8) for n in places]),
            np.column_stack([np.asarray(found[f"r{n}"], dtype=np.float64) for n in places]),
            _groups(found["rivals_a"]),
            _groups(found["rivals_b"]),
        )


def _groups(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    missing = np.ma.getmaskarray(values)
    _, groups = np.unique(np.ma.getdata(values), return_inverse=True)
    return np.where(missing, -1, groups).astype(np.int64)


def fit(model: Model, evidence: Evidence, comparable: float) -> Model:
    """The model with m, kin and prior estimated from pairs out of `comparable` possible ones."""
    if not len(evidence.levels):
        return model
    fields = [trained for _, trained in model.compared]
    promised = [_shares(trained, "m") for trained in fields]
    chance = [_shares(trained, "u") for trained in fields]
    agree = [m.copy() for m in promised]
    usual, most, names = kinship(model)
    shared = usual.copy()
    prior, kin, expected = model.prior, model.prior, 0.0
    for _ in range(ROUNDS):
        bits = _bits(evidence, agree, chance)
        share = _shared_odds(bits, shared)
        odds = np.exp2(np.clip(bits.sum(axis=1), -60, 60)) * prior
        related = np.exp2(np.clip(np.log2(share).sum(axis=1), -60, 60)) * kin
        matches = _compete(evidence, odds / (1 + related))
        relatives = (1 - matches) * related / (1 + related)
        before, expected = expected, float(matches.sum())
        prior = min(max(expected, 1.0) / comparable, 0.5)
        kin = min(max(float(relatives.sum()), 0.5) / comparable, 0.5)
        if expected < FEW:
            break
        agree = [
            _agreement(evidence.levels[:, place], matches, promised[place], chance[place])
            for place in range(len(fields))
        ]
        like = shared * np.exp2(np.clip(bits, -60, 60)) / share
        there = np.where(evidence.levels >= 0, relatives[:, None], 0.0)
        shared = ((like * there).sum(axis=0) + KIN_LEANING * usual) / (
            there.sum(axis=0) + KIN_LEANING
        )
        shared = np.minimum(shared, most)
        if names is not None:
            # Of several names of a person the one that kin share least is the person's own.
            own = min(names, key=lambda n: shared[n])
            usual[own], most[own], names = *NAMING, None
            shared[own] = NAMING[0]
        if abs(expected - before) < SETTLED * max(expected, 1.0):
            break
    learnt = iter(
        replace(_with_shares(t, m), shared=float(s))
        for t, m, s in zip(fields, agree, shared, strict=True)
    )
    every = tuple(next(learnt) if trained.speaks else trained for trained in model.fields)
    method = "em" if expected >= FEW else "prior"
    return replace(model, fields=every, prior=prior, kin=kin, method=method)


def kinship(model: Model) -> tuple[Floats, Floats, list[int] | None]:
    """How often kin usually share each field, how often at most, and the names to choose from.

    What names an entity is not kin's: its date and numbers, and the name or title that says most.
    Of several names of a person, one is the family's; which one, the data tell.
    """
    compared = model.compared
    usual = np.array([_KIN[field.kind][0] for field, _ in compared])
    most = np.array([_KIN[field.kind][1] for field, _ in compared])
    names = [n for n, (field, _) in enumerate(compared) if field.kind == "person_name"]
    titles = [n for n, (f, _) in enumerate(compared) if f.kind in ("organisation_name", "text")]
    if titles:
        naming = min(titles, key=lambda n: compared[n][1].levels[0].u)
        usual[naming], most[naming] = NAMING
    elif len(names) == 1:
        usual[names[0]], most[names[0]] = NAMING
    elif names:
        return usual, most, names
    return usual, most, None


_KIN: dict[Kind, tuple[float, float]] = {
    "person_name": (0.3, 0.95),
    "organisation_name": (0.3, 0.9),
    "identifier": (0.01, 0.03),
    "date": (0.01, 0.03),
    "address": (0.7, 0.98),
    "phone": (0.4, 0.95),
    "code": (0.5, 0.98),
    "number": (0.3, 0.9),
    "text": (0.4, 0.95),
}


def _shares(trained: Trained, which: str) -> Floats:
    """m or u by the number of the level, 0 first."""
    return np.array([getattr(level, which) for level in reversed(trained.levels)])


def _with_shares(trained: Trained, m: Floats) -> Trained:
    levels = tuple(Level(level.value, float(m[level.value]), level.u) for level in trained.levels)
    return replace(trained, levels=levels)


def _bits(evidence: Evidence, agree: list[Floats], chance: list[Floats]) -> Floats:
    """What each field of each pair weighs."""
    bits = evidence.rareness.copy()
    for place, (m, u) in enumerate(zip(agree, chance, strict=True)):
        worth = np.append(np.log2(m / u), 0.0)  # the last place stands for level -1
        bits[:, place] += worth[evidence.levels[:, place]]
    return bits


def _shared_odds(bits: Floats, shared: Floats) -> Floats:
    """How much more likely kin show this than strangers, by field."""
    odds: Floats = 1 + shared * (np.exp2(np.clip(bits, -60, 60)) - 1)
    return odds


def _compete(evidence: Evidence, odds: Floats) -> Floats:
    """How likely each pair is a match; rivals share one match among them."""
    most = np.zeros_like(odds)
    for rivals in (evidence.rivals_a, evidence.rivals_b):
        grouped = rivals >= 0
        sums = np.bincount(rivals[grouped], odds[grouped]) if grouped.any() else np.zeros(1)
        most = np.maximum(most, np.where(grouped, sums[np.maximum(rivals, 0)], odds))
    likely: Floats = odds / (1 + most)
    return likely


def _agreement(levels: NDArray[np.int8], matches: Floats, promised: Floats, u: Floats) -> Floats:
    there = levels >= 0
    seen = np.bincount(levels[there], matches[there], minlength=len(promised))
    m = (seen + LEANING * promised) / (seen.sum() + LEANING)
    m[0] = max(m[0], DOUBT * promised[0])
    return _rising(m / m.sum(), u)


def _rising(m: Floats, u: Floats) -> Floats:
    """Pool neighbouring levels until m / u rises with the level (pool adjacent violators)."""
    pools: list[list[float]] = []  # m, u, levels
    for one, other in zip(m, u, strict=True):
        pools.append([one, other, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    ratios = [pool[0] / pool[1] for pool in pools for _ in range(int(pool[2]))]
    pooled: Floats = np.array(ratios) * u
    return np.asarray(pooled / pooled.sum(), dtype=np.float64)
