"""The portal's own state: the open hub, the signer, and how much it makes at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from hub import shares
from hub.deliver import offered
from hub.ledger.passes import Pass
from hub.opened import Hub
from hub.records import Grant, Release, Share
from portal import access
from portal.answers import Missing, Refusal
from portal.known import Known
from portal.lines import Offered
from portal.links import Signer
from portal.moments import ms_of
from portal.progress import Progress
from portal.turned_away import TurnedAway
from schemas.sharing import Way

Make = Callable[[Hub, Grant, int], Share]
P = ParamSpec("P")
R = TypeVar("R")

MAKERS = 1
"""Shares made at a time: one takes a connection's whole memory, and the next is there sooner."""

WRITERS = 1
"""Entries made in the ledger at a time: more would wait for each other in threads of others."""


@dataclass(frozen=True)
class Desk:
    """What every route needs; `url` is where subscribers find this portal, None: as they called."""

    hub: Hub
    signer: Signer
    url: str | None = None
    progress: Progress = field(default_factory=Progress)
    makers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(MAKERS))
    writers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(WRITERS))
    known: Known = field(default_factory=Known)
    turned_away: TurnedAway = field(default_factory=TurnedAway)

    def now_s(self) -> int:
        """The hub's clock in whole seconds."""
        return int(self.hub.now().timestamp())

    def base(self, request: Request) -> str:
        """Where the portal is found, without a slash at its end."""
        return self.url or str(request.base_url).rstrip("/")

    async def share(self, held: Pass, version: int, kind: str) -> Share:
        """What a pass opens of one version, made now if nobody has; one at a time.

        Raises `Missing` for a version that the grant does not open.
        """
        key = (held.grant.id, version, kind)
        share = self.known.get(key)
        if share is None or not await to_thread.run_sync(shares.is_there, self.hub, share):
            versions = await opened(self, held)
            if version not in {release.version for release in versions}:
                raise Missing
            make = shares.rows if kind == "rows" else shares.changes
            share = await self.making(self._make, make, held, version)
            self.known.put(key, share)
        return share

    def _make(self, make: Make, held: Pass, version: int) -> Share:
        try:
            return make(self.hub, held.grant, version)
        finally:
            # The engine keeps what it once took; a portal waits for days between two releases.
            self.hub.store.close()

    async def making(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run heavy work in a thread while other heavy work waits."""
        return await to_thread.run_sync(lambda: work(*args, **kwargs), limiter=self.makers)

    async def noting(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what writes into the ledger in a thread while others wait without one."""
        return await to_thread.run_sync(lambda: work(*args, **kwargs), limiter=self.writers)

    async def offer(
        self, request: Request, held: Pass, share: Share, release: Release
    ) -> list[Offered]:
        """Signed addresses of the files of a share; the ledger knows that they are handed out."""
        await self.noting(offered, self.hub, held.grant, share, Way.PULL)
        base = self.base(request)
        made = []
        for place, file in enumerate(share.files):
            path = file_path(held, share, f"{share.kind}-{place}.parquet")
            signed, expires = self.signer.sign(path, self.now_s())
            made.append(
                Offered(
                    url=base + signed,
                    id=file.sha256,
                    bytes=file.bytes,
                    rows=file.rows,
                    version=release.version,
                    at_ms=ms_of(release.created_at),
                    expires_ms=expires * 1000,
                )
            )
        return made


def file_path(held: Pass, share: Share, name: str) -> str:
    """Where a file is fetched: ids and a version, nothing else."""
    return f"/files/{held.credential.id}/{share.version}/{name}"


def desk_of(request: Request) -> Desk:
    """The desk of the running application."""
    desk: Desk = request.app.state.desk
    return desk


async def pass_of(request: Request) -> Pass:
    """The pass of a request's bearer token; raises `Unknown`."""
    desk = desk_of(request)
    token = access.bearer(request.headers.get("authorization"))
    held = await to_thread.run_sync(access.by_token, desk.hub, token)
    request.scope["hub.pass"] = held.credential.id
    return held


async def opened(desk: Desk, held: Pass) -> list[Release]:
    """The versions that a pass opens, oldest first."""
    return await to_thread.run_sync(shares.versions, desk.hub, held.grant)


async def note_refusal(desk: Desk, error: Refusal) -> None:
    """Count who was not let in, and tell the audit log when it is time."""
    if error.why and desk.turned_away.count(error.why, error.held, desk.now_s()):
        await desk.noting(desk.turned_away.tell, desk.hub, error.why, error.held)
