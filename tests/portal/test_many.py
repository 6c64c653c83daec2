"""Fifty subscribers at once read one release through a real `hub serve`, in flat memory."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import delta_sharing
import httpx
import pytest

from hub.ledger.grants import end_grant
from hub.ledger.receipts import deliveries_of, receipts_of
from tests.portal.open_portal import make_hub, open_grant, profile, release_day, town
from tests.portal.serving import MIB, fetch, serving

pytestmark = [pytest.mark.slow, pytest.mark.server]

SUBSCRIBERS = 50
ROUNDS = 5
ROWS = 10_000
GROWTH = 44 * MIB
"""Fifty pieces on their way, threads, the ledger's pages; several times that is sent."""


def test_fifty_subscribers_at_once(tmp_path: Path) -> None:
    hub = replace(make_hub(tmp_path), now=lambda: datetime.now(UTC))
    release_day(hub, town(ROWS), 1)
    began = {"granted_at": hub.now(), "expires_at": hub.now() + timedelta(days=9)}
    grants = [open_grant(hub, **began) for _ in range(SUBSCRIBERS)]
    tables = [f"/shares/tax/schemas/people/tables/{grant.id}" for grant, _ in grants]
    with serving(hub, tmp_path) as portal, ThreadPoolExecutor(SUBSCRIBERS) as crowd:

        def subscriber(number: int, rounds: int = ROUNDS) -> tuple[int, int]:
            with httpx.Client(timeout=120) as client:
                got = [
                    fetch(client, portal.url, tables[number], grants[number][1])
                    for _ in range(rounds)
                ]
            assert len(set(got)) == 1
            return got[0][0], sum(size for _, size in got)

        subscriber(0)
        before = portal.rss()
        done = list(crowd.map(subscriber, range(SUBSCRIBERS)))
        grown = portal.rss() - before
        sent = sum(size for _, size in done)
        assert {rows for rows, _ in done} == {ROWS * 4 // 5}
        assert sent > 2 * GROWTH
        assert grown < GROWTH, f"{grown // MIB} MiB for {sent // MIB} MiB sent"

        # Another crowd costs nothing more: nothing is kept of the first.
        middle = portal.rss()
        list(crowd.map(lambda number: subscriber(number, 1), range(SUBSCRIBERS)))
        assert portal.rss() - middle < 16 * MIB

        grant, token = grants[7]
        address = f"{profile(tmp_path, portal.url, token)}#tax.people.{grant.id}"
        assert len(delta_sharing.load_as_pandas(address)) == done[7][0]
        with hub.ledger.writing() as connection:
            end_grant(connection, grant.id, hub.now(), "li", "purpose met")
        with pytest.raises(Exception, match="401"):
            delta_sharing.load_as_pandas(address)

    assert {len(receipts_of(hub.ledger, grant.id)) for grant, _ in grants} == {1}
    assert len(deliveries_of(hub.ledger)) == SUBSCRIBERS
    log = portal.log.read_text("utf-8")
    assert "Traceback" not in log
    for _, token in grants:
        assert token not in log
    assert "X-Amz" not in log and "Expires" not in log
    shutil.rmtree(tmp_path / "home" / "store", ignore_errors=True)
