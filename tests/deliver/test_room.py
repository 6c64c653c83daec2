"""From a grant and a release to rows at the subscriber and a signed receipt."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import update

from hub.channels.files import MANIFEST
from hub.channels.tables import table_of
from hub.deliver import deliver, due, fetched, offered, tell
from hub.errors import DecisionError, DeliveryError
from hub.ledger import open_ledger
from hub.ledger import receipts as ledger
from hub.ledger.audit_tables import audit_event
from hub.ledger.sharing_tables import share_grant
from hub.opened import Hub
from hub.records import Grant, SharedFile
from hub.shares import changes, rows
from hub.signing import public_keys, verify
from schemas.sharing import Inbox, Way
from tests.deliver.town import granted, inboxes, people, publish, town, with_inbox


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = town(tmp_path, inboxes(tmp_path))
    yield made
    made.store.close()
    made.ledger.engine.dispose()


def events(hub: Hub, kind: str) -> list[dict[str, Any]]:
    with hub.ledger.reading() as connection:
        query = audit_event.select().where(audit_event.c.kind == kind).order_by(audit_event.c.seq)
        return [json.loads(row.body)["detail"] for row in connection.execute(query)]


def received(hub: Hub, grant: Grant) -> list[int]:
    """The versions that the subscriber has received, in the order of their deliveries."""
    known = ledger.deliveries_of(hub.ledger, grant.id)
    return [delivery.version for delivery in known if delivery.received_at is not None]


def at_subscriber(hub: Hub, grant: Grant) -> dict[str, tuple[Any, ...]]:
    """The table of a grant in the subscriber's SQLite, by record id."""
    inbox = hub.catalog.departments["tax"].inbox
    assert inbox and inbox.database
    with sqlite3.connect(inbox.database.url.removeprefix("sqlite:///")) as connection:
        table = table_of(grant.dataset, grant.id)
        query = f"SELECT record_id, number, full_name, visits FROM {table}"
        return {row[0]: row for row in connection.execute(query)}


def shown(hub: Hub, grant: Grant, version: int) -> dict[str, tuple[Any, ...]]:
    """What the grant shows of a release."""
    found = {}
    for file in rows(hub, grant, version).files:
        for row in pq.read_table(hub.store.path(file.uri)).to_pylist():
            key = row["record_id"]
            found[key] = (key, row["number"], row["full_name"], row["visits"])
    return found


def test_a_database_receives_each_release_with_a_receipt_that_verifies(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    assert deliver(hub, grant.id, Way.DATABASE) is None  # nothing is released yet
    for version in (1, 2, 3):
        publish(hub, people(500, version))
        done = deliver(hub, grant.id, Way.DATABASE)
        assert done
        assert (done.version, done.base) == (version, version - 1 or None)
        assert at_subscriber(hub, grant) == shown(hub, grant, version)
        receipt = ledger.receipt_of(hub.ledger, done.receipt)
        assert verify(receipt.document, public_keys(hub.settings.home)) is None
        told = receipt.document["document"]
        assert (told["grant"], told["version"], told["way"]) == (grant.id, version, "database")
        assert told["content"] == ("rows" if version == 1 else "changes")
    assert received(hub, grant) == [1, 2, 3]
    assert [one["version"] for one in events(hub, "data_delivered")] == [1, 2, 3]


def test_the_subscriber_gets_the_receipts_and_one_held_back_with_the_next(
    hub: Hub, tmp_path: Path
) -> None:
    grant = granted(hub, Way.DATABASE, Way.FILE)
    for version in (1, 2):
        publish(hub, people(50, version))
        for way in (Way.DATABASE, Way.FILE):
            assert deliver(hub, grant.id, way)
        if version == 1:
            (held_back,) = (tmp_path / "files/people" / grant.id / "receipts").iterdir()
            held_back.unlink()
    keys = public_keys(hub.settings.home)
    files = sorted((tmp_path / "files/people" / grant.id / "receipts").iterdir())
    with sqlite3.connect(tmp_path / "inbox.db") as connection:
        query = "SELECT document FROM hub_receipt ORDER BY version"
        listed = [json.loads(text) for (text,) in connection.execute(query)]
    for found in ([json.loads(path.read_text("utf-8")) for path in files], listed):
        assert [one["document"]["version"] for one in found] == [1, 2]
        assert all(verify(one, keys) is None for one in found)


@pytest.mark.slow
def test_releases_that_were_missed_come_in_one_delivery(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(300, 1))
    deliver(hub, grant.id, Way.DATABASE)
    for version in (2, 3, 4):
        publish(hub, people(300, version))
    done = deliver(hub, grant.id, Way.DATABASE)
    assert done
    assert (done.version, done.base) == (4, 1)
    assert at_subscriber(hub, grant) == shown(hub, grant, 4)


def test_delivered_again_is_received_once(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE, Way.FILE)
    publish(hub, people(100))
    for way in (Way.DATABASE, Way.FILE):
        first, second = (deliver(hub, grant.id, way) for _ in range(2))
        assert first and second
        assert (first.already, second.already) == (False, True)
        assert first.receipt == second.receipt
    assert len(ledger.receipts_of(hub.ledger)) == len(events(hub, "data_delivered")) == 2
    assert due(hub, "people") == []


def test_a_delivery_that_the_ledger_forgot_is_recognised_by_the_inbox(hub: Hub) -> None:
    """As after a kill between the subscriber's commit and the ledger's."""
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(100, 1))
    deliver(hub, grant.id, Way.DATABASE)
    publish(hub, people(100, 2))
    whole = replace(hub, ledger=_Forgetful(hub.ledger))
    with pytest.raises(ConnectionError):
        deliver(whole, grant.id, Way.DATABASE)
    assert at_subscriber(hub, grant) == shown(hub, grant, 2)
    assert received(hub, grant) == [1]
    done = deliver(hub, grant.id, Way.DATABASE)
    assert done
    assert (done.already, done.base) == (True, 1)
    told = ledger.receipt_of(hub.ledger, done.receipt).document["document"]
    assert (told["content"], told["base"]) == ("changes", 1)


class _Forgetful:
    """A ledger that is gone when the receipt is to be written."""

    def __init__(self, real: Any) -> None:
        self.real, self.writes = real, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def writing(self) -> Any:
        self.writes += 1
        # begun, the share noted, base noted, then the receipt
        if self.writes == 4:
            raise ConnectionError
        return self.real.writing()


def test_files_come_in_the_form_that_the_inbox_asks_for(hub: Hub, tmp_path: Path) -> None:
    grant = granted(hub, Way.FILE)
    publish(hub, people(50))
    other = with_inbox(hub, inboxes(tmp_path, form="csv"))
    done = deliver(other, grant.id, Way.FILE)
    assert done
    folder = tmp_path / "files" / "people" / grant.id / "v000001"
    (file,) = json.loads((folder / MANIFEST).read_text())["files"]
    with (folder / file["name"]).open(encoding="utf-8-sig") as text:
        listed = list(csv.DictReader(text))
    assert {row["record_id"] for row in listed} == set(shown(hub, grant, 1))
    told = ledger.receipt_of(hub.ledger, done.receipt).document["document"]["files"]
    assert told == [{name: file[name] for name in ("name", "sha256", "bytes", "rows")}]
    assert "nobody" not in (folder / file["name"]).read_text("utf-8")


def test_files_hold_all_rows_or_the_changes_as_the_inbox_asks(hub: Hub, tmp_path: Path) -> None:
    grant = granted(hub, Way.FILE)
    other = with_inbox(hub, inboxes(tmp_path, content="changes"))
    publish(hub, people(100, 1))
    deliver(other, grant.id, Way.FILE)
    publish(hub, people(100, 2))
    done = deliver(other, grant.id, Way.FILE)
    assert done and done.base == 1
    manifest = tmp_path / "files" / "people" / grant.id / "v000002" / MANIFEST
    told = json.loads(manifest.read_text())
    assert (told["content"], told["base"]) == ("changes", 1)
    assert done.rows == changes(hub, grant, 2).rows


def test_an_ended_grant_delivers_nothing(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(10))
    late = replace(hub, now=lambda: grant.expires_at)
    assert due(late, "people") == []
    with pytest.raises(DecisionError, match="not active"):
        deliver(late, grant.id, Way.DATABASE)
    assert ledger.deliveries_of(hub.ledger) == []


def test_a_grant_revoked_during_the_delivery_delivers_nothing(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(10))
    ended: list[Any] = []

    def now() -> Any:
        made = list(hub.store.path("shared").rglob("*.parquet"))
        if made and not ended:
            ended.append(hub.now())
            with hub.ledger.writing() as connection:
                connection.execute(update(share_grant).values(ended_at=hub.now()))
        return hub.now()

    with pytest.raises(DecisionError, match="not active"):
        deliver(replace(hub, now=now), grant.id, Way.DATABASE)
    assert at_subscriber(hub, grant) == {}
    (left,) = ledger.deliveries_of(hub.ledger)
    assert (left.state, left.error) == ("failed", "DecisionError")


def test_a_way_that_was_not_granted_is_refused(hub: Hub) -> None:
    grant = granted(hub, Way.PULL, Way.DATABASE)
    publish(hub, people(10))
    assert [one.way for one in due(hub, "people")] == [Way.DATABASE]
    for way in (Way.FILE, Way.PULL):
        with pytest.raises(DecisionError, match="does not allow"):
            deliver(hub, grant.id, way)


def test_an_inbox_out_of_reach_fails_its_own_delivery_and_is_tried_again(
    hub: Hub, tmp_path: Path
) -> None:
    grant = granted(hub, Way.FILE)
    publish(hub, people(10))
    gone = with_inbox(hub, inboxes(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere" / "files").rmdir()
    for attempt in (1, 2):
        with pytest.raises(DeliveryError) as raised:
            deliver(gone, grant.id, Way.FILE)
        assert raised.value.transient
        (left,) = ledger.deliveries_of(hub.ledger)
        assert (left.state, left.attempts, left.error) == ("failed", attempt, "DeliveryError")
    assert [one.grant_id for one in due(hub, "people")] == [grant.id]
    assert deliver(hub, grant.id, Way.FILE)
    assert due(hub, "people") == []


def test_without_an_inbox_the_error_names_the_department(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(10))
    for inbox in (None, Inbox()):
        with pytest.raises(DeliveryError, match="tax has no inbox for database"):
            deliver(with_inbox(hub, inbox), grant.id, Way.DATABASE)


def test_an_inbox_of_another_hub_is_written_whole(hub: Hub, tmp_path: Path) -> None:
    """Ids and versions may be the same there; the deliveries are not."""
    grant = granted(hub, Way.DATABASE)
    publish(hub, people(100, 1))
    deliver(hub, grant.id, Way.DATABASE)
    other = town(tmp_path / "other", hub.catalog.departments["tax"].inbox)
    theirs = granted(other, Way.DATABASE, granted_at=grant.granted_at - timedelta(days=1))
    publish(other, people(90, 3))
    assert theirs.id == grant.id
    done = deliver(other, theirs.id, Way.DATABASE)
    assert done and done.base is None
    assert at_subscriber(other, theirs) == shown(other, theirs, 1)


def test_what_is_pulled_is_offered_once_fetched_and_proved(hub: Hub) -> None:
    grant = granted(hub, Way.PULL)
    publish(hub, people(100))
    share = rows(hub, grant, 1)
    assert offered(hub, grant, share, Way.PULL) == offered(hub, grant, share, Way.PULL)
    assert len(events(hub, "data_offered")) == 1
    assert ledger.receipts_of(hub.ledger) == []
    (file,) = share.files
    first = fetched(hub, grant, share, Way.PULL, file)
    assert first == fetched(hub, grant, share, Way.PULL, file)
    (receipt,) = ledger.receipts_of(hub.ledger)
    assert receipt.id == first
    assert verify(receipt.document, public_keys(hub.settings.home)) is None
    assert len(events(hub, "data_fetched")) == 2
    assert len(events(hub, "data_delivered")) == 1


def test_a_share_of_several_files_is_received_with_the_last(hub: Hub) -> None:
    grant = granted(hub, Way.PULL)
    publish(hub, people(100))
    share = rows(hub, grant, 1)
    two = replace(share, files=(share.files[0], replace(share.files[0], sha256="f" * 64)))
    assert fetched(hub, grant, two, Way.PULL, two.files[1]) is None
    assert fetched(hub, grant, two, Way.PULL, two.files[1]) is None
    assert fetched(hub, grant, two, Way.PULL, two.files[0])


def test_a_download_is_proved_as_it_was_sent(hub: Hub) -> None:
    grant = granted(hub, Way.DOWNLOAD)
    publish(hub, people(100))
    share = rows(hub, grant, 1)
    sent = SharedFile("G2026-000001-1-rows.csv", "c" * 64, 7, share.rows)
    other = replace(sent, uri="G2026-000001-1-rows.xlsx", sha256="d" * 64)
    assert fetched(hub, grant, share, Way.DOWNLOAD, sent)
    assert fetched(hub, grant, share, Way.DOWNLOAD, other)
    (receipt,) = ledger.receipts_of(hub.ledger)
    assert receipt.document["document"]["files"] == [
        {"name": sent.uri, "sha256": sent.sha256, "bytes": 7, "rows": share.rows}
    ]
    told = [event["file"] for event in events(hub, "data_fetched")]
    assert told == [sent.sha256, other.sha256]


def test_no_recall_means_no_connection(hub: Hub) -> None:
    grant = granted(hub, Way.DATABASE)
    tell(with_inbox(hub, None), grant.id, Way.DATABASE, [])


@pytest.mark.server
def test_files_fetched_at_once_make_one_receipt(
    hub: Hub, postgres_database: str, tmp_path: Path
) -> None:
    """On PostgreSQL, whose writers do not wait for each other."""
    served = replace(hub, ledger=open_ledger(postgres_database, tmp_path / "served"))
    grant = granted(served, Way.PULL)
    publish(served, people(100))
    share = rows(served, grant, 1)
    parts = [f"{number:064x}" for number in range(6)]
    files = tuple(replace(share.files[0], sha256=part) for part in parts)
    gate = Barrier(len(parts))

    def fetch(part: SharedFile) -> str | None:
        gate.wait(120)
        return fetched(served, grant, replace(share, files=files), Way.PULL, part)

    with ThreadPoolExecutor(len(parts)) as pool:
        found = [one for one in pool.map(fetch, files) if one]
    assert len(found) == len(ledger.receipts_of(served.ledger)) == 1
    assert len(events(served, "data_offered")) == len(events(served, "data_delivered")) == 1
    assert len(events(served, "data_fetched")) == len(parts)
    assert deliver(served, granted(served, Way.DATABASE).id, Way.DATABASE)
    served.ledger.engine.dispose()
