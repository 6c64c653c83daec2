"""The laws of the room, each one query; a broken one stops the release."""

from __future__ import annotations

from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.plan import Plan


def check_laws(connection: DuckDBPyConnection, plan: Plan, counts: dict[str, int]) -> None:
    """Raise `IntegrityError` naming the first law that does not hold."""
    for law, found, expected in _laws(connection, plan, counts):
        if found != expected:
            raise IntegrityError(
                f"dataset {plan.dataset.name}: {law}: expected {expected}, found {found}"
            )


def _laws(
    connection: DuckDBPyConnection, plan: Plan, counts: dict[str, int]
) -> Iterator[tuple[str, int, int]]:
    yield "every input row is linked once", counts["linked"], counts["rows"] - counts["excluded"]
    yield "golden rows are entities", counts["golden"], counts["entities"]
    yield "every discrepancy is listed once", *_pair(
        connection,
        "SELECT count(*), count(DISTINCT (kind, entity_id, other_entity_id, field, supply, "
        "source_key)) FROM discrepancy",
    )
    for golden in plan.fed:
        yield (
            f"field {golden.field.name} has an origin where it has a value",
            *_pair(connection, f"SELECT count({golden.value}), count({golden.origin}) FROM gold"),
        )


def _pair(connection: DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
