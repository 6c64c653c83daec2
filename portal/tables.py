"""One table: version, metadata, query and changes, in both response formats."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.ledger.passes import Pass
from hub.masking import masked_fields, schema
from hub.records import Release
from portal import lines, moments
from portal.access import demand, demand_table
from portal.answers import BadRequest
from portal.desk import Desk, desk_of, opened, pass_of
from portal.lines import JSON, Format, Offered, Shape
from portal.paging import whole
from schemas.sharing import Way

router = APIRouter(prefix="/delta-sharing/shares/{share}/schemas/{schema}/tables/{table}")

VERSION = "Delta-Table-Version"
CAPABILITIES = "delta-sharing-capabilities"
LARGEST = 2**63 - 1
Text = str | None


class QueryBody(BaseModel):
    """The body of a query. Keys of newer clients are passed over: the protocol asks for that.

    Hints may make an answer smaller, never larger. `predicateHints` and `jsonPredicateHints` are
    not followed: nothing may be learned from them about columns that are not granted.
    """

    model_config = ConfigDict(strict=True, extra="ignore")

    predicateHints: list[str] | None = None
    jsonPredicateHints: str | None = None
    limitHint: Annotated[int, Field(ge=0, le=LARGEST)] | None = None
    version: Annotated[int, Field(ge=0, le=LARGEST)] | None = None
    timestamp: str | None = None
    startingVersion: int | None = None
    endingVersion: int | None = None


async def table_of(
    request: Request, share: str, schema: str, table: str, held: Annotated[Pass, Depends(pass_of)]
) -> Pass:
    """The pass of a request, when it opens the table that the address names."""
    demand(held, Way.PULL)
    demand_table(held, share, schema, table)
    return held


Held = Annotated[Pass, Depends(table_of)]
Served = Annotated[Desk, Depends(desk_of)]


@router.get("/version")
async def version(
    desk: Served, held: Held, since: Annotated[Text, Query(alias="startingTimestamp")] = None
) -> Response:
    """The newest version, or the oldest since a moment."""
    versions = await opened(desk, held)
    release = moments.newest(versions)
    if since is not None:
        moment = moments.parse(since, "startingTimestamp")
        release = moments.since(versions, moment, "startingTimestamp")
    return Response(headers={VERSION: str(release.version)})


@router.get("/metadata")
async def metadata(
    request: Request,
    desk: Served,
    held: Held,
    number: Annotated[Text, Query(alias="version")] = None,
    moment: Annotated[Text, Query(alias="timestamp")] = None,
) -> Response:
    """The schema, without making or offering anything."""
    form = _format(request)
    asked = whole(number, "version", LARGEST) if number is not None else None
    release = _chosen(await opened(desk, held), asked, moment)
    shape = _shape(desk, held)
    told = [lines.protocol(form), lines.metadata(form, shape, release.version, None)]
    return _answer(form, told, release.version)


@router.post("/query")
async def query(request: Request, desk: Served, held: Held) -> Response:
    """The files of one version; as many as `limitHint` rows need."""
    form = _format(request)
    body = _body(await request.body())
    release = _chosen(await opened(desk, held), body.version, body.timestamp)
    files = await _offered(request, desk, held, release, "rows")
    shown = _enough(files, body.limitHint)
    told = [lines.protocol(form), lines.metadata(form, _shape(desk, held), release.version, files)]
    return _answer(form, told + [lines.file(form, file) for file in shown], release.version)


@router.get("/changes")
async def changes(
    request: Request,
    desk: Served,
    held: Held,
    starting: Annotated[Text, Query(alias="startingVersion")] = None,
    starting_at: Annotated[Text, Query(alias="startingTimestamp")] = None,
    ending: Annotated[Text, Query(alias="endingVersion")] = None,
    ending_at: Annotated[Text, Query(alias="endingTimestamp")] = None,
) -> Response:
    """What changed in the versions of a span: all rows of the grant's first one, as inserts."""
    form = _format(request)
    versions = await opened(desk, held)
    first, last = (
        whole(text, name, LARGEST) if text is not None else None
        for text, name in ((starting, "startingVersion"), (ending, "endingVersion"))
    )
    span = moments.between(versions, (first, starting_at), (last, ending_at))
    shape = _shape(desk, held)
    told = [lines.protocol(form), lines.metadata(form, shape, span[0].version, None)]
    for release in span:
        # What the grant's first version changed is about releases that it does not open.
        new = release.version == versions[0].version
        files = await _offered(request, desk, held, release, "rows" if new else "changes")
        told += [lines.change(form, file, "add" if new else "cdf") for file in files]
    return _answer(form, told, versions[-1].version)


async def _offered(
    request: Request, desk: Desk, held: Pass, release: Release, kind: str
) -> list[Offered]:
    share = await desk.share(held, release.version, kind)
    return await desk.offer(request, held, share, release)


def _format(request: Request) -> Format:
    """Parquet where the reader takes it; Delta where it takes nothing else.

    The header is a list of key=value by semicolons; the keys' letters may be of any case.
    """
    asked = request.headers.get(CAPABILITIES, "").lower().replace(" ", "")
    known = dict(part.partition("=")[::2] for part in asked.split(";"))
    formats = known.get("responseformat", "parquet").split(",")
    if "parquet" in formats:
        return "parquet"
    if "delta" in formats:
        return "delta"
    raise BadRequest("responseformat 未知", "responseformat must be parquet or delta")


def _body(raw: bytes) -> QueryBody:
    try:
        body = QueryBody.model_validate_json(raw or b"{}")
    except ValidationError as error:
        # By name alone: what was written there may be anything.
        known = {str(e["loc"][0]) for e in error.errors(include_input=False) if e["loc"]}
        names = ", ".join(sorted(known & set(QueryBody.model_fields))) or "JSON"
        raise BadRequest(f"{names} 无效", f"{names} is not valid") from None
    if body.startingVersion is not None or body.endingVersion is not None:
        raise BadRequest("变更请用 changes 接口", "changes are asked for at /changes")
    return body


def _chosen(versions: list[Release], number: int | None, moment: str | None) -> Release:
    if number is not None and moment is not None:
        raise BadRequest(
            "version 与 timestamp 不得同时提供", "only one of version and timestamp is taken"
        )
    if number is not None:
        return moments.numbered(versions, number)
    if moment is not None:
        return moments.at(versions, moments.parse(moment, "timestamp"))
    return moments.newest(versions)


def _enough(files: list[Offered], limit: int | None) -> list[Offered]:
    """The first files that hold `limit` rows together."""
    if limit is None:
        return files
    shown, rows = [], 0
    for file in files:
        if rows >= limit:
            break
        shown.append(file)
        rows += file.rows
    return shown


def _shape(desk: Desk, held: Pass) -> Shape:
    grant = held.grant
    dataset = desk.hub.dataset(grant.dataset)
    return Shape(
        id=grant.id,
        name=grant.dataset,
        schema=schema(grant.terms, dataset),
        comments={f.name: f.title for f in masked_fields(grant.terms, dataset) if f.title},
        created_ms=moments.ms_of(grant.granted_at),
    )


def _answer(form: Format, told: list[JSON], version: int) -> Response:
    headers: dict[str, Any] = {VERSION: str(version), CAPABILITIES: f"responseformat={form}"}
    return Response(
        lines.ndjson(told), media_type="application/x-ndjson; charset=utf-8", headers=headers
    )
