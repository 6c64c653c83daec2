"""An office with a log: events, checkpoints and receipts, made as the rooms make them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Connection, Integer, String, Table, Text, insert, select

from hub.canonical import canonical, digest_of
from hub.ledger import sharing_tables as tables
from hub.ledger.audit import Event, note
from hub.ledger.tables import UtcTime
from hub.opened import Hub, open_hub
from hub.proof import checkpoint, seal, signer_of

CATALOG = Path(__file__).parent.parent / "entities" / "catalog"
GRANT = "G2026-000001"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@contextmanager
def opened(home: Path) -> Iterator[Hub]:
    """A hub whose clock goes on by a second at every look."""
    ticks = iter(range(10**9))
    with open_hub(home, CATALOG) as hub:
        yield replace(hub, now=lambda: NOON + timedelta(seconds=next(ticks)))


def act(hub: Hub, subject: str, **detail: str) -> None:
    """Note one administrative act."""
    with hub.ledger.writing() as connection:
        note(
            connection,
            Event.ADMINISTRATIVE_ACT,
            subject=subject,
            by="王芳",
            at=hub.now(),
            act="tried",
            **detail,
        )


def add(connection: Connection, table: Table, now: datetime, **known: Any) -> None:
    """One row; columns that must not be empty and do not matter here get something."""
    blank = {String: "x", Text: "x", Integer: 0, BigInteger: 0, JSON: {}, UtcTime: now}
    wanted = [c for c in table.columns if not c.nullable and c.default is None]
    missing = {c.name: blank[type(c.type)] for c in wanted if c.name not in known}
    connection.execute(insert(table).values(**missing, **known))


def grant(hub: Hub) -> None:
    """A grant of which receipts can speak."""
    now = hub.now()
    with hub.ledger.writing() as connection:
        add(connection, tables.request, now, id="R2026-000001")
        add(connection, tables.share_grant, now, id=GRANT, request_id="R2026-000001")
        row = connection.execute(select(tables.share_grant)).one()
        note(
            connection,
            Event.GRANT_MADE,
            subject=GRANT,
            by="王芳",
            at=now,
            request=row.request_id,
            dataset=row.dataset,
            subscriber=row.subscriber,
            terms=digest_of(canonical(row.terms)),
            expires_at=row.expires_at.isoformat(timespec="seconds"),
        )


def deliver(hub: Hub, version: int) -> str:
    """One delivery with its event and receipt; the receipt's id."""
    by, name, now = signer_of(hub), f"D{version}", hub.now()
    with hub.ledger.writing() as connection:
        add(connection, tables.delivery, now, id=name, grant_id=GRANT, version=version)
        note(
            connection,
            Event.DATA_DELIVERED,
            subject=name,
            by="hub",
            at=now,
            department="tax",
            receipt=name,
            version=version,
        )
        document = seal(connection, by, {"id": name, "rows": 7, "subscriber": "tax"})
        keys = {"delivery_id": name, "grant_id": GRANT}
        add(connection, tables.receipt, now, id=name, document=document, **keys)
    return name


def work(hub: Hub) -> None:
    """24 events: 6 and 18 are deliveries, checkpoints at 10 and 24."""
    grant(hub)
    signer_of(hub)
    for n in range(4, 25):  # 1 is the catalog, 2 the grant, 3 the key
        if n in (6, 18):
            deliver(hub, n)
        else:
            act(hub, f"thing-{n}")
        if n in (10, 24):
            checkpoint(hub)


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of an office with a log of 24 events, two receipts and two checkpoints."""
    home = tmp_path_factory.mktemp("office")
    with opened(home) as hub:
        work(hub)
    return home


@pytest.fixture
def office(worked: Path, tmp_path: Path) -> Iterator[Hub]:
    """Such an office, one's own."""
    shutil.copytree(worked, tmp_path / "home")
    with opened(tmp_path / "home") as hub:
        yield hub
