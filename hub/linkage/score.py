"""Finds the pairs of profiles worth a look and says how likely each is one entity."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage.model import Model
from hub.linkage.specification import Specification


def score(
    connection: DuckDBPyConnection,
    spec: Specification,
    model: Model,
    profiles: str,
    least: float | None = None,
) -> None:
    """Create temp table `pair` (a UBIGINT, b UBIGINT, weight, probability, level_<field> TINYINT…).

    `a` < `b`; at least one side is loose; only pairs of probability `least` (default: the
    specification's `review`) or more. `profiles` is as for `estimate`. A level is -1 where there
    is nothing to compare, 0 where the values differ, and more the better they agree; `tf_<field>`
    is what the rareness of an agreeing value adds to its weight.
    """
    raise NotImplementedError
