"""Estimates a model without labels."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage.model import Model
from hub.linkage.specification import Specification
from hub.store import Store


def estimate(
    connection: DuckDBPyConnection,
    spec: Specification,
    profiles: str,
    labelled: str | None,
    store: Store,
    trained_on: str = "",
) -> Model:
    """Estimate a model from `profiles` and keep it in the store, under `models/<dataset>/…`.

    `profiles` names a relation (code UBIGINT, loose BOOLEAN, once UBIGINT, <golden fields>); `once`
    has a bit for each supply that holds every entity once and has rows in the profile, so two
    profiles that share a bit are two entities (0: none). `labelled` names a relation
    (pair UBIGINT, side UTINYINT, <golden fields>) of two rows each that are known to be one entity.
    """
    raise NotImplementedError
