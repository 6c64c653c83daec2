"""What the hub tells a subscriber beside the data: recalls of corrected values, and receipts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pyarrow as pa
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from hub import recalls
from hub.ledger.passes import Pass
from hub.ledger.receipts import receipts_of
from hub.records import Recall
from portal.answers import Missing
from portal.desk import Desk, desk_of, pass_of
from portal.paging import page

router = APIRouter()

Held = Annotated[Pass, Depends(pass_of)]
Served = Annotated[Desk, Depends(desk_of)]
MaxResults = Annotated[str | None, Query(alias="maxResults")]
PageToken = Annotated[str | None, Query(alias="pageToken")]
ROWS = 5_000  # of a notice, sent at a time


@router.get("/recalls")
async def notices(
    desk: Served, held: Held, size: MaxResults = None, token: PageToken = None
) -> Response:
    """The notices of the grant, oldest first, without their records."""
    found = await to_thread.run_sync(recalls.recalls_of, desk.hub, held.grant)
    shown, following = page(found, size, token)
    return JSONResponse(_listed([_told(recall) for recall in shown], following))


@router.get("/recalls/{recall_id}")
async def notice(recall_id: str, desk: Served, held: Held) -> Response:
    """One notice: a line about it, then a line per record and field; no values."""
    found = await to_thread.run_sync(recalls.recalls_of, desk.hub, held.grant)
    own = {recall.id: recall for recall in found}
    if recall_id not in own:
        raise Missing
    recall = own[recall_id]
    batches = recalls.rows_of(desk.hub, recall, ROWS)
    first = await to_thread.run_sync(next, batches, None)  # raises here what it raises at all
    lines = _lines(desk, held, recall, first, batches)
    return StreamingResponse(lines, media_type="application/x-ndjson; charset=utf-8")


async def _lines(
    desk: Desk,
    held: Pass,
    recall: Recall,
    batch: pa.RecordBatch | None,
    further: Iterator[pa.RecordBatch],
) -> AsyncIterator[str]:
    yield _line({"recall": _told(recall)})
    while batch is not None:
        yield "".join(_line({"record": row}) for row in batch.to_pylist())
        batch = await to_thread.run_sync(next, further, None)
    await desk.noting(recalls.told, desk.hub, [recall.id], "pull", held.grant.subscriber)


@router.get("/receipts")
async def receipts(
    desk: Served, held: Held, size: MaxResults = None, token: PageToken = None
) -> Response:
    """The signed receipts of the grant, oldest first: each can be verified without the hub."""
    found = await to_thread.run_sync(receipts_of, desk.hub.ledger, held.grant.id)
    shown, following = page(found, size, token)
    items = [{"id": receipt.id, "receipt": receipt.document} for receipt in shown]
    return JSONResponse(_listed(items, following))


def _listed(items: list[dict[str, Any]], following: str | None) -> dict[str, Any]:
    return {"items": items} | ({"nextPageToken": following} if following else {})


def _told(recall: Recall) -> dict[str, Any]:
    return {
        "id": recall.id,
        "grant": recall.grant_id,
        "dataset": recall.dataset,
        "firstVersion": recall.first_version,
        "mendedIn": recall.mended_in,
        "cause": recall.cause,
        "fields": recall.fields,
        "records": recall.records,
        "madeAt": recall.made_at.isoformat(timespec="seconds"),
        "toldAt": recall.told_at.isoformat(timespec="seconds") if recall.told_at else None,
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), default=str) + "\n"
