"""What a credential opens: shares, schemas and tables, in pages. Each names one grant's table."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from hub.ledger.passes import Pass
from portal.access import demand, demand_table, names_of
from portal.desk import pass_of
from portal.paging import page
from schemas.sharing import Way

router = APIRouter(prefix="/delta-sharing")

Held = Annotated[Pass, Depends(pass_of)]
MaxResults = Annotated[str | None, Query(alias="maxResults")]
PageToken = Annotated[str | None, Query(alias="pageToken")]
JSON = dict[str, Any]


@router.get("/shares")
async def shares(held: Held, size: MaxResults = None, token: PageToken = None) -> JSON:
    """The subscriber, as a share."""
    demand(held, Way.PULL)
    return _page([_share(held)], size, token)


@router.get("/shares/{share}")
async def share(share: str, held: Held) -> JSON:
    """One share."""
    _demand(held, share)
    return {"share": _share(held)}


@router.get("/shares/{share}/schemas")
async def schemas(share: str, held: Held, size: MaxResults = None, token: PageToken = None) -> JSON:
    """The dataset, as a schema."""
    _demand(held, share)
    own = {"name": names_of(held)[1], "share": names_of(held)[0]}
    return _page([own], size, token)


@router.get("/shares/{share}/schemas/{schema}/tables")
async def tables(
    share: str, schema: str, held: Held, size: MaxResults = None, token: PageToken = None
) -> JSON:
    """The grant, as a table."""
    _demand(held, share, schema)
    return _page([_table(held)], size, token)


@router.get("/shares/{share}/all-tables")
async def all_tables(
    share: str, held: Held, size: MaxResults = None, token: PageToken = None
) -> JSON:
    """The grant, as a table of whatever schema."""
    _demand(held, share)
    return _page([_table(held)], size, token)


def _demand(held: Pass, share: str, schema: str | None = None) -> None:
    demand(held, Way.PULL)
    demand_table(held, share, schema)


def _share(held: Pass) -> JSON:
    return {"name": names_of(held)[0], "id": names_of(held)[0]}


def _table(held: Pass) -> JSON:
    share, schema, table = names_of(held)
    return {"name": table, "schema": schema, "share": share, "shareId": share, "id": table}


def _page(items: list[JSON], size: str | None, token: str | None) -> JSON:
    shown, following = page(items, size, token)
    return {"items": list(shown)} | ({"nextPageToken": following} if following else {})
