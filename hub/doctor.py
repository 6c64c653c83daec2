"""Looks at everything that the hub stands on and says what to do about what is wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from hub.channels import open_channel
from hub.channels.registry import PUSHED
from hub.errors import HubError
from hub.extract import front_end
from hub.ledger import Ledger, open_ledger
from hub.ledger.grants import grants_open
from hub.settings import Settings, settings
from hub.signing.keys import FOLDER, drawn
from hub.store import Store
from schemas.catalog import load_catalog
from schemas.contract import Catalog
from schemas.problems import CatalogInvalid

Finding = dict[str, str]
LOW_SPACE_BYTES = 2 * 1024**3
PORTAL_TIMEOUT_S = 10.0


def examine(home: Path, catalog_root: Path) -> list[Finding]:
    """One finding per thing looked at: state (good, bad), what, detail, remedy."""
    return list(_findings(home, catalog_root))


def _findings(home: Path, catalog_root: Path) -> Iterator[Finding]:
    chosen = settings(home, catalog_root)
    ledger: Ledger | None = None
    try:
        ledger = open_ledger(chosen.ledger_url, chosen.home)
        yield _good("ledger 账本", ledger.engine.dialect.name)
    except HubError as error:
        yield _bad("ledger 账本", str(error), "check HUB_LEDGER_URL and the database behind it")
    free = shutil.disk_usage(chosen.home).free
    space = f"{free / 1024**3:,.1f} GiB free"
    if free < LOW_SPACE_BYTES:
        yield _bad("disk 磁盘", space, "free some space, or move the home folder")
    else:
        yield _good("disk 磁盘", space)
    try:
        catalog = load_catalog(chosen.catalog, chosen.home)
    except CatalogInvalid as error:
        yield _bad("catalog 目录", str(error), "mend the file named; see hub catalog lint")
        return
    counted = f"{len(catalog.supplies)} supplies, {len(catalog.datasets)} datasets"
    yield _good("catalog 目录", counted)
    yield from _signing(chosen)
    yield from _front_ends(catalog, Store(chosen.home / "store"))
    if ledger is not None:
        yield from _inboxes(catalog, ledger)
        ledger.engine.dispose()
    yield from _portal(os.environ.get("HUB_PORTAL_URL", "").rstrip("/"))


def _signing(chosen: Settings) -> Iterator[Finding]:
    """The algorithm of the next key, tried out; and that nobody else can read the keys."""
    what = "signing 签名"
    try:
        drawn(chosen.signature)
    except HubError as error:
        yield _bad(what, str(error), "set HUB_SIGNATURE to ed25519, or install openssl 3 with SM2")
        return
    keys = chosen.home / FOLDER
    open_to_others = [p.name for p in keys.glob("*.pem") if p.stat().st_mode & 0o077]
    if open_to_others:
        yield _bad(what, f"others may read {open_to_others[0]}", f"chmod -R go= {keys}; rotate")
    else:
        yield _good(what, chosen.signature)


def _front_ends(catalog: Catalog, store: Store) -> Iterator[Finding]:
    first = {supply.department.name: supply for supply in reversed(catalog.supplies.values())}
    for name, supply in sorted(first.items()):
        what = f"front end 前置库 {name}"
        try:
            with front_end(supply, store) as source:
                columns = source.columns(supply)
            yield _good(what, f"{supply.name}: {len(columns)} columns")
        except HubError as error:
            yield _bad(what, str(error), f"check the node in departments/{name}.yaml")


def _inboxes(catalog: Catalog, ledger: Ledger) -> Iterator[Finding]:
    """Every inbox that something is pushed to under a grant of today."""
    pushed = {
        (grant.subscriber, way)
        for grant in grants_open(ledger, datetime.now(UTC))
        for way in grant.terms.ways
        if way in PUSHED
    }
    for name, way in sorted(pushed):
        what = f"inbox 收件箱 {name}, {way}"
        department = catalog.departments.get(name)
        if department is None:
            yield _bad(what, "the department is not in the catalog", "end its grants, or add it")
            continue
        try:
            with open_channel(department, way):
                yield _good(what, "reached")
        except HubError as error:
            yield _bad(what, str(error), f"check the inbox in departments/{name}.yaml")


def _portal(url: str) -> Iterator[Finding]:
    """The portal, where its address is known."""
    if not url:
        return
    try:
        answer = httpx.get(f"{url}/health", timeout=PORTAL_TIMEOUT_S)
        answer.raise_for_status()
        yield _good("portal 门户", url)
    except httpx.HTTPError as error:
        remedy = "start it with hub serve, or check HUB_PORTAL_URL and the proxy in front"
        yield _bad("portal 门户", f"{url}: {type(error).__name__}", remedy)


def _good(what: str, detail: str) -> Finding:
    return {"state": "good", "what": what, "detail": detail, "remedy": ""}


def _bad(what: str, detail: str, remedy: str) -> Finding:
    return {"state": "bad", "what": what, "detail": detail, "remedy": remedy}
