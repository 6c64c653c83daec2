"""What stewards decided about links, and the linkage models that they had made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from hub.errors import NotFound
from hub.ledger.audit import Act, note_act
from hub.ledger.entity_tables import link_decision, link_model
from hub.ledger.opening import Ledger
from hub.records import LinkDecision

UNDO = "undo"
ACTS = {
    "confirm": Act.LINK_CONFIRMED,
    "forbid": Act.LINK_FORBIDDEN,
    UNDO: Act.LINK_UNDONE,
}


def add_decision(ledger: Ledger, decision: LinkDecision, now: Callable[[], datetime]) -> datetime:
    """Note a decision for ever; returns its time. Raises `NotFound` for an undo of nothing."""
    with ledger.writing() as connection:
        if decision.undoes is not None:
            undone = connection.execute(
                select(link_decision.c.id).where(
                    link_decision.c.id == decision.undoes,
                    link_decision.c.dataset == decision.dataset,
                )
            ).one_or_none()
            if undone is None:
                raise NotFound(f"there is no decision {decision.undoes} on {decision.dataset}")
        at = now()
        connection.execute(
            insert(link_decision).values(
                id=decision.id,
                dataset=decision.dataset,
                kind=decision.kind,
                undoes=decision.undoes,
                uri=decision.uri,
                sha256=decision.sha256,
                reason=decision.reason,
                by=decision.by,
                at=at,
            )
        )
        told = {"dataset": decision.dataset, "undoes": decision.undoes}
        note_act(
            connection, ACTS[decision.kind], subject=decision.id, by=decision.by, at=at, **told
        )
    return at


def decisions_of(ledger: Ledger, dataset: str | None = None) -> list[LinkDecision]:
    """All decisions, the oldest first."""
    query = select(link_decision).order_by(link_decision.c.at, link_decision.c.id)
    if dataset is not None:
        query = query.where(link_decision.c.dataset == dataset)
    with ledger.reading() as connection:
        return [_decision(row) for row in connection.execute(query)]


def decision_of(ledger: Ledger, decision_id: str) -> LinkDecision:
    """One decision; raises `NotFound`."""
    with ledger.reading() as connection:
        row = connection.execute(
            select(link_decision).where(link_decision.c.id == decision_id)
        ).one_or_none()
    if row is None:
        raise NotFound(f"there is no decision {decision_id}")
    return _decision(row)


def in_effect(decisions: Sequence[LinkDecision]) -> list[LinkDecision]:
    """Decisions on links that nobody took back, the newest first."""
    return [one for one in standing(decisions) if one.kind != UNDO]


def standing(decisions: Sequence[LinkDecision]) -> list[LinkDecision]:
    """Those that nobody took back, undos among them, the newest first.

    An undo that was undone counts no more. What takes back what is said by id alone, so that a
    clock which was set back changes nothing.
    """
    undoing: dict[str, list[LinkDecision]] = {}
    for one in decisions:
        if one.undoes is not None:
            undoing.setdefault(one.undoes, []).append(one)

    def stands(one: LinkDecision) -> bool:
        return not any(stands(other) for other in undoing.get(one.id, ()))

    return [one for one in reversed(decisions) if stands(one)]


def add_model(
    ledger: Ledger, model_id: str, dataset: str, uri: str, sha256: str, by: str,
    now: Callable[[], datetime],
) -> datetime:  # fmt: skip
    """Note a model that somebody had made; the next release uses it."""
    with ledger.writing() as connection:
        at = now()
        connection.execute(
            insert(link_model).values(
                id=model_id, dataset=dataset, uri=uri, sha256=sha256, by=by, at=at
            )
        )
        note_act(connection, Act.MODEL_TRAINED, subject=model_id, by=by, at=at, dataset=dataset)
    return at


def models_of(ledger: Ledger, dataset: str) -> list[Row[Any]]:
    """The models that were made on purpose, the newest first."""
    query = (
        select(link_model)
        .where(link_model.c.dataset == dataset)
        .order_by(link_model.c.at.desc(), link_model.c.id)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query))


def _decision(row: Row[Any]) -> LinkDecision:
    return LinkDecision(
        row.id, row.dataset, row.kind, row.undoes, row.uri, row.sha256, row.reason, row.by, row.at
    )
