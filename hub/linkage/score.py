"""Finds the pairs of profiles worth a look and says how likely each is one entity."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage.blocks import fields_of, find_pairs
from hub.linkage.model import Model, open_frequencies
from hub.linkage.prepare import canonical_sql, prepare
from hub.linkage.specification import Specification
from hub.linkage.weigh import weigh
from hub.store import Store, identifier


def score(
    connection: DuckDBPyConnection,
    spec: Specification,
    model: Model,
    profiles: str,
    store: Store,
    least: float | None = None,
) -> None:
    """Create temp table `pair` (a UBIGINT, b UBIGINT, weight, probability, level_<field> TINYINT…).

    `a` < `b`; at least one side is loose; only pairs of probability `least` (default: the
    specification's `review`) or more. `profiles` is as for `estimate`. A level is -1 where there
    is nothing to compare, 0 where the values differ, and more the better they agree; `tf_<field>`
    is what the rareness of an agreeing value adds to its weight.
    """
    if not model.compared:  # nothing tells two profiles apart: no pair is worth a look
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE pair "
            "(a UBIGINT, b UBIGINT, weight DOUBLE, probability DOUBLE)"
        )
        return
    open_frequencies(connection, store, model)
    blocked = fields_of(spec, model.rules)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE linkage_blocked AS {canonical_sql(blocked, profiles, False)}"
    )
    find_pairs(connection, spec, model.rules, "linkage_blocked", "linkage_near")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_needed AS "
        f"{canonical_sql(spec.fields, profiles, False)} WHERE code IN "
        "(SELECT a FROM linkage_near UNION SELECT b FROM linkage_near)"
    )
    prepare(connection, model, "linkage_needed", "linkage_prepared")
    floor = spec.review if least is None else least
    weigh(connection, model, "linkage_prepared", "linkage_near", "linkage_weighed", floor or None)
    named = "".join(
        f", g{f.place} AS {identifier('level_' + f.field)}, "
        f"t{f.place} AS {identifier('tf_' + f.field)}"
        for f, _ in model.compared
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE pair AS SELECT a, b, weight, probability{named} "
        "FROM linkage_weighed"
    )
    for name in ("blocked", "near", "needed", "prepared", "weighed"):
        connection.execute(f"DROP TABLE linkage_{name}")
