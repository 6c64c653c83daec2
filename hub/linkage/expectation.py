"""Expectation maximisation (Dempster, Laird, Rubin 1977) of what matches agree in.

Chance (u) is known from random pairs and the pairs are those that blocking found, so that only the
agreement of matches (m) and their number are to be estimated. Three things keep it sound where data
are few or odd: every m leans on what its kind promises, two profiles of supplies that hold each
entity once compete for each other, and a better level never speaks less for a match than a worse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from hub.linkage.model import Level, Model, Trained

LEANING = 20.0  # matches that what a kind promises counts for
ROUNDS = 40
SETTLED = 1e-4
FEW = 10.0  # expected matches below which nothing is learnt

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """The pairs found by blocking: levels (pairs × fields), rareness, and who competes."""

    levels: NDArray[np.int8]
    rareness: Floats  # bits that term frequencies add to a pair
    rivals_a: NDArray[np.int64]  # group of pairs of which one at most is a match; -1: no group
    rivals_b: NDArray[np.int64]

    @staticmethod
    def read(connection: DuckDBPyConnection, model: Model, pairs: str, prepared: str) -> Evidence:
        """Read weighed pairs, in the order of their codes."""
        fields = [field for field, _ in model.compared]
        columns = ", ".join(f"g{f.place}" for f in fields)
        added = " + ".join(f"coalesce(w.t{f.place}, 0)" for f in fields)
        found = connection.execute(
            f"SELECT {columns}, {added} AS rareness, "
            "CASE WHEN l.once > 0 AND r.once > 0 THEN hash(a, r.once) // 2 END AS rivals_a, "
            "CASE WHEN l.once > 0 AND r.once > 0 THEN hash(b, l.once) // 2 END AS rivals_b "
            f"FROM {pairs} AS w JOIN {prepared} AS l ON l.code = a JOIN {prepared} AS r ON r.code = b "
            "ORDER BY a, b"
        ).fetchnumpy()
        levels = np.column_stack([np.asarray(found[f"g{f.place}"], dtype=np.int8) for f in fields])
        return Evidence(
            levels,
            np.asarray(found["rareness"], dtype=np.float64),
            _groups(found["rivals_a"]),
            _groups(found["rivals_b"]),
        )


def _groups(values: np.ma.MaskedArray) -> NDArray[np.int64]:  # type: ignore[type-arg]
    missing = np.ma.getmaskarray(values)
    _, groups = np.unique(np.ma.getdata(values), return_inverse=True)
    return np.where(missing, -1, groups).astype(np.int64)


def fit(model: Model, evidence: Evidence, comparable: float) -> Model:
    """The model with m and prior estimated from pairs out of `comparable` possible ones."""
    if not len(evidence.levels):
        return model
    fields = [trained for _, trained in model.compared]
    promised = [_shares(trained, "m") for trained in fields]
    chance = [_shares(trained, "u") for trained in fields]
    agree = [m.copy() for m in promised]
    prior = model.prior
    expected = 0.0
    for _ in range(ROUNDS):
        matches = _matches(evidence, agree, chance, prior)
        before, expected = expected, float(matches.sum())
        prior = min(max(expected, 1.0) / comparable, 0.5)
        if expected < FEW:
            break
        agree = [
            _agreement(evidence.levels[:, place], matches, promised[place], chance[place])
            for place in range(len(fields))
        ]
        if abs(expected - before) < SETTLED * max(expected, 1.0):
            break
    learnt = iter(_with_shares(t, m) for t, m in zip(fields, agree, strict=True))
    every = tuple(next(learnt) if trained.speaks else trained for trained in model.fields)
    method = "em" if expected >= FEW else "prior"
    return replace(model, fields=every, prior=prior, method=method)


def _shares(trained: Trained, which: str) -> Floats:
    """m or u by the number of the level, 0 first."""
    return np.array([getattr(level, which) for level in reversed(trained.levels)])


def _with_shares(trained: Trained, m: Floats) -> Trained:
    levels = tuple(Level(level.value, float(m[level.value]), level.u) for level in trained.levels)
    return replace(trained, levels=levels)


def _matches(evidence: Evidence, agree: list[Floats], chance: list[Floats], prior: float) -> Floats:
    """How likely each pair is a match; rivals share one match among them."""
    weight = evidence.rareness + np.log2(prior / (1 - prior))
    for place, (m, u) in enumerate(zip(agree, chance, strict=True)):
        bits = np.append(np.log2(m / u), 0.0)  # the last place stands for level -1
        weight = weight + bits[evidence.levels[:, place]]
    odds = np.exp2(np.clip(weight, -60, 60))
    most = np.zeros_like(odds)
    for rivals in (evidence.rivals_a, evidence.rivals_b):
        grouped = rivals >= 0
        sums = np.bincount(rivals[grouped], odds[grouped]) if grouped.any() else np.zeros(1)
        most = np.maximum(most, np.where(grouped, sums[np.maximum(rivals, 0)], odds))
    shared: Floats = odds / (1 + most)
    return shared


def _agreement(levels: NDArray[np.int8], matches: Floats, promised: Floats, u: Floats) -> Floats:
    there = levels >= 0
    seen = np.bincount(levels[there], matches[there], minlength=len(promised))
    m = (seen + LEANING * promised) / (seen.sum() + LEANING)
    return _rising(m, u)


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
    return pooled / pooled.sum()
