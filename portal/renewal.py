"""A portal runs for months: contracts and officers that change meanwhile hold within seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from anyio import sleep, to_thread
from fastapi import FastAPI

from portal.desk import Desk
from portal.guard import log
from portal.known import Known
from schemas.catalog import load_catalog
from schemas.problems import CatalogInvalid

EVERY_S = 5

Stamp = frozenset[tuple[str, int, int]]


async def renew(app: FastAPI, every_s: float = EVERY_S) -> None:
    """Watch the catalog's files for ever, and give the application a new desk when they change.

    A catalog that cannot be read leaves the last good one in force, and is told once.
    """
    desk: Desk = app.state.desk
    seen = await to_thread.run_sync(stamp, desk.hub.settings.catalog)
    while True:
        await sleep(every_s)
        now = await to_thread.run_sync(stamp, desk.hub.settings.catalog)
        if now == seen:
            continue
        seen = now
        try:
            app.state.desk = await to_thread.run_sync(renewed, app.state.desk)
            log.info("the catalog was read anew")
        except CatalogInvalid:
            log.error("the catalog has changed and is invalid: the last good one is in force")


def renewed(desk: Desk) -> Desk:
    """The same desk with the catalog as it is now; raises `CatalogInvalid`."""
    chosen = desk.hub.settings
    catalog = load_catalog(chosen.catalog, chosen.home)
    return replace(desk, hub=replace(desk.hub, catalog=catalog), known=Known())


def stamp(root: Path) -> Stamp:
    """Names, times and sizes of the catalog's files."""
    found = set()
    for path in root.rglob("*"):
        if path.suffix in (".yaml", ".yml", ".csv"):
            try:
                told = path.stat()
            except FileNotFoundError:
                continue  # just replaced
            found.add((str(path), told.st_mtime_ns, told.st_size))
    return frozenset(found)
