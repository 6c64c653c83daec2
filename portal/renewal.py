"""A portal runs for months: contracts and officers that change meanwhile hold within seconds."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from anyio import sleep, to_thread
from fastapi import FastAPI

from hub.errors import unforeseen
from portal.desk import Desk
from portal.guard import log
from portal.known import Known
from schemas.catalog import load_catalog
from schemas.problems import CatalogInvalid

EVERY_S = 5

Stamp = frozenset[tuple[str, int, int]]


async def renew(app: FastAPI, seen: Stamp, every_s: float = EVERY_S) -> None:
    """Watch the catalog's files for ever, and give the application a new desk when they change.

    `seen` is their stamp from before the desk's catalog was read. A catalog that cannot be read
    leaves the last good one in force, and is told once for each change of it.
    """
    root = app.state.desk.hub.settings.catalog
    while True:
        await sleep(every_s)
        now = await to_thread.run_sync(stamp, root)
        if now == seen:
            continue
        seen = now
        try:
            app.state.desk = await to_thread.run_sync(renewed, app.state.desk)
            log.info("the catalog was read anew")
        except CatalogInvalid:
            log.error("the catalog has changed and is invalid: the last good one is in force")
        except Exception as error:  # whatever it is, the portal goes on with what it knows
            log.error("the catalog cannot be read: %s", unforeseen(error))


def renewed(desk: Desk) -> Desk:
    """The same desk with the catalog as it is now; raises `CatalogInvalid`."""
    chosen = desk.hub.settings
    catalog = load_catalog(chosen.catalog, chosen.home)
    return replace(desk, hub=replace(desk.hub, catalog=catalog), known=Known())


def stamp(root: Path) -> Stamp:
    """Names, times and sizes of the catalog's files; of one that is just being replaced, none."""
    found = set()
    for folder, _, names in os.walk(root):
        for path in (Path(folder, name) for name in names):
            if path.suffix in (".yaml", ".yml", ".csv"):
                with suppress(OSError):
                    told = path.stat()
                    found.add((str(path), told.st_mtime_ns, told.st_size))
    return frozenset(found)
