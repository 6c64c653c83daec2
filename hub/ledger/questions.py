"""Policies in the ledger, and what kept cross-checks and policies from running."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, func, insert, select

from hub.ledger.crosscheck_tables import policy_run, question_fault
from hub.ledger.opening import Ledger
from hub.ledger.tables import supply_state

Kind = Literal["crosscheck", "policy"]


def delivered(ledger: Ledger) -> frozenset[str]:
    """Supplies of which a batch has moved on."""
    query = select(supply_state.c.supply).where(supply_state.c.batch_id.is_not(None))
    with ledger.reading() as connection:
        return frozenset(connection.execute(query).scalars())


def last_policy_run(ledger: Ledger, policy: str) -> Row[Any] | None:
    """The newest run of a policy; None before the first."""
    query = select(policy_run).where(policy_run.c.policy == policy)
    with ledger.reading() as connection:
        return connection.execute(query.order_by(policy_run.c.place.desc()).limit(1)).one_or_none()


def policy_runs(ledger: Ledger, at: datetime) -> list[Row[Any]]:
    """The last run of every policy until a moment, by name."""
    latest = (
        select(policy_run.c.policy, func.max(policy_run.c.place).label("place"))
        .where(policy_run.c.ran_at <= at.astimezone(UTC))
        .group_by(policy_run.c.policy)
        .subquery()
    )
    same = (policy_run.c.policy == latest.c.policy) & (policy_run.c.place == latest.c.place)
    query = select(policy_run).join(latest, same).order_by(policy_run.c.policy)
    with ledger.reading() as connection:
        return list(connection.execute(query))


def enter_policy_run(
    ledger: Ledger,
    run_id: str,
    policy: str,
    dataset: str,
    place: int,
    version: str,
    inputs: Mapping[str, str],
    as_of: date,
    counts: Mapping[str, int],
    uri: str,
    sha256: str,
    now: Callable[[], datetime],
) -> None:
    """Enter a run; what kept the policy from running before is forgotten."""
    with ledger.writing() as connection:
        connection.execute(
            insert(policy_run).values(
                id=run_id,
                policy=policy,
                dataset=dataset,
                place=place,
                version=version,
                inputs=dict(inputs),
                as_of=as_of,
                counts=dict(counts),
                uri=uri,
                sha256=sha256,
                ran_at=now(),
            )
        )
        connection.execute(_fault("policy", policy))


def note_fault(
    ledger: Ledger, kind: Kind, name: str, message: str, now: Callable[[], datetime]
) -> None:
    """Note why a question could not be asked, in place of what was noted before."""
    with ledger.writing() as connection:
        connection.execute(_fault(kind, name))
        connection.execute(
            insert(question_fault).values(kind=kind, name=name, message=message, at=now())
        )


def forget_fault(ledger: Ledger, kind: Kind, name: str) -> None:
    """Forget why a question could not be asked: now it could, or it waits for what it reads."""
    with ledger.writing() as connection:
        connection.execute(_fault(kind, name))


def faults(ledger: Ledger, kind: Kind) -> dict[str, str]:
    """Name -> why it could not be asked when it was tried last."""
    query = select(question_fault).where(question_fault.c.kind == kind)
    with ledger.reading() as connection:
        return {row.name: row.message for row in connection.execute(query)}


def _fault(kind: Kind, name: str) -> Any:
    return delete(question_fault).where(
        question_fault.c.kind == kind, question_fault.c.name == name
    )
