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
    listed, different = _row(
        connection,
        "SELECT count(*), count(DISTINCT (kind, entity_id, other_entity_id, field, supply, "
        "source_key)) FROM discrepancy",
    )
    yield "every discrepancy is listed once", listed, different
    counted = ", ".join(f"count({g.value}), count({g.origin})" for g in plan.fed)
    found = _row(connection, f"SELECT {counted} FROM gold") if counted else ()
    for golden, values, origins in zip(plan.fed, found[::2], found[1::2], strict=True):
        yield f"field {golden.field.name} has an origin where it has a value", values, origins


def _row(connection: DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(int(number) for number in row)
