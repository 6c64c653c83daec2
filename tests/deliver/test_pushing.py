"""A round of deliveries: releases, recall notices, files for those who pull."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from hub import clocks
from hub.channels.tables import table_of
from hub.ledger.recalls import Correction, Look, add_correction, enter
from hub.ledger.sharing_tables import clock
from hub.opened import Hub
from hub.pushing import push, pushes
from hub.recalls import COLUMNS
from hub.records import Grant, Recall
from hub.shares import record_ids
from hub.steps import deliver
from schemas.clocks import Duty
from schemas.sharing import Sharing, Way
from tests.deliver.town import granted, inboxes, people, publish, town, with_inbox
from tests.shares.world import NOW


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = town(tmp_path, inboxes(tmp_path))
    yield replace(made, catalog=replace(made.catalog, sharing=Sharing(supervisor="office")))
    made.store.close()
    made.ledger.engine.dispose()


def recalled(hub: Hub, grant: Grant, number: int = 1) -> str:
    """A notice that one field of one record was wrong up to release 1."""
    name = f"{number:064x}"
    (record,) = record_ids(hub, grant, ["P000003"]).values()
    said = {"recall_id": name, "grant_id": grant.id, "first_version": 1, "mended_in": 2}
    row = {**said, "record_id": record, "field": "full_name", "change": "updated"}
    uri = f"recalls/{name}.parquet"
    with hub.store.writing(uri) as path:
        pq.write_table(pa.Table.from_pylist([{**row, "now_record": None}], COLUMNS), path)
    notice = Recall(
        name, "people/2", grant.id, "people", 1, 2, "steward", None, {"full_name": 1}, 1, uri, NOW
    )
    with hub.ledger.writing() as connection:
        add_correction(connection, Correction("people/2", "people", 2, 1, uri), NOW)
        enter(connection, Look("people/2", grant.id, "1"), [notice], NOW)
    return name


def notices(folder: Path) -> int:
    with sqlite3.connect(folder / "inbox.db") as connection:
        return int(connection.execute("SELECT count(*) FROM hub_recall").fetchone()[0])


def test_a_notice_goes_to_every_inbox_of_its_grant_and_once(hub: Hub, tmp_path: Path) -> None:
    grant = granted(hub, Way.FILE, Way.DATABASE)
    publish(hub, people(20))
    assert len(deliver(hub, "people", NOW).delivered) == 2
    name = recalled(hub, grant)
    assert pushes(hub, "people") == [(grant.id, Way.DATABASE), (grant.id, Way.FILE)]
    for _ in range(2):
        assert deliver(hub, "people", NOW).faults == {}
        assert notices(tmp_path) == 1
        assert (tmp_path / "files/people" / grant.id / "recalls" / f"{name}.json").is_file()
        assert pushes(hub, "people") == []


def test_a_grant_that_has_ended_gets_its_notices_and_no_rows(hub: Hub, tmp_path: Path) -> None:
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(20, 1))
    deliver(hub, "people", NOW)
    publish(hub, people(30, 2))
    recalled(hub, grant)
    late = replace(hub, now=lambda: grant.expires_at + timedelta(days=1))
    done = deliver(late, "people", NOW)
    assert (done.delivered, done.faults) == ([], {})
    assert notices(tmp_path) == 1
    with sqlite3.connect(tmp_path / "inbox.db") as connection:
        query = "SELECT version FROM hub_delivery WHERE grant_id = ?"
        assert connection.execute(query, [grant.id]).fetchone()[0] == 1


def test_one_inbox_out_of_reach_stops_no_other(hub: Hub, tmp_path: Path) -> None:
    first, second = granted(hub, Way.FILE), granted(hub, Way.DATABASE)
    publish(hub, people(20))
    (tmp_path / "files").rmdir()
    done = deliver(hub, "people", NOW)
    assert list(done.faults) == [f"{first.id} file"]
    assert [one.grant_id for one in done.delivered] == [second.id]
    (tmp_path / "files").mkdir()
    assert [one.grant_id for one in deliver(hub, "people", NOW).delivered] == [first.id]


def test_the_clock_of_the_first_delivery_stops_when_the_data_flow(hub: Hub) -> None:
    pulls, pushed = granted(hub, Way.PULL), granted(hub, Way.DATABASE)
    with hub.ledger.writing() as connection:
        for grant in (pulls, pushed):
            clocks.start(hub, connection, "delivery", grant.id, Duty.DELIVER, "office")
    assert len(clocks.running(hub)) == 2
    deliver(hub, "people", NOW)  # nothing is released
    assert len(clocks.running(hub)) == 2
    publish(hub, people(20))
    deliver(hub, "people", NOW)
    assert clocks.running(hub) == []
    with hub.ledger.reading() as connection:
        assert None not in connection.execute(select(clock.c.stopped_on)).scalars().all()
    assert list(
        hub.store.path(
            "shared",
        ).rglob("rows-*.parquet")
    )


def test_tables_of_two_grants_of_one_subscriber_stand_beside_each_other(
    hub: Hub, tmp_path: Path
) -> None:
    grants = [granted(hub, Way.DATABASE) for _ in range(2)]
    publish(hub, people(20))
    deliver(hub, "people", NOW)
    ids = []
    with sqlite3.connect(tmp_path / "inbox.db") as connection:
        for grant in grants:
            query = f"SELECT record_id FROM {table_of('people', grant.id)}"
            ids.append({row[0] for row in connection.execute(query)})
    assert len(ids[0]) == len(ids[1]) and not ids[0] & ids[1], (
        "record ids of one grant mean nothing"
    )


def test_a_push_without_an_inbox_is_that_grants_fault(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(5))
    bare = with_inbox(hub, None)
    assert "no inbox" in deliver(bare, "people", NOW).faults[f"{grant.id} database"]
    assert push(hub, grant.id, Way.DATABASE)
