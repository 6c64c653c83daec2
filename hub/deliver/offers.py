"""What a subscriber takes for itself: offered once, fetched, and then proved by a receipt."""

from __future__ import annotations

from pathlib import PurePosixPath

from hub.deliver.receiving import File, delivery_id, receipt_id, receive, signer
from hub.ledger import receipts as ledger
from hub.ledger.audit import Event, note
from hub.ledger.numbers import one_at_a_time
from hub.ledger.releases import release_at
from hub.opened import Hub
from hub.records import Grant, Share, SharedFile
from schemas.sharing import Way


def offered(hub: Hub, grant: Grant, share: Share, way: Way) -> str:
    """Note that the files of a share were offered (URLs handed out); the delivery's id.

    Offered again, nothing is written. `way` is pull or download.
    """
    release = release_at(hub.ledger, grant.dataset, share.version)
    ours = delivery_id(hub, grant, release, way, share.kind)
    if ledger.delivery_of(hub.ledger, ours):
        return ours
    at = hub.now()
    new = ledger.Delivery(
        ours, grant.id, share.version, way.value, share.kind, None, ledger.BEGUN, 1, None, at, None
    )
    with hub.ledger.writing() as connection:
        if ledger.begin(connection, new):
            note(
                connection, Event.DATA_OFFERED, subject=grant.id, by=grant.subscriber, at=at,
                department=grant.subscriber, delivery=ours, version=share.version, way=way.value,
                content=share.kind, rows=share.rows,
            )  # fmt: skip
    return ours


def fetched(hub: Hub, grant: Grant, share: Share, way: Way, sent: SharedFile) -> str | None:
    """Note that a file left the hub whole; the receipt's id when that was the last one.

    What is pulled are the files of the share; a download is one file that holds all of it, and
    the receipt names the first that was taken, as it was sent. Fetched again, nothing is written
    but the event.
    """
    ours, by = offered(hub, grant, share, way), signer(hub)
    files = share.files if way is Way.PULL else (sent,)
    with hub.ledger.writing() as connection:
        one_at_a_time(connection)  # the clock moves after the first event
        known = ledger.locked(connection, ours)
        assert known is not None
        got = tuple(sorted({*known.fetched, sent.sha256}))
        if got != known.fetched:
            ledger.set_fetched(connection, ours, got)
        complete = {file.sha256 for file in files} <= set(got)
        note(
            connection, Event.DATA_FETCHED, subject=grant.id, by=grant.subscriber, at=hub.now(),
            department=grant.subscriber, delivery=ours, version=share.version, way=way.value,
            content=share.kind, file=sent.sha256,
        )  # fmt: skip
        if not complete:
            return None
        if known.state == ledger.RECEIVED:
            return receipt_id(ours)
        return receive(hub, connection, by, grant, ours, [_told(file) for file in files], None)


def _told(file: SharedFile) -> File:
    return {
        "name": PurePosixPath(file.uri).name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "rows": file.rows,
    }
