"""Two who do the same at the same time do it once."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.opened import open_hub
from hub.steps import check, collect, current_table

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: office.things
version: 1.0.0
status: active
schema:
  - name: things
    properties:
      - {name: number, logicalType: string, primaryKey: true}
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    supplies = tmp_path / "catalog/contracts/supply/office"
    supplies.mkdir(parents=True)
    (supplies / "things.odcs.yaml").write_text(CONTRACT)
    (tmp_path / "catalog/departments").mkdir()
    (tmp_path / "catalog/departments/office.yaml").write_text(
        "name: office\ntitle: {zh: 办公室, en: Office}\nnode: {url: 'sqlite:///${HUB_HOME}/a.db'}\n"
    )
    (tmp_path / "home").mkdir()
    with sqlite3.connect(tmp_path / "home/a.db") as office:
        office.executescript("CREATE TABLE things (number); INSERT INTO things VALUES (1), (2)")
    return tmp_path


def test_a_batch_checked_twice_at_once_keeps_its_rows(city: Path) -> None:
    with open_hub(city / "home", city / "catalog") as hub:
        (batch,) = collect(hub, "office/things", datetime(2026, 3, 1, tzinfo=UTC))
        waiting = threading.Barrier(3)

        def one_of_two() -> int:
            waiting.wait()
            return check(hub, batch).counts.accepted

        with ThreadPoolExecutor(2) as pool:
            with hub.ledger.alone("check-office/things"):
                found = [pool.submit(one_of_two) for _ in range(2)]
                waiting.wait()
                # Both have been told to begin; whoever asks for the state too early asks now.
                assert not any(future.done() for future in found)
                threading.Event().wait(0.3)
            assert [future.result() for future in found] == [2, 2]
        with hub.store.connect() as connection:
            table = current_table(hub, "office/things")
            assert connection.sql(f"SELECT count(*) FROM ({table.sql})").fetchall() == [(2,)]
