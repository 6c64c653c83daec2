"""The report of one release of a dataset."""

from __future__ import annotations

from datetime import datetime

from hub.errors import NotFound
from hub.ledger.deliveries import Delivery, deliveries
from hub.ledger.measures import Scope, counted
from hub.ledger.releases import releases_of
from hub.opened import Hub
from hub.records import MOVES_ON, Release
from hub.report.document import Document, Point, Words
from hub.report.parts import discrepancy_lines, lines, orders_of, point, totals
from hub.report.period import ZONE, written
from hub.report.rules import rule_lines
from hub.report.scorecard import heatmap, scorecard, sums_of
from hub.report.version import hub_version
from hub.report.words import owner_words
from quality.scorecard.configuration import Configuration, Shelf

TREND = 12  # releases, this one among them


def release_document(
    hub: Hub,
    shelf: Shelf,
    dataset: str,
    version: int | None,
    made_at: datetime,
    supplies: tuple[str, ...] | None = None,
) -> Document:
    """One release and the batches that it stands on; raises `NotFound`.

    These are, per supply, the batches that moved on since the release before; of a supply without
    any the newest one. `supplies` names the inputs of a report that is computed again; otherwise
    the manifest does.
    """
    if dataset not in hub.catalog.datasets and not releases_of(hub.ledger, dataset):
        raise NotFound(f"there is no dataset {dataset}")
    known = [r for r in releases_of(hub.ledger, dataset) if r.created_at <= made_at]
    found = [r for r in known if version in (None, r.version)]
    if not found:
        what = f"release {version}" if version is not None else "release yet"
        raise NotFound(f"dataset {dataset} has no {what}")
    release = found[-1]
    names = supplies if supplies is not None else _inputs(hub, release)
    configuration = shelf.in_effect(release.created_at.astimezone(ZONE).date())
    upto = [r for r in known if r.version <= release.version][-TREND - 1 :]  # a span has two ends
    basis = _basis(hub, names, upto)
    scope = _scope(release, basis[-1], made_at)
    entries = counted(hub.ledger, scope)
    title = owner_words(hub.catalog, dataset)
    own = Scope(made_at, subjects=(("release", (_id(release),)),))
    orders = {s: some for s, some in orders_of(hub.ledger, made_at).items() if s in names}
    return Document(
        kind="release",
        id=f"release:{dataset}:{release.version}",
        title=Words(
            f"数据集质量报告：{title.zh} 第 {release.version} 版",
            f"Release quality report: {title.en}, version {release.version}",
        ),
        subject={
            "dataset": dataset,
            "version": str(release.version),
            "created_at": release.created_at.isoformat(),
            "reconciliation": release.reconciliation,
            "supplies": " ".join(names),
        },
        since=None,
        until=None,
        made_at=written(made_at),
        hub_version=hub_version(),
        scorecard=scorecard(sums_of(entries), configuration),
        heatmap=heatmap(hub.catalog, entries, by_field=True),
        rules=rule_lines(hub, scope),
        samples=(),
        trend=_trend(hub, upto, basis, configuration, made_at),
        parts=lines(
            {name: owner_words(hub.catalog, name) for name in names},
            lambda supply: supply,
            basis[-1],
            entries,
            orders,
            configuration,
        ),
        discrepancies=discrepancy_lines(hub, own),
        counts=totals(basis[-1])
        | {
            "rows": release.rows,
            "inserted": release.inserted,
            "updated": release.updated,
            "removed": release.deleted,
        },
    )


def _id(release: Release) -> str:
    return f"{release.dataset}/{release.version}"


def _inputs(hub: Hub, release: Release) -> tuple[str, ...]:
    from hub.publish import read_manifest

    inputs = read_manifest(hub.store, release)["inputs"]
    return tuple(sorted({entry["supply"] for entry in inputs}))


def _basis(hub: Hub, names: tuple[str, ...], upto: list[Release]) -> list[list[Delivery]]:
    """Per release the batches that it stands on."""
    every = deliveries(hub.ledger, upto[-1].created_at, supplies=names)
    moved: dict[str, list[Delivery]] = {name: [] for name in names}
    for delivery in sorted(every, key=lambda d: (d.closed_at, d.batch_id)):
        if delivery.verdict in MOVES_ON:
            moved[delivery.supply].append(delivery)
    found = []
    before: datetime | None = None
    for release in upto:
        taken = []
        for name in names:
            own = [d for d in moved[name] if d.closed_at <= release.created_at]
            new = [d for d in own if before is None or d.closed_at > before]
            taken += new or own[-1:]
        found.append(taken)
        before = release.created_at
    return found


def _scope(release: Release, basis: list[Delivery], made_at: datetime) -> Scope:
    by_subject: dict[str, list[str]] = {"release": [_id(release)]}
    for delivery in basis:
        subject, batch_id = delivery.subject
        by_subject.setdefault(subject, []).append(batch_id)
    subjects = tuple((subject, tuple(ids)) for subject, ids in sorted(by_subject.items()))
    return Scope(made_at, subjects=subjects)


def _trend(
    hub: Hub,
    upto: list[Release],
    basis: list[list[Delivery]],
    configuration: Configuration,
    made_at: datetime,
) -> tuple[Point, ...]:
    points = [
        point(
            hub,
            _scope(release, taken, made_at),
            configuration,
            release.created_at,
            f"{release.dataset} {release.version}",
            release.rows,
            totals(taken)["quarantined"],
        )
        for release, taken in list(zip(upto, basis, strict=True))[-TREND:]
    ]
    return tuple(p for p in points if p)
