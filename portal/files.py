"""Files behind signed addresses: HEAD, one range or the whole, a small piece at a time."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated, BinaryIO

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import StreamingResponse

from hub.deliver import fetched
from hub.ledger.passes import Pass
from hub.records import Share, SharedFile
from portal import access
from portal.access import demand
from portal.answers import Missing
from portal.desk import Desk, desk_of
from portal.downloads import TYPES, form_of, place_of, tag_of, turn
from portal.links import EXPIRES, SIGNATURE
from portal.ranges import span
from schemas.sharing import Way

router = APIRouter()

PIECE = 256 * 1024  # bytes read and sent at a time
PARQUET = "application/vnd.apache.parquet"
_NAME = re.compile(r"(rows|changes)-(\d{1,6})\.parquet", re.ASCII)
_VERSION = re.compile(r"[1-9]\d{0,17}", re.ASCII)


@dataclass(frozen=True)
class Served:
    """One file that is about to leave the hub, and what it is made of."""

    path: Path
    tag: str
    media_type: str
    name: str  # as saved by a browser
    share: Share
    part: SharedFile | None  # the file at rest that it is; None: the whole share in one form
    way: Way


@router.api_route("/files/{credential}/{version}/{name}", methods=["GET", "HEAD"])
async def signed_file(
    request: Request,
    credential: str,
    version: str,
    name: str,
    desk: Annotated[Desk, Depends(desk_of)],
) -> Response:
    """A file by its signed address; whether the grant is still open is asked every time."""
    path = f"/files/{credential}/{version}/{name}"
    query = request.query_params
    desk.signer.check(path, query.get(EXPIRES, ""), query.get(SIGNATURE, ""), desk.now_s())
    held = await to_thread.run_sync(access.by_credential, desk.hub, credential)
    request.scope["hub.pass"] = held.credential.id
    return await send(request, desk, held, await find(desk, held, version, name))


async def find(desk: Desk, held: Pass, version: str, name: str) -> Served:
    """The file of a version, masked; raises `Missing`, and `Forbidden` by the way."""
    if not _VERSION.fullmatch(version):
        raise Missing
    part = _NAME.fullmatch(name)
    if part is None:
        return await _whole(desk, held, int(version), name)
    demand(held, Way.PULL)
    share = await desk.share(held, int(version), part[1])
    place = int(part[2])
    if place >= len(share.files) or str(place) != part[2]:
        raise Missing
    file = share.files[place]
    saved = f"{held.grant.id}-{version}-{name}"
    path = desk.hub.store.path(file.uri)
    return Served(path, file.sha256, PARQUET, saved, share, file, Way.PULL)


async def _whole(desk: Desk, held: Pass, version: int, name: str) -> Served:
    """All rows or changes of a version as one file in the form that the name ends with."""
    kind, form = form_of(name)
    demand(held, Way.DOWNLOAD)
    share = await desk.share(held, version, kind)
    uri = place_of(share, form)
    path = desk.hub.store.path(uri)
    if not await to_thread.run_sync(path.is_file):  # what is there waits for nobody's making
        await desk.making(turn, desk.hub, share, uri)
    saved = f"{held.grant.id}-{version}-{name}"
    tag = tag_of(share, form)
    return Served(path, tag, TYPES[form], saved, share, None, Way.DOWNLOAD)


async def send(request: Request, desk: Desk, held: Pass, served: Served) -> Response:
    """The file, or the range that was asked for; what left is noted when it was whole."""
    try:
        handle = await to_thread.run_sync(served.path.open, "rb")
    except FileNotFoundError:
        raise Missing from None  # pruned between the question and the answer
    size = os.fstat(handle.fileno()).st_size
    try:
        asked = span(_range_of(request, served.tag), size)
    except BaseException:
        handle.close()
        raise
    start, end = asked or (0, size)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{served.tag}"',
        "Content-Length": str(end - start),
        "Content-Disposition": f'attachment; filename="{served.name}"',
    }
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if asked else 200
    if request.method == "HEAD":
        handle.close()
        return Response(None, status, headers, served.media_type)

    async def left() -> None:
        who = f"{held.credential.id} {served.way}"
        if desk.progress.add(who, served.tag, start, end, size):
            sent = await to_thread.run_sync(_sent, handle, served)
            await desk.noting(fetched, desk.hub, held.grant, served.share, served.way, sent)

    pieces = _pieces(handle, start, end, left)
    return StreamingResponse(pieces, status, headers, served.media_type)


async def _pieces(
    handle: BinaryIO, start: int, end: int, left: Callable[[], Awaitable[None]]
) -> AsyncIterator[bytes]:
    try:
        place = start
        while place < end:
            piece = await to_thread.run_sync(
                os.pread, handle.fileno(), min(PIECE, end - place), place
            )
            if not piece:
                raise Missing  # shorter than it was: the connection breaks off
            place += len(piece)
            yield piece
        await left()
    finally:
        handle.close()


def _sent(handle: BufferedReader, served: Served) -> SharedFile:
    """What a receipt says of a file that has left: one at rest, or one that was made of them."""
    if served.part is not None:
        return served.part
    digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return SharedFile(served.name, digest, os.fstat(handle.fileno()).st_size, served.share.rows)


def _range_of(request: Request, tag: str) -> str | None:
    """The range, unless the reader holds a part of another file (RFC 9110, If-Range)."""
    held = request.headers.get("if-range")
    return request.headers.get("range") if held in (None, f'"{tag}"') else None
