"""What a subscriber takes for itself: offered once, fetched, and then proved by a receipt."""

from __future__ import annotations

from hub.opened import Hub
from hub.records import Grant, Share
from schemas.sharing import Way


def offered(hub: Hub, grant: Grant, share: Share, way: Way) -> str:
    """Note that the files of a share were offered (URLs handed out); the delivery's id.

    Offered again, nothing is written. `way` is pull or download.
    """
    raise NotImplementedError


def fetched(hub: Hub, grant: Grant, share: Share, way: Way, sha256: str) -> str | None:
    """Note that a file of a share left the hub whole; the receipt's id when that was the last one.

    `sha256` is that of the file at rest (`SharedFile.sha256`), whatever it was turned into.
    Fetched again, nothing is written but the event.
    """
    raise NotImplementedError
