"""The application: `hub serve` runs it with uvicorn, tests build it around an open hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio import create_task_group
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from hub.errors import HubError
from hub.opened import Hub, open_hub
from hub.settings import settings
from portal import files, listing, notices, people, tables
from portal.answers import BadMethod, BadRequest, Missing, Refusal, answer_of, body_of
from portal.desk import Desk, desk_of, note_refusal
from portal.guard import Guard, log
from portal.links import signer
from portal.renewal import renew, stamp
from portal.settings import PortalSettings, portal_settings

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app() -> ASGIApp:
    """The portal of the home folder and catalog that the environment names.

    Raises `SettingsError` for settings that mean nothing.
    """
    chosen = portal_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        seen = stamp(settings().catalog)
        with open_hub() as hub:
            app.state.desk = desk_for(hub, chosen)
            async with create_task_group() as tasks:
                tasks.start_soon(renew, app, seen)
                yield
                tasks.cancel_scope.cancel()
            app.state.desk.turned_away.tell_all(hub)

    return _application(lifespan)


def app_of(desk: Desk) -> ASGIApp:
    """The portal around an open hub."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.desk = desk
        yield
        desk.turned_away.tell_all(desk.hub)

    return _application(lifespan)


def desk_for(hub: Hub, chosen: PortalSettings) -> Desk:
    """The desk of a hub, by the settings of the portal."""
    return Desk(hub, signer(hub.settings.home, chosen.link_s), chosen.url)


def _application(lifespan: Lifespan) -> ASGIApp:
    # No pages of FastAPI's own: they load scripts from other servers.
    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for module in (people, listing, tables, files, notices):
        app.include_router(module.router)
    for kind in (Refusal, HubError):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _fault)
    return Guard(app)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    answer = answer_of(error)
    if isinstance(error, Refusal):
        await note_refusal(desk_of(request), error)
    if answer.status >= 500:
        log.error("fault %s", type(error).__name__)
    headers = {"WWW-Authenticate": "Bearer"} if answer.status == 401 else None
    return JSONResponse(body_of(error), answer.status, headers)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw. It is raised again after this answer, and the guard logs it."""
    return JSONResponse(body_of(error), answer_of(error).status)


async def _no_route(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return await _answer(request, BadMethod() if status == 405 else Missing())


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    return await _answer(request, BadRequest())
