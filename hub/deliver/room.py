"""From a grant and the newest release to rows at the subscriber, and a signed receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.channels import open_channel
from hub.channels.protocol import Channel, Handed, Outdated, Parcel
from hub.channels.registry import PUSHED
from hub.deliver.packing import files_of, notice_of, packing, proofs_of
from hub.deliver.receiving import File, delivery_id, receipt_id, receive, signer
from hub.errors import DecisionError, DeliveryError, HubError, NotFound
from hub.grants import active_grants, grant_of
from hub.ledger import receipts as ledger
from hub.ledger.receipts import Delivery
from hub.masking import schema
from hub.opened import Hub
from hub.records import Grant, Recall, Release, Share
from hub.shares import changes, rows, versions
from schemas.properties import Department
from schemas.sharing import Way

ROWS = "rows"
MOST_STEPS = 60  # versions behind: from then on all rows are sent


@dataclass(frozen=True)
class Due:
    """One push that is to be made: the newest version has not been received this way."""

    grant_id: str
    way: Way
    version: int


@dataclass(frozen=True)
class Delivered:
    """What became of one push; `receipt` is the id of the receipt, `already`: nothing was new."""

    delivery_id: str
    grant_id: str
    subscriber: str
    dataset: str
    version: int
    base: int | None
    way: Way
    rows: int
    receipt: str
    already: bool


def due(hub: Hub, dataset: str) -> list[Due]:
    """Pushes of active grants on a dataset whose newest version has not been received."""
    found = []
    for grant in active_grants(hub, hub.dataset(dataset).name):
        for release in versions(hub, grant)[-1:]:
            for way in PUSHED:
                if way in grant.terms.ways and not _received(hub, grant, release, way):
                    found.append(Due(grant.id, way, release.version))
    return found


def deliver(hub: Hub, grant_id: str, way: Way, whole: bool = False) -> Delivered | None:
    """Push the newest version of one grant one way; None before the first release.

    Delivered again, it is received once. `whole`: all rows, into a table made anew where needed.
    Raises `DeliveryError` (transient: out of reach) and `DecisionError` when the grant has ended.
    """
    with hub.ledger.alone(f"deliver-{grant_id}-{way.value}"):
        grant = _permit(hub, grant_id, way)
        releases = versions(hub, grant)
        if not releases:
            return None
        known = _received(hub, grant, releases[-1], way)
        if known and not whole:
            return _told(grant, known, 0, already=True)
        return _push(hub, grant, releases, way, whole)


def tell(hub: Hub, grant_id: str, way: Way, recalls: Sequence[Recall]) -> None:
    """Hand over recall notices, also of a grant that has ended; again changes nothing."""
    grant = grant_of(hub, grant_id)
    if not recalls:
        return
    with (
        hub.ledger.alone(f"deliver-{grant_id}-{way.value}"),
        open_channel(_subscriber(hub, grant), way) as channel,
    ):
        channel.tell(grant.id, grant.dataset, [notice_of(hub, recall) for recall in recalls])


def _push(hub: Hub, grant: Grant, releases: Sequence[Release], way: Way, whole: bool) -> Delivered:
    release, at = releases[-1], hub.now()
    ours = delivery_id(hub, grant, release, way)
    new = Delivery(
        ours, grant.id, release.version, way.value, ROWS, None, ledger.BEGUN, 1, None, at, None
    )
    with hub.ledger.writing() as connection:
        ledger.begin(connection, new)
    try:
        department = _subscriber(hub, grant)
        with open_channel(department, way) as channel:
            base = None if whole else _base(hub, grant, releases, department, way, channel)
            handed, files = _hand_over(hub, grant, releases, way, channel, base, whole)
            by = signer(hub)
            with hub.ledger.writing() as connection:
                receive(hub, connection, by, grant, ours, files, handed.where)
            channel.prove(grant.id, grant.dataset, proofs_of(hub, grant, way))
    except HubError as error:
        with hub.ledger.writing() as connection:
            ledger.set_failed(connection, ours, type(error).__name__)
        raise
    sent = ledger.delivery_of(hub.ledger, ours) or new
    return _told(grant, sent, sum(int(file["rows"]) for file in files), handed.already)


def _hand_over(
    hub: Hub,
    grant: Grant,
    releases: Sequence[Release],
    way: Way,
    channel: Channel,
    base: Release | None,
    whole: bool,
) -> tuple[Handed, list[File]]:
    """Send the changes since `base`, or all rows where the inbox does not hold what it said."""
    release = releases[-1]
    ours = delivery_id(hub, grant, release, way)
    follows = delivery_id(hub, grant, base, way) if base else None
    shares = _shares(hub, grant, releases, base)
    # Noted before anything is sent: after a kill the receipt must tell what stands there.
    with hub.ledger.writing() as connection:
        ledger.set_base(connection, ours, shares[0].kind, base.version if base else None)
    with packing(hub, grant, way, shares) as contents:
        parcel = Parcel(
            delivery=ours,
            grant=grant.id,
            subscriber=grant.subscriber,
            dataset=grant.dataset,
            version=release.version,
            base=base.version if base else None,
            follows=follows,
            schema=schema(grant.terms, hub.dataset(grant.dataset)),
            contents=contents,
            anew=whole,
            permitted=lambda: _permit(hub, grant.id, way),
        )
        try:
            return channel.hand_over(parcel), files_of(contents)
        except Outdated:
            if base is None:
                raise DeliveryError(
                    f"grant {grant.id}: the inbox was changed during the delivery", transient=True
                ) from None
    return _hand_over(hub, grant, releases, way, channel, None, whole)


def _base(
    hub: Hub,
    grant: Grant,
    releases: Sequence[Release],
    department: Department,
    way: Way,
    channel: Channel,
) -> Release | None:
    """The release that the inbox holds, and whose changes can be sent; the inbox itself says so."""
    inbox = department.inbox
    if way is Way.FILE and inbox and inbox.file and inbox.file.content == ROWS:
        return None
    held = channel.held(grant.id, grant.dataset)
    if held is None:
        return None
    known = ledger.delivery_of(hub.ledger, held)
    if held == delivery_id(hub, grant, releases[-1], way):  # received, and then we were killed
        before = known.base_version if known else None
        return next((r for r in releases if r.version == before), None)
    for release in releases[-1 - MOST_STEPS : -1]:
        if held == delivery_id(hub, grant, release, way):
            return release
    return None


def _shares(
    hub: Hub, grant: Grant, releases: Sequence[Release], base: Release | None
) -> list[Share]:
    if base is None:
        return [rows(hub, grant, releases[-1].version)]
    return [changes(hub, grant, r.version) for r in releases if r.version > base.version]


def _permit(hub: Hub, grant_id: str, way: Way) -> Grant:
    """The grant, if something may leave the hub under it now; raises `DecisionError`."""
    grant = grant_of(hub, grant_id)
    if not grant.active(hub.now()):
        raise DecisionError(f"grant {grant.id}: 授权已失效 / is not active")
    if way not in PUSHED or way not in grant.terms.ways:
        raise DecisionError(
            f"grant {grant.id}: 授权不含此推送方式 / does not allow a push to {way.value}"
        )
    return grant


def _subscriber(hub: Hub, grant: Grant) -> Department:
    try:
        return hub.catalog.departments[grant.subscriber]
    except KeyError:
        raise NotFound(f"the catalog has no department {grant.subscriber}") from None


def _received(hub: Hub, grant: Grant, release: Release, way: Way) -> Delivery | None:
    known = ledger.delivery_of(hub.ledger, delivery_id(hub, grant, release, way))
    return known if known and known.state == ledger.RECEIVED else None


def _told(grant: Grant, sent: Delivery, count: int, already: bool) -> Delivered:
    return Delivered(
        sent.id,
        grant.id,
        grant.subscriber,
        grant.dataset,
        sent.version,
        sent.base_version,
        Way(sent.way),
        count,
        receipt_id(sent.id),
        already,
    )
