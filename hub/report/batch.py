"""The report of one batch."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from hub.errors import NotFound
from hub.ledger.deliveries import Delivery, deliveries, details_of
from hub.ledger.measures import Scope, counted
from hub.opened import Hub
from hub.report.document import Document, Point, Words
from hub.report.parts import point
from hub.report.period import ZONE, written
from hub.report.rules import rule_lines
from hub.report.samples import samples
from hub.report.scorecard import heatmap, scorecard, sums_of
from hub.report.version import hub_version
from hub.report.words import owner_words
from quality.scorecard.configuration import Shelf

TREND = 12  # batches, this one among them


def batch_document(hub: Hub, shelf: Shelf, batch_id: str, made_at: datetime) -> Document:
    """What one batch delivered; raises `NotFound` before it is checked."""
    found = deliveries(hub.ledger, made_at, ids=[batch_id])
    if not found:
        raise NotFound(f"batch {batch_id} does not exist or has not been checked yet")
    delivery = found[0]
    configuration = shelf.in_effect(delivery.as_of.astimezone(ZONE).date())
    scope = Scope(made_at, subjects=(_one(delivery),))
    entries = counted(hub.ledger, scope)
    title = owner_words(hub.catalog, delivery.supply)
    detail = details_of(hub.ledger, [batch_id]).get(batch_id)
    return Document(
        kind="batch",
        id=f"batch:{batch_id}",
        title=Words(f"批次质量报告：{title.zh}", f"Batch quality report: {title.en}"),
        subject=delivery.facts,
        since=None,
        until=None,
        made_at=written(made_at),
        hub_version=hub_version(),
        scorecard=scorecard(sums_of(entries), configuration),
        heatmap=heatmap(hub.catalog, entries, by_field=True),
        rules=rule_lines(hub, scope),
        samples=samples(hub, delivery, detail),
        trend=_trend(hub, shelf, delivery, made_at),
        parts=(),
        discrepancies=(),
        counts=asdict(delivery.counts),
    )


def _one(delivery: Delivery) -> tuple[str, tuple[str, ...]]:
    subject, batch_id = delivery.subject
    return subject, (batch_id,)


def _trend(hub: Hub, shelf: Shelf, delivery: Delivery, made_at: datetime) -> tuple[Point, ...]:
    """The supply's batches up to this one; a replay or answer is no point of its own."""
    earlier = deliveries(
        hub.ledger, delivery.closed_at, until=delivery.as_of, supplies=[delivery.supply]
    )
    some = [d for d in earlier if not d.again and d.batch_id != delivery.batch_id]
    configuration = shelf.in_effect(delivery.as_of.astimezone(ZONE).date())
    points = [
        point(
            hub,
            Scope(made_at, subjects=(_one(d),)),
            configuration,
            d.as_of,
            d.batch_id,
            d.counts.source,
            d.counts.quarantined,
            d.verdict.value,
        )
        for d in [*some[1 - TREND :], delivery]
    ]
    return tuple(p for p in points if p)
