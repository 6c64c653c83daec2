"""A portal that runs takes up a changed catalog by itself, and outlives a broken one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import FastAPI

from portal.desk import Desk
from portal.renewal import renew, stamp
from tests.portal.open_portal import desk, make_hub
from tests.shares.world import DATASET


def test_a_changed_contract_holds_and_a_broken_one_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hub = make_hub(tmp_path)
    path = hub.settings.catalog / "contracts/dataset/people.odcs.yaml"
    app: Any = FastAPI()
    app.state.desk = first = desk(hub)

    async def until(is_so: Callable[[Desk], bool]) -> None:
        with anyio.fail_after(20):
            while not is_so(app.state.desk):
                await asyncio.sleep(0.02)

    async def play() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(renew, app, stamp(hub.settings.catalog), 0.02)
            path.write_text(DATASET.replace("人员总表", "另一个名字"), encoding="utf-8")
            await until(lambda now: now.hub.dataset("people").title == "另一个名字")
            kept = app.state.desk
            path.write_text("kind: [broken", encoding="utf-8")
            await until(lambda _: "is invalid" in caplog.text)
            path.write_bytes(b"\xff\xfe")
            path.chmod(0)
            await until(lambda _: caplog.text.count(" in force") + caplog.text.count("read:") > 1)
            assert app.state.desk is kept
            path.chmod(0o600)
            path.write_text(DATASET, encoding="utf-8")
            await until(lambda now: now.hub.dataset("people").title == "人员总表")
            tasks.cancel_scope.cancel()

    asyncio.run(play())
    assert app.state.desk.progress is first.progress
    assert app.state.desk.turned_away is first.turned_away
    assert app.state.desk.known is not first.known


def test_only_files_of_the_catalog_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("1")
    before = stamp(tmp_path)
    (tmp_path / "a.yaml~").write_text("2")
    assert stamp(tmp_path) == before
    (tmp_path / "b.csv").write_text("3")
    assert stamp(tmp_path) != before
