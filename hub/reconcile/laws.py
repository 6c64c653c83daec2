"""The laws of the room, each one query; a broken one stops the release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from duckdb import DuckDBPyConnection

from hub.errors import IntegrityError
from hub.reconcile.plan import Plan


def check_laws(connection: DuckDBPyConnection, plan: Plan, counts: dict[str, int]) -> None:
    """Raise `IntegrityError` naming the first law that does not hold; no file is written yet."""
    _hold(plan, _laws(connection, plan, counts))


def check_written(plan: Plan, counts: dict[str, int], written: dict[str, int]) -> None:
    """Raise `IntegrityError` when a file does not hold as many rows as it must."""
    _hold(
        plan,
        [
            ("every row read is linked once", written["links"], counts["linked"]),
            ("golden rows are entities", written["golden"], counts["entities"]),
            ("every golden row has its lineage", written["lineage"], counts["entities"]),
        ],
    )


def _hold(plan: Plan, laws: Iterable[tuple[str, int, int]]) -> None:
    for law, found, expected in laws:
        if found != expected:
            raise IntegrityError(
                f"dataset {plan.dataset.name}: {law}: expected {expected}, found {found}"
            )


def _laws(
    connection: DuckDBPyConnection, plan: Plan, counts: dict[str, int]
) -> Iterator[tuple[str, int, int]]:
    yield "every input row is read", counts["linked"], counts["rows"] - counts["excluded"]
    yield (
        "every discrepancy is listed once",
        *_pair(
            connection,
            "SELECT count(*), count(DISTINCT (kind, entity_id, other_entity_id, field, supply, "
            "source_key)) FROM discrepancy",
        ),
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
