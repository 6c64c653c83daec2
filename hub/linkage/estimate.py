"""Estimates a model without labels: chance from random pairs, agreement of matches by EM."""

from __future__ import annotations

from dataclasses import replace

from duckdb import DuckDBPyConnection

from hub.linkage.blocks import find_pairs
from hub.linkage.expectation import Evidence, fit
from hub.linkage.frequencies import count_values, count_words, equal_by_chance, rarest_word
from hub.linkage.levels import agreements
from hub.linkage.model import Level, Model, Trained, keep
from hub.linkage.prepare import canonical_sql, prepare
from hub.linkage.rules import choose_rules, list_stops
from hub.linkage.specification import Specification
from hub.linkage.weigh import weigh
from hub.store import Store

RANDOM_PAIRS = 400_000
LOOSE = 10_000  # loose profiles that the estimation looks at; more teach it nothing new
SEED = 20240502


def estimate(
    connection: DuckDBPyConnection,
    spec: Specification,
    profiles: str,
    store: Store,
    trained_on: str = "",
) -> Model:
    """Estimate a model from `profiles` and keep it in the store, under `models/<dataset>/…`.

    `profiles` names a relation (code UBIGINT, loose BOOLEAN, once UBIGINT, <golden fields>); `once`
    has a bit for each supply that holds every entity once and has rows in the profile, so two
    profiles that share a bit are two entities (0 or no such column: nothing is known).
    """
    once = "once" in [name for name, *_ in connection.execute(f"DESCRIBE {profiles}").fetchall()]
    canonical = canonical_sql(spec.fields, profiles, once)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE linkage_canonical AS {canonical}")
    (rows,) = connection.execute("SELECT count(*) FROM linkage_canonical").fetchone() or (0,)
    count_values(connection, spec, "linkage_canonical")
    count_words(connection, spec, "linkage_canonical")
    rules = choose_rules(connection, spec, "linkage_canonical", rows)
    list_stops(connection, spec, rules, "linkage_canonical")
    model = _untrained(connection, spec, rules, rows, trained_on)
    if model.compared and rows > 1:
        model = _train(connection, model, rows)
    connection.execute("DROP TABLE linkage_canonical")
    return keep(connection, store, model)


def _untrained(
    connection: DuckDBPyConnection,
    spec: Specification,
    rules: tuple[str, ...],
    rows: int,
    trained_on: str,
) -> Model:
    """The built-in model: what kinds promise, and how often values are equal by chance."""
    fields = []
    for field in spec.fields:
        filled, values, chance = equal_by_chance(connection, field, "linkage_canonical")
        levels = agreements(spec, field)
        chance = min(max(chance, 0.5 / max(filled, 1) ** 2, 1e-9), 0.99)
        other = [chance, *(_BY_CHANCE[: len(levels) - 2])]
        spare = max(1 - sum(other), 0.01)
        shares = [*other, spare]
        total = sum(shares)
        fields.append(
            Trained(
                field=field.field,
                levels=tuple(
                    Level(len(levels) - 1 - place, level.m, shares[place] / total)
                    for place, level in enumerate(levels)
                ),
                rarest=1 / max(filled, 2),
                rarest_word=rarest_word(filled),
                speaks=values > 1,
            )
        )
    prior = min(1 / max(rows, 2), 0.1)
    uri = f"models/{spec.dataset}/{spec.digest}"
    return Model(uri, spec, prior, 0.0, tuple(fields), rows, rules, "prior", trained_on)


_BY_CHANCE = (0.002, 0.005, 0.01, 0.02, 0.02)
"""Shares of the levels below equality among unrelated pairs, where none were seen."""


def _train(connection: DuckDBPyConnection, model: Model, rows: int) -> Model:
    spec = model.specification
    share = min(1.0, LOOSE / max(_count(connection, "linkage_canonical WHERE loose"), 1))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_thinned AS SELECT * REPLACE "
        f"(loose AND hash(code, 7) % 1000000 < {int(share * 1000000)} AS loose) "
        "FROM linkage_canonical"
    )
    find_pairs(connection, spec, model.rules, "linkage_thinned", "linkage_found")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_near AS SELECT a, b FROM linkage_found "
        "JOIN linkage_thinned AS l ON l.code = a JOIN linkage_thinned AS r ON r.code = b "
        "WHERE (l.once & r.once) = 0"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_row AS "
        "SELECT code, once, row_number() OVER (ORDER BY code) - 1 AS row FROM linkage_thinned"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_drawn AS SELECT "
        f"CAST(hash(range, {SEED}) % {rows} AS BIGINT) AS x, "
        f"CAST(hash(range, {SEED + 1}) % {rows} AS BIGINT) AS y "
        f"FROM range({min(RANDOM_PAIRS, rows * rows)})"
    )
    connection.execute(
        # Joined first and filtered after: the engine would begin with all pairs that are unequal.
        "CREATE OR REPLACE TEMP TABLE linkage_met AS "
        "SELECT l.code AS one, r.code AS other, l.once AS left_once, r.once AS right_once "
        "FROM linkage_drawn "
        "JOIN linkage_row AS l ON l.row = x JOIN linkage_row AS r ON r.row = y"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_random AS "
        "SELECT DISTINCT least(one, other) AS a, greatest(one, other) AS b FROM linkage_met "
        "WHERE one <> other AND (left_once & right_once) = 0"
    )
    needed = "SELECT a FROM linkage_near UNION SELECT b FROM linkage_near"
    needed += " UNION SELECT a FROM linkage_random UNION SELECT b FROM linkage_random"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_needed AS FROM linkage_canonical "
        f"WHERE code IN ({needed})"
    )
    prepare(connection, model, "linkage_needed", "linkage_prepared")
    weigh(connection, model, "linkage_prepared", "linkage_random", "linkage_chance")
    model = _with_chance(connection, model)
    weigh(connection, model, "linkage_prepared", "linkage_near", "linkage_near_weighed")
    evidence = Evidence.read(connection, model, "linkage_near_weighed", "linkage_prepared")
    model = fit(model, evidence, _comparable(connection))
    for name in (
        "thinned",
        "found",
        "near",
        "row",
        "drawn",
        "met",
        "random",
        "needed",
        "prepared",
        "chance",
        "near_weighed",
    ):
        connection.execute(f"DROP TABLE IF EXISTS linkage_{name}")
    return model


def _count(connection: DuckDBPyConnection, relation: str) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {relation}").fetchone() or (0,)
    return int(rows)


def _comparable(connection: DuckDBPyConnection) -> float:
    """How many pairs with a loose side may be one entity at all."""
    masks = connection.execute(
        "SELECT once, count(*) FILTER (loose), count(*) FILTER (NOT loose) "
        "FROM linkage_thinned GROUP BY once"
    ).fetchall()
    pairs = 0.0
    for place, (once, loose, settled) in enumerate(masks):
        if once == 0:
            pairs += loose * (loose - 1) / 2 + loose * settled
        for other, others_loose, others_settled in masks[place + 1 :]:
            if once & other == 0:
                pairs += loose * others_loose + loose * others_settled + settled * others_loose
    return max(pairs, 1.0)


def _with_chance(connection: DuckDBPyConnection, model: Model) -> Model:
    """The shares of levels among random pairs; equality is counted, not drawn by lot."""
    fields = []
    for field, trained in zip(model.specification.fields, model.fields, strict=True):
        if not trained.speaks:
            fields.append(trained)
            continue
        counts = dict(
            connection.execute(
                f"SELECT g{field.place}, count(*) FROM linkage_chance "
                f"WHERE g{field.place} >= 0 GROUP BY ALL"
            ).fetchall()
        )
        total = sum(counts.values())
        equal = trained.levels[0].u
        rest = [counts.get(level.value, 0) + 0.5 for level in trained.levels[1:]]
        scale = (1 - equal) / sum(rest)
        levels = (
            trained.levels[0],
            *(
                replace(level, u=share * scale)
                for level, share in zip(trained.levels[1:], rest, strict=True)
            ),
        )
        fields.append(replace(trained, levels=levels if total >= 50 else trained.levels))
    return replace(model, fields=tuple(fields))
