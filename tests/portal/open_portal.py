"""A portal on loopback around a small hub, and what opens it."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import update

from hub.ledger.grants import add_credential
from hub.ledger.tables import release as release_table
from hub.opened import Hub
from hub.records import Credential, Grant, Release
from portal.app import app_of
from portal.desk import Desk
from portal.links import Signer
from schemas.sharing import Condition, GrantedField, Partial, Pseudonym, Terms, Way
from tests.servers.process import free_port
from tests.shares.world import NOW, make_grant, make_hub, make_release

KEY = b"k" * 32
SECRETS = ("绝密",)
"""Values that no grant of these tests shows."""

TERMS = Terms(
    fields=(
        GrantedField(name="number", mask=Pseudonym()),
        GrantedField(name="full_name", mask=Partial(first=1)),
        GrantedField(name="division"),
        GrantedField(name="born_on"),
        GrantedField(name="seen_at"),
        GrantedField(name="visits"),
        GrantedField(name="amount"),
        GrantedField(name="weight"),
        GrantedField(name="alive"),
        GrantedField(name="opens_at"),
        GrantedField(name="remarks"),
        GrantedField(name="备注"),
    ),
    rows=(Condition(field="division", one_of=("990101",)),),
    ways=(Way.PULL, Way.DOWNLOAD),
    history=True,
)


def person(number: int, visits: int = 0, division: str = "990101", **more: Any) -> dict[str, Any]:
    """One golden row; every seventh has a null in each column but the keys."""
    row = {
        "entity_id": f"E{number:08d}",
        "number": f"990101{1950 + number % 60}0101{number % 1000:03d}X",
        "full_name": f"张三丰{number}",
        "division": division,
        "born_on": date(1950 + number % 60, 1, 1),
        "seen_at": datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(seconds=number),
        "visits": visits,
        "amount": Decimal(number).scaleb(-2),
        "weight": number / 3,
        "alive": number % 2 == 0,
        "opens_at": "08:30:00",
        "remarks": json.dumps({"n": number}),
        "payee_entity_id": f"E{number + 1:08d}",
        "secret": SECRETS[0],
        "备注": f'行{number}\u2028，"引"',
    }
    if number % 7 == 0:
        row |= dict.fromkeys(("born_on", "seen_at", "amount", "weight", "alive", "备注"))
    return {**row, **more}


def town(size: int, day: int = 1) -> list[dict[str, Any]]:
    """The rows of one day: each day a row comes, one goes, one moves in, and some change."""
    rows = []
    for number in range(day, size + day):
        moved = number == size // 2 + day - 1
        division = "990102" if number % 5 == 0 and not (moved and day > 1) else "990101"
        rows.append(person(number, visits=day if number % 10 == day else 0, division=division))
    return rows


def release_day(hub: Hub, rows: list[dict[str, Any]], day: int) -> Release:
    """Publish rows as of noon of a day of February 2026."""
    made = make_release(hub, rows)
    at = datetime(2026, 2, day, 12, tzinfo=UTC)
    with hub.ledger.writing() as connection:
        connection.execute(
            update(release_table)
            .where(release_table.c.version == made.version)
            .values(created_at=at)
        )
    return replace(made, created_at=at)


def open_grant(hub: Hub, terms: Terms = TERMS, **more: Any) -> tuple[Grant, str]:
    """A grant with a token that opens it; the token is of this test alone."""
    grant = make_grant(hub, terms, **more)
    return grant, add_token(hub, grant)


def add_token(hub: Hub, grant: Grant, days: int = 20, now: datetime | None = None) -> str:
    """Another token of a grant, as `hub grant credential` would make it."""
    token = secrets.token_urlsafe(32)
    began = (now or hub.now()) - timedelta(minutes=1)
    made = Credential(
        f"C{secrets.token_hex(8)}", grant.id, "li", began, began + timedelta(days=days)
    )
    with hub.ledger.writing() as connection:
        add_credential(connection, made, hashlib.sha256(token.encode()).hexdigest())
    return token


def desk(hub: Hub, lifetime_s: int = 900) -> Desk:
    """The desk of a hub; its clock is the hub's."""
    return Desk(hub, Signer(KEY, lifetime_s))


@contextmanager
def listening(at: Desk) -> Iterator[str]:
    """The portal's address while it listens."""
    port = free_port()
    config = uvicorn.Config(app_of(at), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the portal did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def profile(folder: Path, url: str, token: str) -> str:
    """A profile file of the official client."""
    path = folder / f"{secrets.token_hex(4)}.share"
    document = {
        "shareCredentialsVersion": 1,
        "endpoint": f"{url}/delta-sharing",
        "bearerToken": token,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


__all__ = [
    "NOW",
    "TERMS",
    "add_token",
    "desk",
    "listening",
    "make_hub",
    "open_grant",
    "person",
    "profile",
    "release_day",
    "town",
]
