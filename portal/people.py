"""What people see and take: the start page, the page of a credential's files, health, downloads."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import text

from hub.deliver import offered
from hub.ledger.passes import Pass
from hub.records import Release
from hub.rowfile import EXCEL_ROWS
from portal import access, files, moments
from portal.access import demand
from portal.answers import BadRequest, Refusal, answer_of, body_of
from portal.desk import Desk, desk_of, note_refusal, opened, pass_of
from portal.downloads import TYPES
from schemas.properties import ZONE
from schemas.sharing import Way

router = APIRouter()

Served = Annotated[Desk, Depends(desk_of)]
Held = Annotated[Pass, Depends(pass_of)]
PAGES = Path(__file__).parent / "pages"
SHOWN = 20  # newest versions on the page of a credential
LATEST = "latest"


@router.get("/health")
async def health(desk: Served) -> Response:
    """Whether the ledger answers; says nothing else."""

    def ping() -> None:
        with desk.hub.ledger.reading() as connection:
            connection.execute(text("SELECT 1"))

    await to_thread.run_sync(ping)
    return JSONResponse({"status": "ok"})


@router.get("/")
async def start(request: Request, desk: Served) -> Response:
    """The start page."""
    return _page("start.html", 200, base=desk.base(request), refused=None)


@router.post("/downloads")
async def downloads_page(request: Request, desk: Served) -> Response:
    """The page of a credential typed into the form: versions, and addresses good for minutes."""
    typed = (await request.body()).decode("utf-8", "replace")
    try:
        token = _typed_token(typed)
        held = await to_thread.run_sync(access.by_token, desk.hub, token)
        request.scope["hub.pass"] = held.credential.id
        demand(held, Way.DOWNLOAD)
        versions = await opened(desk, held)
        rows = await to_thread.run_sync(_listed, desk, held, versions)
    except Refusal as error:
        await note_refusal(desk, error)
        told = body_of(error)["message"]
        status = answer_of(error).status
        return _page("start.html", status, base=desk.base(request), refused=told)
    dataset = desk.hub.dataset(held.grant.dataset)
    return _page(
        "downloads.html", 200, grant=held.grant, title=dataset.title, versions=rows,
        until=_local(desk, held.grant.expires_at),
        minutes=desk.signer.lifetime_s // 60, excel_rows=EXCEL_ROWS,
    )  # fmt: skip


def _typed_token(form: str) -> str:
    try:
        return parse_qs(form, max_num_fields=4).get("token", [""])[0].strip()
    except ValueError:  # more fields than the form has
        raise BadRequest from None


def _listed(desk: Desk, held: Pass, versions: list[Release]) -> list[dict[str, Any]]:
    return [
        {
            "version": release.version,
            "released": _local(desk, release.created_at),
            "links": {form: _link(desk, held, release, f"rows.{form}") for form in TYPES},
            "changes": {form: _link(desk, held, release, f"changes.{form}") for form in TYPES},
        }
        for release in reversed(versions[-SHOWN:])
    ]


def _local(desk: Desk, moment: datetime) -> str:
    sharing = desk.hub.catalog.sharing
    zone = ZoneInfo(sharing.zone if sharing else ZONE)
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _link(desk: Desk, held: Pass, release: Release, name: str) -> str:
    path = f"/files/{held.credential.id}/{release.version}/{name}"
    return desk.signer.sign(path, desk.now_s())[0]


@router.get("/downloads")
async def downloads(desk: Served, held: Held) -> Response:
    """What can be downloaded with a credential, as JSON."""
    demand(held, Way.DOWNLOAD)
    versions = await opened(desk, held)
    items = [
        {
            "version": release.version,
            "releasedAt": release.created_at.isoformat(timespec="seconds"),
            "files": [
                f"/downloads/{release.version}/{kind}.{form}"
                for kind in ("rows", "changes")
                for form in TYPES
            ],
        }
        for release in versions
    ]
    return JSONResponse({"grant": held.grant.id, "dataset": held.grant.dataset, "items": items})


@router.api_route("/downloads/{version}/{name}", methods=["GET", "HEAD"])
async def download(request: Request, version: str, name: str, desk: Served, held: Held) -> Response:
    """One version as one file: rows or changes, .parquet, .csv or .xlsx; `latest` is the newest."""
    demand(held, Way.DOWNLOAD)
    if version == LATEST:
        version = str(moments.newest(await opened(desk, held)).version)
    served = await files.find(desk, held, version, name)
    await desk.noting(offered, desk.hub, held.grant, served.share, served.way)
    return await files.send(request, desk, held, served)


def _page(name: str, status: int, **values: Any) -> Response:
    style = (PAGES / "plain.css").read_text(encoding="utf-8")
    html = _templates().get_template(name).render(style=style, **values)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
